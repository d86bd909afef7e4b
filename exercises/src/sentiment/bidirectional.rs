//! # Reading in both directions
//!
//! A review is complete before it is judged, so a second network may read it from its end. Equation
//! (C6) of `theory/06_text_classification.md` puts the two side by side. Two functions, for reviews
//! of different length n with padding behind them:
//!
//! 1. `reverse`: what the backward network reads. Each review is reversed **within its own
//!    length**; padding stays where it is. (Otherwise the network would begin with the padding.)
//! 2. `last_states`: [h_fwd; h_bwd] at the places where each has read all of the review. The states
//!    h_bwd are given in the order of the text: entry t of `backward` belongs to word t.
//!
//! | | shape |
//! |---|---|
//! | `x`, the answer of `reverse` | (T, B, I) |
//! | `forward`, `backward` | (T, B, H) |
//! | `lengths` | n for each of B reviews, from 1 to T |
//! | the answer of `last_states` | (B, 2H) |
//!
//! Example, B = I = H = 1, n = 2, T = 3: `reverse` of 5, 6, 0 is 6, 5, 0. With forward = 0.1, 0.2,
//! 0.9 and backward = 0.3, 0.4, 0.8 the last states are (0.2, 0.3): forward at the second word,
//! backward at the first.

use ndarray::{Array2, Array3, s};

/// Each sequence reversed within its own length, (T, B, I).
pub fn reverse(x: &Array3<f64>, lengths: &[usize]) -> Array3<f64> {
    // TODO: where does position t of review b come from?
    todo!()
}

/// Both directions' final states side by side, (B, 2H).
pub fn last_states(
    forward: &Array3<f64>,
    backward: &Array3<f64>,
    lengths: &[usize],
) -> Array2<f64> {
    // TODO: for each review the two states that have read all of it (C6).
    todo!()
}
