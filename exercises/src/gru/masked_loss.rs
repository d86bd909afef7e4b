//! # A loss that does not count padding
//!
//! Sentences of a batch have different lengths; short ones are filled up with padding. Its steps
//! must neither cost anything nor teach anything. Write the loss and its gradient with respect to
//! the logits. Equation (S12) of `theory/04_sequence_to_sequence.md`, and (R6) of chapter 1 for the
//! gradient of a real step:
//!
//! ```text
//! (S12) L = sum m_tb * (-ln p_tb[y_tb]) / N         N = sum m_tb, over the whole batch
//! (R6)  dL/dlogits_tb = m_tb * (p_tb - onehot(y_tb)) / N
//! ```
//!
//! You are given ln p, the log-softmax of the logits, so p is its exponential. A target that is
//! padding has some id like any other. At least one place is real.
//!
//! | | shape |
//! |---|---|
//! | `log_p`, the gradient | (T, B, V) |
//! | `targets` | (T, B), ids below V |
//! | `mask` | (T, B), true where the target is real |
//!
//! Example: T = 3, B = 2. The first sentence has 3 symbols, the second 1. The true symbols have the
//! probabilities 0.5, 0.25, 0.5 and 0.8; they cost 0.6931, 1.3863, 0.6931 and 0.2231. The loss is
//! their mean, 2.9957 / 4 = 0.7489, whatever the model says of the two padded steps. In the
//! gradient, the true symbol of the fourth has (0.8 - 1) / 4 = -0.05.

use ndarray::{Array2, Array3};

/// The loss, and its gradient with respect to the logits, (T, B, V).
pub fn masked_loss(
    log_p: &Array3<f64>,
    targets: &Array2<usize>,
    mask: &Array2<bool>,
) -> (f64, Array3<f64>) {
    // TODO: count the real places; add up what they cost; fill in their gradients.
    todo!()
}
