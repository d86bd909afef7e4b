//! # Backpropagation through time
//!
//! The forward pass kept all states. Given what each state's own output asks for, find the
//! gradients of everything that went in. Equations (R7) to (R13) of
//! `theory/01_rnn_fundamentals.md`:
//!
//! ```text
//! (R7)  dh_t = (from the output of step t) + (from step t+1)
//! (R8)  da_t = dh_t * (1 - h_t^2)
//! (R9)  dx_t = W_ih^T da_t
//! (R10) what arrives at h_{t-1} from step t is W_hh^T da_t
//! (R11) dW_ih = sum_t da_t x_t^T     (R12) dW_hh = sum_t da_t h_{t-1}^T     (R13) db = sum_t da_t
//! ```
//!
//! After the last step nothing arrives from the future. The sums run over the steps and over the
//! batch. The first term of (R7) is handed in as `dh`. `dh_0` is what arrives at h_0.
//!
//! | | shape |
//! |---|---|
//! | `x`, `dx` | (T, B, I) |
//! | `h`: h_0 to h_T | (T + 1, B, H) |
//! | `dh`: entry t (from 0) belongs to the state h[t + 1] | (T, B, H) |
//! | `dh_0` | (B, H) |
//! | `weight_ih`, `weight_hh` and their gradients | (H, I), (H, H) |
//! | `d_bias` | (H) |
//!
//! Example with B = I = H = 1 and T = 2: x = 1, 2; h = 0.2, 0.5, 0.6; dh = 0.1, 1; weight_ih =
//! [[0.5]], weight_hh = [[0.4]]. Step 2: da = 1 (1 - 0.36) = 0.64, so 0.4 * 0.64 = 0.256 goes back.
//! Step 1: da = (0.1 + 0.256) (1 - 0.25) = 0.267. Hence dx = 0.1335, 0.32; dh_0 = 0.1068;
//! d_weight_ih = 0.267 + 1.28 = 1.547; d_weight_hh = 0.0534 + 0.32 = 0.3734; d_bias = 0.907.

use ndarray::{Array1, Array2, Array3, Axis};

/// What you are asked for.
pub struct Gradients {
    pub dx: Array3<f64>,
    pub dh_0: Array2<f64>,
    pub d_weight_ih: Array2<f64>,
    pub d_weight_hh: Array2<f64>,
    pub d_bias: Array1<f64>,
}

/// All gradients of a window of T steps.
pub fn rnn_bptt(
    x: &Array3<f64>,
    h: &Array3<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    dh: &Array3<f64>,
) -> Gradients {
    // TODO: from the last step to the first, (R7) to (R13).
    todo!()
}
