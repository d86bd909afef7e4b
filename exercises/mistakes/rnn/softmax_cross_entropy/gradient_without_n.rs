//! The loss is a mean, but your gradient is that of the sum: (R6) divides by N as well.

use ndarray::{Array2, Axis};

/// The mean loss in nats, and its gradient with respect to the logits, (N, V).
pub fn softmax_cross_entropy(logits: &Array2<f64>, targets: &[usize]) -> (f64, Array2<f64>) {
    let n = logits.nrows() as f64;
    let mut loss = 0.0;
    let mut gradient = logits.clone(); // (N, V)
    for (mut row, &target) in gradient.axis_iter_mut(Axis(0)).zip(targets) {
        let largest = row.fold(f64::NEG_INFINITY, |m, &y| m.max(y));
        row -= largest;
        let log_sum = row.mapv(f64::exp).sum().ln();
        loss += log_sum - row[target]; // (R5): -ln p of the target
        row.mapv_inplace(|y| (y - log_sum).exp()); // (R4)
        row[target] -= 1.0; // (R6)
    }
    (loss / n, gradient)
}
