//! # The whole sequence: unrolling
//!
//! One step after the other, with the **same** weights at every step, and the state handed on: that
//! is all a recurrent network does. Equations (R1) and (R2) of `theory/01_rnn_fundamentals.md`, for
//! t = 1 to T:
//!
//! ```text
//! (R1)  a_t = W_ih x_t + W_hh h_{t-1} + b        (b is the sum of the two biases)
//! (R2)  h_t = tanh(a_t)
//! ```
//!
//! The first step reads `h_0`: in training it comes from the window before, so it is not always
//! zero.
//!
//! | | shape |
//! |---|---|
//! | `x` | (T, B, I) |
//! | `h_0` | (B, H) |
//! | `weight_ih`, `weight_hh`, `bias` | (H, I), (H, H), (H) |
//! | the answer: h_1 to h_T | (T, B, H) |
//!
//! Example, section 1.5 of the chapter: inputs 1, 0, 1, h_0 = (0, 0), weight_ih = [[0.5], [-0.4]],
//! weight_hh = [[0.6, -0.3], [0.4, 0.7]], bias = (0.1, 0.1). The states are (0.5370, -0.2913),
//! (0.4697, 0.1104) and (0.6904, -0.0348).

use ndarray::{Array1, Array2, Array3, Axis};

/// All states h_1 to h_T, (T, B, H).
pub fn rnn_unroll(
    x: &Array3<f64>,
    h_0: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias: &Array1<f64>,
) -> Array3<f64> {
    // TODO: a step (R1), (R2) for each t; its h is the next one's h_{t-1}.
    todo!()
}
