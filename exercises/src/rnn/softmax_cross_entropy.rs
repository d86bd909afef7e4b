//! # Softmax cross-entropy, and its gradient
//!
//! The loss of a language model, and the first gradient of its backward pass. Equations (R4) to
//! (R6) of `theory/01_rnn_fundamentals.md`:
//!
//! ```text
//! (R4)  p_t = softmax(y_t)
//! (R5)  L = -(1/N) sum_t ln p_t[target_t]
//! (R6)  dL/dy_t = (p_t - onehot(target_t)) / N
//! ```
//!
//! It must be **stable**: for logits such as 1000, e^y is infinite and infinity / infinity is NaN.
//! Section 1.4 tells the cure. And a probability so small that it was rounded to 0 must not
//! make the loss infinite: take ln p directly from the logits.
//!
//! | | shape |
//! |---|---|
//! | `logits`, the gradient | (N, V), a row for each prediction |
//! | `targets` | N ids below V |
//! | the loss | a number, in nats |
//!
//! Example: logits [[0, ln 3]] (ln 3 = 1.0986), target 0. p = (0.25, 0.75), so L = -ln 0.25 =
//! 1.3863 and the gradient is [[-0.75, 0.75]].

use ndarray::{Array2, Axis};

/// The mean loss in nats, and its gradient with respect to the logits, (N, V).
pub fn softmax_cross_entropy(logits: &Array2<f64>, targets: &[usize]) -> (f64, Array2<f64>) {
    // TODO: largest off, (R4) and (R5) by way of ln(sum of e^y), then (R6).
    todo!()
}
