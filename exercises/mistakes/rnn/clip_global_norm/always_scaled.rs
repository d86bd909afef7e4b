//! You scale short gradients up as well, to the length max. (R16) has min(1, ...): a gradient that
//! is short enough stays as it is.

use ndarray::Array2;

/// Clips in place; returns the norm before.
pub fn clip_global_norm(gradients: &mut [Array2<f64>], max: f64) -> f64 {
    let squares: f64 = gradients.iter().map(|g| g.mapv(|x| x * x).sum()).sum();
    let norm = squares.sqrt();
    let factor = max / (norm + 1e-6); // (R16)
    for g in gradients.iter_mut() {
        *g *= factor;
    }
    norm
}
