//! # The nucleus: sampling with top-p
//!
//! Sampling from all V tokens sometimes picks one that makes no sense. Top-p keeps the **nucleus**:
//! the fewest most probable tokens that together have at least the probability p (Holtzman et al.
//! 2020), section 1.14 of `theory/01_rnn_fundamentals.md`. Two functions:
//!
//! 1. `nucleus`: the distribution with the other tokens at 0, scaled to sum to 1 again. Of equally
//!    probable tokens, the lower ids come first.
//! 2. `draw`: the token in whose share of [0, 1) the number u falls, the shares laid side by side in
//!    the order of the ids. The random number is passed in: a function that draws its own cannot be
//!    checked.
//!
//! | | shape |
//! |---|---|
//! | `probabilities`, the nucleus | (V), sum 1 |
//! | `p` | above 0, at most 1 |
//! | `u` | from 0, below 1 |
//!
//! Example: probabilities (0.1, 0.5, 0.15, 0.25) and p = 0.7. Ranked: token 1 (sum 0.5), token 3 (sum
//! 0.75, which reaches 0.7). The nucleus is (0, 0.6667, 0, 0.3333). With u = 0.7, `draw` gives token 3:
//! token 1 holds [0, 0.6667), token 3 the rest.

use ndarray::Array1;

/// The distribution cut to its nucleus, (V).
pub fn nucleus(probabilities: &Array1<f64>, p: f64) -> Array1<f64> {
    // TODO: rank, keep until the sum reaches p, scale.
    todo!()
}

/// The token that u picks.
pub fn draw(probabilities: &Array1<f64>, u: f64) -> usize {
    // TODO: the first token whose running sum is above u.
    todo!()
}
