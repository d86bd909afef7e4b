//! You take a plain mean over all T steps, padding included. (C3) leaves padding out of the sum and
//! out of the count.

use ndarray::{Array2, Array3, Axis, s};

/// The mean state of each review, (B, H).
pub fn masked_mean(h: &Array3<f64>, mask: &Array2<f64>) -> Array2<f64> {
    let (_, batch, hidden) = h.dim();
    let mask = &(mask * 0.0 + 1.0);
    let count = mask.sum_axis(Axis(0)); // (B)
    let mut mean = Array2::zeros((batch, hidden)); // (B, H)
    for ((t, b), &m) in mask.indexed_iter() {
        mean.row_mut(b).scaled_add(m / count[b], &h.slice(s![t, b, ..])); // (C3)
    }
    mean
}

/// The gradient of every state, (T, B, H).
pub fn masked_mean_backward(d_mean: &Array2<f64>, mask: &Array2<f64>) -> Array3<f64> {
    let (steps, batch) = mask.dim();
    let mask = &(mask * 0.0 + 1.0);
    let count = mask.sum_axis(Axis(0)); // (B)
    let mut dh = Array3::zeros((steps, batch, d_mean.ncols())); // (T, B, H)
    for ((t, b), &m) in mask.indexed_iter() {
        dh.slice_mut(s![t, b, ..]).scaled_add(m / count[b], &d_mean.row(b)); // (C3)
    }
    dh
}
