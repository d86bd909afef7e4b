//! # One step of a GRU
//!
//! A GRU has one state and two gates. The reset gate r says how much of the old state the candidate
//! n sees, the update gate z how much of the old state stays. Write the step for B sequences side
//! by side. Equations (G1) to (G5) of `theory/03_gru_architecture.md`, in PyTorch's form: **z keeps
//! the old state**, and r is applied **after** the product with W_hh.
//!
//! ```text
//! (G1)  u = W_ih x_t + b_ih        v = W_hh h_{t-1} + b_hh        blocks r, z, n
//! (G2)  r = sigmoid(u_r + v_r)
//! (G3)  z = sigmoid(u_z + v_z)
//! (G4)  n = tanh(u_n + r * v_n)
//! (G5)  h_t = (1 - z) * n + z * h_{t-1}
//! ```
//!
//! `*` goes element by element. Each **row** of `x` is the input of one sequence. `kit::sigmoid` is
//! there to be used.
//!
//! | | shape |
//! |---|---|
//! | `x` | (B, I) |
//! | `h_prev`, the answer | (B, H) |
//! | `weight_ih` | (3H, I) |
//! | `weight_hh` | (3H, H) |
//! | `bias_ih`, `bias_hh` | (3H) |
//!
//! Example with B = I = H = 1: x = -0.5, h_prev = 0.37, weight_ih = [0.5, -1, 2], bias_ih = [0, 1,
//! 0], weight_hh = [1, 0.5, -0.5], bias_hh = [0.5, 0.5, 0.3]. Then u = (-0.25, 1.5, -1) and v =
//! (0.87, 0.685, 0.115), so r = 0.6502, z = 0.8989, n = tanh(-1 + 0.6502 * 0.115) = -0.7284, and
//! the answer is 0.1011 * (-0.7284) + 0.8989 * 0.37 = 0.2589.

use ndarray::{Array1, Array2, s};

/// The hidden states after the step, (B, H).
pub fn gru_step(
    x: &Array2<f64>,
    h_prev: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias_ih: &Array1<f64>,
    bias_hh: &Array1<f64>,
) -> Array2<f64> {
    // TODO: u and v (G1), the gates (G2) and (G3), the candidate (G4), the mixture (G5).
    todo!()
}
