//! Multiplies by m instead of skipping.

use ndarray::{Array2, Array3};

/// The loss, and its gradient with respect to the logits, (T, B, V).
pub fn masked_loss(
    log_p: &Array3<f64>,
    targets: &Array2<usize>,
    mask: &Array2<bool>,
) -> (f64, Array3<f64>) {
    let m = mask.mapv(|real| if real { 1.0 } else { 0.0 }); // (T, B)
    let (steps, batch, classes) = log_p.dim();
    let n = m.sum();
    let costs =
        Array2::from_shape_fn((steps, batch), |(t, b)| -m[[t, b]] * log_p[[t, b, targets[[t, b]]]]);
    let d_logits = Array3::from_shape_fn((steps, batch, classes), |(t, b, v)| {
        let onehot = if targets[[t, b]] == v { 1.0 } else { 0.0 };
        m[[t, b]] / n * (log_p[[t, b, v]].exp() - onehot)
    });
    (costs.sum() / n, d_logits)
}
