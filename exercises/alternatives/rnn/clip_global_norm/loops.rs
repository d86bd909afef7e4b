//! Loops over the entries.

use ndarray::Array2;

/// Clips in place; returns the norm before.
pub fn clip_global_norm(gradients: &mut [Array2<f64>], max: f64) -> f64 {
    let mut squares = 0.0;
    for g in gradients.iter().rev() {
        for &x in g {
            squares += x * x;
        }
    }
    let norm: f64 = f64::sqrt(squares);
    if norm + 1e-6 > max {
        for g in gradients.iter_mut() {
            g.iter_mut().for_each(|x| *x = *x * max / (norm + 1e-6));
        }
    }
    norm
}
