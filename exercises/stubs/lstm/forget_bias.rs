//! # The forget bias: a network born with a memory
//!
//! A fresh LSTM has f = sigmoid(0) = 0.5 and forgets all within a few steps. A larger bias of the
//! forget gate cures it (sections 2.3 and 2.9 of `theory/02_lstm_architecture.md`). Two functions:
//!
//! 1. `add_forget_bias`: adds `value` to the biases of the forget gate, in place. What was drawn
//!    stays in it, and the other gates stay as they are. (It is done for bias_ih only: added to
//!    both biases it would count twice.)
//! 2. `bias_for`: the bias b for which the cell has the time scale 1 / (1 - f) = T steps, with f =
//!    sigmoid(b). By section 2.3 that time scale is 1 + e^b.
//!
//! | | shape |
//! |---|---|
//! | `bias_ih`, blocks i, f, g, o | (4H) |
//! | `value`, `time_scale` (above 1) | numbers |
//!
//! Example: bias_ih = (0.1, 0.2, -0.1, 0.3) (H = 1) with the value 1 becomes (0.1, 1.2, -0.1, 0.3).
//! For a time scale of 101 steps the bias is ln 100 = 4.6052.

use ndarray::{Array1, s};

/// Adds `value` to the forget block.
pub fn add_forget_bias(bias_ih: &mut Array1<f64>, value: f64) {
    // TODO: the second of the four blocks.
    todo!()
}

/// The bias with which a cell remembers about so many steps.
pub fn bias_for(time_scale: f64) -> f64 {
    // TODO: solve 1 + e^b = time scale.
    todo!()
}
