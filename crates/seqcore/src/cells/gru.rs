//! The gated recurrent unit (Cho et al. 2014), one time step, in the form that PyTorch and cuDNN
//! compute: the reset gate acts *after* the product with W_hh, and z keeps the old state.
//!
//! Forward, for each sequence of the batch; the blocks of u and v are ordered r, z, n:
//!
//! ```text
//! (G1)  u = W_ih x_t + b_ih,   v = W_hh h_{t-1} + b_hh
//! (G2)  r = σ(u_r + v_r)       how much of the past the candidate sees
//! (G3)  z = σ(u_z + v_z)       how much of the past stays
//! (G4)  n = tanh(u_n + r ⊙ v_n)
//! (G5)  h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}
//! ```
//!
//! Backward, given dh_t:
//!
//! ```text
//! (G6)  dn = dh ⊙ (1 − z)              (G7)  dz = dh ⊙ (h_{t-1} − n)
//! (G8)  da_n = dn ⊙ (1 − n²)           (G9)  dr = da_n ⊙ v_n
//! (G10) da_r = dr ⊙ r(1−r),  da_z = dz ⊙ z(1−z)
//! (G11) du = (da_r, da_z, da_n),       dv = (da_r, da_z, r ⊙ da_n)
//! (G12) dh_{t-1} = dh ⊙ z + W_hhᵀ dv
//! (G13) dx = W_ihᵀ du,  dW_ih += du xᵀ,  dW_hh += dv h_{t-1}ᵀ,  db_ih += du,  db_hh += dv
//! ```

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

use super::{CellParams, add_affine_gradient, affine};
use crate::Float;
use crate::activation::{sigmoid, sigmoid_slope, tanh_slope};

/// What a forward step leaves for its backward step; all (B, H) but `x`.
#[derive(Debug, Clone)]
pub struct Tape<A> {
    /// Input, (B, I).
    pub x: Array2<A>,
    /// State before.
    pub h_prev: Array2<A>,
    /// Reset gate.
    pub r: Array2<A>,
    /// Update gate.
    pub z: Array2<A>,
    /// Candidate.
    pub n: Array2<A>,
    /// The state's part of the candidate before the reset gate, v_n = W_hn h + b_hn.
    pub v_n: Array2<A>,
    /// State after.
    pub h: Array2<A>,
}

/// One step forward: `x` (B, I), `h_prev` (B, H); the new state is `tape.h`.
pub fn forward<A: Float>(p: &CellParams<A>, x: ArrayView2<A>, h_prev: ArrayView2<A>) -> Tape<A> {
    let hidden = p.hidden();
    let u = affine(x, &p.weight_ih, &p.bias_ih); // (B, 3H) (G1)
    let v = affine(h_prev, &p.weight_hh, &p.bias_hh); // (B, 3H)
    let block = |a: &Array2<A>, k: usize| a.slice(s![.., k * hidden..(k + 1) * hidden]).to_owned(); // (B, H)
    let r = (block(&u, 0) + block(&v, 0)).mapv(sigmoid); // (G2)
    let z = (block(&u, 1) + block(&v, 1)).mapv(sigmoid); // (G3)
    let v_n = block(&v, 2);
    let n = (block(&u, 2) + &r * &v_n).mapv(A::tanh); // (G4)
    let h = z.mapv(|z| A::one() - z) * &n + &z * &h_prev; // (B, H) (G5)
    Tape { x: x.to_owned(), h_prev: h_prev.to_owned(), r, z, n, v_n, h }
}

/// One step backward: `dh` (B, H) is the whole gradient of the new state. Adds to `grads` and
/// returns (`dx` (B, I), `dh_prev` (B, H)).
pub fn backward<A: Float>(
    p: &CellParams<A>,
    tape: &Tape<A>,
    dh: ArrayView2<A>,
    grads: &mut CellParams<A>,
) -> (Array2<A>, Array2<A>) {
    let Tape { x, h_prev, r, z, n, v_n, .. } = tape;
    let dn = z.mapv(|z| A::one() - z) * dh; // (B, H) (G6)
    let dz = (h_prev - n) * dh; // (G7)
    let da_n = dn * n.mapv(tanh_slope); // (G8)
    let dr = &da_n * v_n; // (G9)
    let da_r = dr * r.mapv(sigmoid_slope); // (G10)
    let da_z = dz * z.mapv(sigmoid_slope);
    let dv = concatenate![Axis(1), da_r, da_z, r * &da_n]; // (B, 3H) (G11)
    let du = concatenate![Axis(1), da_r, da_z, da_n];
    let dh_prev = z * &dh + dv.dot(&p.weight_hh); // (B, H) (G12)
    let dx = du.dot(&p.weight_ih); // (B, I) (G13)
    add_affine_gradient(&du, x, &mut grads.weight_ih, &mut grads.bias_ih);
    add_affine_gradient(&dv, h_prev, &mut grads.weight_hh, &mut grads.bias_hh);
    (dx, dh_prev)
}
