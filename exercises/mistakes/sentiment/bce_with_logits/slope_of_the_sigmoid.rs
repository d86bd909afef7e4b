//! Your gradient has the slope p (1 - p) in it. In (C9) it has cancelled: sigmoid(y) - t. With it a
//! model that is sure and wrong would hardly learn.

use kit::sigmoid;
use ndarray::Array1;

/// The mean loss in nats, and its gradient with respect to the logits, (N).
pub fn bce_with_logits(logits: &Array1<f64>, targets: &Array1<f64>) -> (f64, Array1<f64>) {
    let n = logits.len() as f64;
    let mut loss = 0.0;
    for (&y, &t) in logits.iter().zip(targets) {
        loss += f64::max(y, 0.0) - y * t + (-y.abs()).exp().ln_1p(); // (C8)
    }
    let p = logits.mapv(sigmoid);
    let gradient = (&p - targets) * &p * (1.0 - &p) / n; // (N) (C9)
    (loss / n, gradient)
}
