//! # Back through one GRU step
//!
//! The forward step left a tape. Given the gradient dh of the loss with respect to the new state,
//! find those with respect to everything that went in. Equations (G6) to (G13) of
//! `theory/03_gru_architecture.md`:
//!
//! ```text
//! (G6)  dn = dh * (1 - z)              (G7)  dz = dh * (h_{t-1} - n)
//! (G8)  da_n = dn (1 - n^2)            (G9)  dr = da_n * v_n
//! (G10) da_r = dr r (1 - r),  da_z = dz z (1 - z)
//! (G11) du = (da_r, da_z, da_n),  dv = (da_r, da_z, r * da_n)
//! (G12) dh_{t-1} = dh * z + W_hh^T dv
//! (G13) dx = W_ih^T du,  dW_ih = sum du x^T,  dW_hh = sum dv h_{t-1}^T
//!       db_ih = sum du,  db_hh = sum dv
//! ```
//!
//! The sums run over the batch. v_n = W_hn h_{t-1} + b_hn is on the tape: it is what r was
//! multiplied with.
//!
//! | | shape |
//! |---|---|
//! | `x`, `dx` | (B, I) |
//! | `h_prev`, `r`, `z`, `n`, `v_n`, `dh`, `dh_prev` | (B, H) |
//! | `weight_ih`, `d_weight_ih` | (3H, I) |
//! | `weight_hh`, `d_weight_hh` | (3H, H) |
//! | `d_bias_ih`, `d_bias_hh` | (3H) |
//!
//! Example with B = I = H = 1: x = -0.5, h_prev = 0.4, r = 0.6, z = 0.8, n = -0.5, v_n = 0.2, dh =
//! 1, weight_ih = [0.5, -1, 2], weight_hh = [1, 0.5, -0.5]. Then dn = 0.2, dz = 0.9, da_n = 0.15,
//! dr = 0.03, du = (0.0072, 0.144, 0.15), dv = (0.0072, 0.144, 0.09), dx = 0.1596 and dh_prev = 0.8
//! + 0.0342 = 0.8342.

use ndarray::{Array1, Array2, Axis, concatenate};

/// What the forward step left behind.
pub struct Tape {
    pub x: Array2<f64>,
    pub h_prev: Array2<f64>,
    pub r: Array2<f64>,
    pub z: Array2<f64>,
    pub n: Array2<f64>,
    pub v_n: Array2<f64>,
}

/// What you are asked for.
pub struct Gradients {
    pub dx: Array2<f64>,
    pub dh_prev: Array2<f64>,
    pub d_weight_ih: Array2<f64>,
    pub d_weight_hh: Array2<f64>,
    pub d_bias_ih: Array1<f64>,
    pub d_bias_hh: Array1<f64>,
}

/// All gradients of one step.
pub fn gru_step_backward(
    tape: &Tape,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    dh: &Array2<f64>,
) -> Gradients {
    // TODO: (G6) to (G11) give du and dv, (B, 3H); (G12) and (G13) give the rest.
    todo!()
}
