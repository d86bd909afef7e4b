//! # One step of an LSTM
//!
//! Two states instead of one: c is the memory, h is what is shown of it. Three gates between 0 and
//! 1 decide what is written (i), kept (f) and shown (o). Equations (L1) to (L7) of
//! `theory/02_lstm_architecture.md`:
//!
//! ```text
//! (L1)  a = W_ih x_t + W_hh h_{t-1} + b        blocks a_i, a_f, a_g, a_o; b is the sum of both biases
//! (L2)  i = sigmoid(a_i)   (L3) f = sigmoid(a_f)   (L4) g = tanh(a_g)   (L5) o = sigmoid(a_o)
//! (L6)  c_t = f * c_{t-1} + i * g
//! (L7)  h_t = o * tanh(c_t)
//! ```
//!
//! The blocks stand one after the other along the axis of 4H, in the order i, f, g, o. Each row of
//! `x` is the input of one sequence. `kit::sigmoid` takes a number.
//!
//! | | shape |
//! |---|---|
//! | `x` | (B, I) |
//! | `h_prev`, `c_prev`; the answer's h and c | (B, H) |
//! | `weight_ih`, `weight_hh` | (4H, I), (4H, H) |
//! | `bias` | (4H) |
//!
//! Example, step 2 of section 2.5: x = -0.5, h_prev = 0.4058, c_prev = 0.7048, weight_ih = (1,
//! -0.5, 2, 0.5), weight_hh = (-0.5, 0.5, 0.4, 1), bias = (0, 1.5, 0, 0.2). Then i = 0.3312, f =
//! 0.8758, g = -0.6846, o = 0.5880, and so h = 0.2186, c = 0.3905.

use kit::sigmoid;
use ndarray::{Array1, Array2, s};

/// The states after the step, h and c, (B, H) each.
pub fn lstm_step(
    x: &Array2<f64>,
    h_prev: &Array2<f64>,
    c_prev: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias: &Array1<f64>,
) -> (Array2<f64>, Array2<f64>) {
    // TODO: a (L1), its four blocks (L2) to (L5), then c (L6) and h (L7).
    todo!()
}
