//! You take the logarithm of p and of 1 - p. For a large logit p is rounded to 0 or 1 and the loss
//! becomes infinite, or no number. Use (C8).

use kit::sigmoid;
use ndarray::Array1;

/// The mean loss in nats, and its gradient with respect to the logits, (N).
pub fn bce_with_logits(logits: &Array1<f64>, targets: &Array1<f64>) -> (f64, Array1<f64>) {
    let n = logits.len() as f64;
    let mut loss = 0.0;
    for (&y, &t) in logits.iter().zip(targets) {
        let p = sigmoid(y);
        loss -= t * p.ln() + (1.0 - t) * (1.0 - p).ln(); // (C8)
    }
    let gradient = (logits.mapv(sigmoid) - targets) / n; // (N) (C9)
    (loss / n, gradient)
}
