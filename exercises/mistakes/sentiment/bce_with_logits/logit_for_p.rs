//! You subtract the target from the logit. (C9) has the probability, sigmoid(y).

use kit::sigmoid;
use ndarray::Array1;

/// The mean loss in nats, and its gradient with respect to the logits, (N).
pub fn bce_with_logits(logits: &Array1<f64>, targets: &Array1<f64>) -> (f64, Array1<f64>) {
    let n = logits.len() as f64;
    let mut loss = 0.0;
    for (&y, &t) in logits.iter().zip(targets) {
        loss += f64::max(y, 0.0) - y * t + (-y.abs()).exp().ln_1p(); // (C8)
    }
    let gradient = (logits - targets) / n; // (N) (C9)
    (loss / n, gradient)
}
