//! # Clipping by the global norm
//!
//! Where gradients explode, one step can undo an hour of training. Clipping keeps the direction and
//! limits the length. Equation (R16) of `theory/01_rnn_fundamentals.md`, over **all** arrays
//! together:
//!
//! ```text
//! (R16)  g <- g * min(1, max / (norm + 1e-6))      norm = square root of the sum of all entries' squares
//! ```
//!
//! The gradients are changed in place. The answer is the norm **before** clipping: a curve of it
//! shows how often training would have gone wrong.
//!
//! | | shape |
//! |---|---|
//! | `gradients` | several arrays, each of its own shape |
//! | `max`, the answer | a number |
//!
//! Example: gradients [[3, 0]] and [[4]], max = 1. The norm is 5, so all is multiplied by 0.2:
//! [[0.6, 0]] and [[0.8]]. With max = 10 nothing would change.

use ndarray::Array2;

/// Clips in place; returns the norm before.
pub fn clip_global_norm(gradients: &mut [Array2<f64>], max: f64) -> f64 {
    // TODO: one norm, one factor (R16), every array times it.
    todo!()
}
