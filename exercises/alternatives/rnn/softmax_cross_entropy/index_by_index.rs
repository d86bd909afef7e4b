//! Every number by hand.

use ndarray::{Array2, Axis};

/// The mean loss in nats, and its gradient with respect to the logits, (N, V).
pub fn softmax_cross_entropy(logits: &Array2<f64>, targets: &[usize]) -> (f64, Array2<f64>) {
    let (rows, classes) = logits.dim();
    let mut gradient = Array2::zeros((rows, classes));
    let mut losses = Vec::new();
    for r in 0..rows {
        let mut largest = logits[[r, 0]];
        for v in 1..classes {
            largest = f64::max(largest, logits[[r, v]]);
        }
        let total: f64 = (0..classes).rev().map(|v| (logits[[r, v]] - largest).exp()).sum();
        losses.push(total.ln() + largest - logits[[r, targets[r]]]);
        for v in 0..classes {
            let truth = if v == targets[r] { 1.0 } else { 0.0 };
            gradient[[r, v]] = ((logits[[r, v]] - largest).exp() / total - truth) / rows as f64;
        }
    }
    (losses.iter().sum::<f64>() / rows as f64, gradient)
}
