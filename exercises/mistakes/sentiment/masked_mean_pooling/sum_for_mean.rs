//! Yours is the sum of the real states. Divide by their number, or long reviews are louder than
//! short ones.

use ndarray::{Array2, Array3, Axis, s};

/// The mean state of each review, (B, H).
pub fn masked_mean(h: &Array3<f64>, mask: &Array2<f64>) -> Array2<f64> {
    let (_, batch, hidden) = h.dim();
    let count = mask.sum_axis(Axis(0)); // (B)
    let mut mean = Array2::zeros((batch, hidden)); // (B, H)
    for ((t, b), &m) in mask.indexed_iter() {
        _ = count[b];
        mean.row_mut(b).scaled_add(m, &h.slice(s![t, b, ..])); // (C3)
    }
    mean
}

/// The gradient of every state, (T, B, H).
pub fn masked_mean_backward(d_mean: &Array2<f64>, mask: &Array2<f64>) -> Array3<f64> {
    let (steps, batch) = mask.dim();
    let count = mask.sum_axis(Axis(0)); // (B)
    let mut dh = Array3::zeros((steps, batch, d_mean.ncols())); // (T, B, H)
    for ((t, b), &m) in mask.indexed_iter() {
        dh.slice_mut(s![t, b, ..]).scaled_add(m / count[b], &d_mean.row(b)); // (C3)
    }
    dh
}
