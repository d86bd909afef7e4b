//! # Binary cross-entropy with logits
//!
//! One score y decides whether a review is friendly; p = sigmoid(y). Its loss and gradient, (C8)
//! and (C9) of `theory/06_text_classification.md`, as means over the batch:
//!
//! ```text
//! (C8)  loss of one review  l = max(y, 0) - y t + ln(1 + e^-|y|)
//! (C9)  dl/dy = sigmoid(y) - t
//! ```
//!
//! (C8) is -t ln p - (1 - t) ln(1 - p), rearranged so that it is stable.
//!
//! It must hold for logits such as 800 or -800: no infinity and no NaN.
//!
//! | | shape |
//! |---|---|
//! | `logits`, the gradient | (N) |
//! | `targets` | (N), 1 for friendly, 0 for hostile |
//! | the loss | a number, in nats |
//!
//! Example, section 6.6: logits (0.85, -1.025), targets (1, 0). The two losses are 0.3559 and
//! 0.3066, their mean is 0.3312, and the gradient is (-0.1497, 0.1320).

use kit::sigmoid;
use ndarray::Array1;

/// The mean loss in nats, and its gradient with respect to the logits, (N).
pub fn bce_with_logits(logits: &Array1<f64>, targets: &Array1<f64>) -> (f64, Array1<f64>) {
    // TODO: (C8) and (C9) for each, both as a mean.
    todo!()
}
