//! # One step of a recurrent network
//!
//! A network reads B sequences side by side. Write its step: from the inputs and the hidden states
//! before, the hidden states after. Equations (R1) and (R2) of `theory/01_rnn_fundamentals.md`:
//!
//! ```text
//! (R1)  a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
//! (R2)  h_t = tanh(a_t)
//! ```
//!
//! The chapter's x_t is a column; here, each **row** of `x` is the input of one sequence.
//!
//! | | shape |
//! |---|---|
//! | `x` | (B, I) |
//! | `h_prev`, the answer | (B, H) |
//! | `weight_ih` | (H, I) |
//! | `weight_hh` | (H, H) |
//! | `bias_ih`, `bias_hh` | (H) |
//!
//! Example with B = 1, I = 2, H = 1: x = [[1, 2]], h_prev = [[0.5]], weight_ih = [[0.1, 0.2]],
//! weight_hh = [[0.6]], biases [0.1] and [-0.3]. Then a = 0.1 + 0.4 + 0.1 + 0.3 - 0.3 = 0.6, and
//! the answer is [[tanh 0.6]] = [[0.5370]].

use ndarray::{Array1, Array2};

/// The hidden states after the step, (B, H).
pub fn rnn_step(
    x: &Array2<f64>,
    h_prev: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias_ih: &Array1<f64>,
    bias_hh: &Array1<f64>,
) -> Array2<f64> {
    // TODO: a (R1), then its tanh (R2).
    todo!()
}
