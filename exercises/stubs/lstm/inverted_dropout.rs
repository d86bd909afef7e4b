//! # Inverted dropout, there and back
//!
//! Dropout sets each number to 0 with probability p, so that no unit can rely on another.
//! *Inverted* means that what is kept is scaled up **in training**, so that the mean is the same
//! and evaluation needs nothing (section 2.10 of `theory/02_lstm_architecture.md`):
//!
//! ```text
//! m = 0 where u < p, else 1 / (1 - p)
//! forward   y = x * m          backward   dx = dy * m         (element by element)
//! ```
//!
//! The random numbers u, uniform in [0, 1), are passed in: the same ones for both ways, as in a
//! real network, which keeps its mask for the backward pass. In evaluation (`training` is false) y
//! = x.
//!
//! | | shape |
//! |---|---|
//! | `x`, `u`, `dy`, the answers | (B, H) |
//! | `p` | from 0, below 1 |
//!
//! Example: x = [[1, 2, 3]], u = [[0.1, 0.9, 0.3]], p = 0.2. The first is dropped, the others are
//! divided by 0.8: [[0, 2.5, 3.75]]. dy = [[1, 1, 1]] becomes [[0, 1.25, 1.25]].

use ndarray::Array2;

/// The activations after dropout, (B, H).
pub fn inverted_dropout(x: &Array2<f64>, u: &Array2<f64>, p: f64, training: bool) -> Array2<f64> {
    // TODO: drop where u < p and scale the rest; in evaluation neither.
    todo!()
}

/// The gradient with respect to x, in training, (B, H).
pub fn dropout_backward(dy: &Array2<f64>, u: &Array2<f64>, p: f64) -> Array2<f64> {
    // TODO: the same mask once more.
    todo!()
}
