//! # Back through one LSTM step
//!
//! The forward step left a tape. Given the gradients of the loss with respect to the new h and c,
//! find those with respect to everything that went in. Equations (L8) to (L15) of
//! `theory/02_lstm_architecture.md`:
//!
//! ```text
//! (L8)  do = dh * tanh(c_t)
//! (L9)  dc += dh * o * (1 - tanh(c_t)^2)
//! (L10) df = dc * c_{t-1}      (L11) di = dc * g      (L12) dg = dc * i
//! (L13) dc_{t-1} = dc * f
//! (L14) da_i = di i (1-i),  da_f = df f (1-f),  da_g = dg (1-g^2),  da_o = do o (1-o)
//! (L15) dx = W_ih^T da,  dh_{t-1} = W_hh^T da,  dW_ih = sum da x^T,  dW_hh = sum da h_{t-1}^T,  db = sum da
//! ```
//!
//! The sums run over the batch. The blocks of `da`, and of the rows of the weights, are i, f, g, o.
//!
//! | | shape |
//! |---|---|
//! | `x`, `dx` | (B, I) |
//! | `h_prev`, `c_prev`, gates, `tanh_c`, `dh`, `dc`, `dh_prev`, `dc_prev` | (B, H) |
//! | `weight_ih`, `d_weight_ih` | (4H, I) |
//! | `weight_hh`, `d_weight_hh` | (4H, H) |
//! | `d_bias` | (4H) |
//!
//! Example with B = I = H = 1: x = 1, h_prev = 0.5, c_prev = 0.4, i = 0.6, f = 0.7, g = 0.5,
//! o = 0.8, tanh_c = 0.5227, dh = 1, dc = 0.1, weight_ih = [0.1, 0.2, 0.3, 0.4], weight_hh =
//! [0.4, 0.3, 0.2, 0.1]. Then dc becomes 0.1 + 0.8 (1 - 0.5227^2) = 0.6814, so dc_prev = 0.7 * 0.6814
//! = 0.4770; da = (0.0818, 0.0572, 0.3066, 0.0836), dx = 0.1451 and dh_prev = 0.1196.

use ndarray::{Array1, Array2, Axis, concatenate};

/// What the forward step left behind.
pub struct Tape {
    pub x: Array2<f64>,
    pub h_prev: Array2<f64>,
    pub c_prev: Array2<f64>,
    pub i: Array2<f64>,
    pub f: Array2<f64>,
    pub g: Array2<f64>,
    pub o: Array2<f64>,
    pub tanh_c: Array2<f64>,
}

/// What you are asked for.
pub struct Gradients {
    pub dx: Array2<f64>,
    pub dh_prev: Array2<f64>,
    pub dc_prev: Array2<f64>,
    pub d_weight_ih: Array2<f64>,
    pub d_weight_hh: Array2<f64>,
    pub d_bias: Array1<f64>,
}

/// All gradients of one step.
pub fn lstm_step_backward(
    tape: &Tape,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    dh: &Array2<f64>,
    dc: &Array2<f64>,
) -> Gradients {
    // TODO: (L8) to (L14) give da, (B, 4H); (L15) gives the rest.
    todo!()
}
