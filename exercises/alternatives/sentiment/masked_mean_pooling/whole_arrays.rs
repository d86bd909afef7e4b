//! Masks as arrays of three axes.

use ndarray::{Array2, Array3, Axis, s};

/// The mean state of each review, (B, H).
pub fn masked_mean(h: &Array3<f64>, mask: &Array2<f64>) -> Array2<f64> {
    let wide = mask.view().insert_axis(Axis(2)); // (T, B, 1)
    let sums = (h * &wide).sum_axis(Axis(0)); // (B, H)
    sums / &wide.sum_axis(Axis(0))
}

/// The gradient of every state, (T, B, H).
pub fn masked_mean_backward(d_mean: &Array2<f64>, mask: &Array2<f64>) -> Array3<f64> {
    let (steps, batch) = mask.dim();
    Array3::from_shape_fn((steps, batch, d_mean.ncols()), |(t, b, j)| {
        let count: f64 = (0..steps).map(|s| mask[[s, b]]).sum();
        d_mean[[b, j]] * mask[[t, b]] / count
    })
}
