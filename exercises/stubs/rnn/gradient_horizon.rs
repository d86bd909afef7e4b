//! # How far a gradient reaches: the spectral radius
//!
//! In the long run a linear recurrent network multiplies a gradient by the spectral radius of W_hh
//! at each step, equation (R15) of `theory/01_rnn_fundamentals.md`. Two functions:
//!
//! 1. `spectral_radius`, by Gelfand's formula: |W^m|^(1/m) tends to the radius as m grows. Take m =
//!    2^30, which needs only 30 squarings. Divide by the norm before each, or the numbers overflow.
//!    |.| is the square root of the sum of squares.
//!
//! ```text
//! P_0 = W,   n_k = |P_k|,   P_{k+1} = (P_k / n_k) (P_k / n_k)
//! ln(radius) = ln n_0 + (ln n_1) / 2 + (ln n_2) / 4 + ... + (ln n_30) / 2^30
//! ```
//!
//!    Where some n_k is 0, so is the radius.
//!
//! 2. `horizon`: the fewest steps m after which radius^m is at most the share `left`. None where
//!    the radius is 1 or more: such a gradient does not fade. 1 where the radius is 0.
//!
//! | | shape |
//! |---|---|
//! | `weight_hh` | (H, H) |
//! | `left` | above 0, below 1 |
//!
//! Example: [[0.9, 1], [0, 0.9]] has the radius 0.9 (and the norm 1.6186: one step may well
//! lengthen a gradient). With 0.9, one per cent is left after 44 steps: 0.9^44 = 0.0097, while
//! 0.9^43 = 0.0108.

use ndarray::Array2;

/// The largest absolute value of an eigenvalue.
pub fn spectral_radius(weight_hh: &Array2<f64>) -> f64 {
    // TODO: square and scale; add up the logarithms.
    todo!()
}

/// Steps after which at most the share `left` of a gradient is left.
pub fn horizon(radius: f64, left: f64) -> Option<usize> {
    // TODO: solve radius^m <= left for m.
    todo!()
}
