//! # The mean over what is real
//!
//! A review of T steps gives T states, but the decision needs one vector. The mean gives every word
//! a direct line to the loss, if padding is left out. Equation (C3) of
//! `theory/06_text_classification.md`, forwards and backwards, for each review:
//!
//! ```text
//! (C3)  mean = (sum_t m_t h_t) / (sum_t m_t)        dh_t = m_t / (sum_s m_s) * d_mean
//! ```
//!
//! m_t is 1 for a real word and 0 for padding. States at padding are not zero: a network computes
//! something there, too.
//!
//! | | shape |
//! |---|---|
//! | `h`, the answer of `masked_mean_backward` | (T, B, H) |
//! | `mask` | (T, B), at least one 1 for each review |
//! | the answer of `masked_mean`, `d_mean` | (B, H) |
//!
//! Example, B = H = 1: states 4, 8 and 90 with the mask 1, 1, 0 have the mean 6. A gradient of 0.5
//! there gives 0.25, 0.25 and 0.

use ndarray::{Array2, Array3, Axis, s};

/// The mean state of each review, (B, H).
pub fn masked_mean(h: &Array3<f64>, mask: &Array2<f64>) -> Array2<f64> {
    // TODO: the sum of the real states, divided by their number.
    todo!()
}

/// The gradient of every state, (T, B, H).
pub fn masked_mean_backward(d_mean: &Array2<f64>, mask: &Array2<f64>) -> Array3<f64> {
    // TODO: the same share for every real step, 0 for padding.
    todo!()
}
