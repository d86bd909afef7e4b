//! The two cases from which (C8) was made, written out.

use kit::sigmoid;
use ndarray::Array1;

/// The mean loss in nats, and its gradient with respect to the logits, (N).
pub fn bce_with_logits(logits: &Array1<f64>, targets: &Array1<f64>) -> (f64, Array1<f64>) {
    let n = logits.len();
    let each = |k: usize| -> (f64, f64) {
        let (y, t): (f64, f64) = (logits[k], targets[k]);
        if y >= 0.0 {
            let e = f64::exp(-y);
            ((1.0 - t) * y + e.ln_1p(), 1.0 / (1.0 + e) - t)
        } else {
            let e = f64::exp(y);
            (e.ln_1p() - t * y, e / (1.0 + e) - t)
        }
    };
    let total: f64 = (0..n).rev().map(|k| each(k).0).sum();
    (total / n as f64, (0..n).map(|k| each(k).1 / n as f64).collect())
}
