//! # A gradient check that catches bugs
//!
//! A wrong gradient does not crash. It trains, badly. So compare every gradient that you derive
//! with the slope of the loss itself (section 1.7 of `theory/01_rnn_fundamentals.md`).
//! `loss.at(&w)` gives the loss for weights w. Two functions:
//!
//! 1. `numeric_gradient`: for each weight the central difference, with the step h = 1e-5 (`H`
//!    below):
//!
//! ```text
//! n_j = (L(w with w_j + h) - L(w with w_j - h)) / 2h
//! ```
//!
//! 2. `wrong_entries`: the places j, in order, at which the given gradient a is wrong: where this
//!    error is not at most 1e-6. A gradient that is no number (NaN) is wrong.
//!
//! ```text
//! error_j = |a_j - n_j| / max(|a_j| + |n_j|, 1e-3)
//! ```
//!
//! It is a *relative* error: 1 per cent is a bug, whether the gradient is 100 or 0.01. The 1e-3 is
//! there because a slope of 1e-9 cannot be measured to six digits.
//!
//! You are graded on planted bugs: gradients with a lost slope, a wrong sign, a sum for a mean.
//! Yours must find them, and must not accuse a right one.
//!
//! | | shape |
//! |---|---|
//! | `w`, `gradient`, `numeric_gradient` | (P) |
//! | `wrong_entries` | some of 0..P, in order |
//!
//! Example: the inputs [[1]], target 0 and w = (0.5): L = tanh(0.5)^2 / 2, so the numeric gradient
//! is tanh(0.5) (1 - tanh(0.5)^2) = 0.3634. The gradient (0.4621), which is tanh(0.5) with the
//! slope forgotten, is wrong at [0].

use ndarray::{Array1, Array2};

/// The step of the difference.
pub const H: f64 = 1e-5;

/// A neuron's loss on N examples of P inputs.
pub struct Loss {
    pub inputs: Array2<f64>,
    pub targets: Array1<f64>,
}

impl Loss {
    /// The mean of (tanh(x w) - target)^2 / 2 over the examples.
    pub fn at(&self, w: &Array1<f64>) -> f64 {
        let errors = self.inputs.dot(w).mapv(f64::tanh) - &self.targets; // (N)
        errors.mapv(|e| e * e / 2.0).sum() / errors.len() as f64
    }
}

/// The slope of the loss in every weight, (P).
pub fn numeric_gradient(loss: &Loss, w: &Array1<f64>) -> Array1<f64> {
    // TODO: a central difference for each weight.
    todo!()
}

/// The places at which the gradient is wrong.
pub fn wrong_entries(loss: &Loss, w: &Array1<f64>, gradient: &Array1<f64>) -> Vec<usize> {
    // TODO: the error of each entry; whatever is not at most 1e-6.
    todo!()
}
