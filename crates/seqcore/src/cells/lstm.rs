//! The long short-term memory cell (Hochreiter & Schmidhuber 1997, with the forget gate of Gers,
//! Schmidhuber & Cummins 2000), one time step.
//!
//! Forward, for each sequence of the batch; the blocks of `a` are ordered i, f, g, o:
//!
//! ```text
//! (L1)  a = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
//! (L2)  i = σ(a_i)        what to write
//! (L3)  f = σ(a_f)        what to keep
//! (L4)  g = tanh(a_g)     the candidate
//! (L5)  o = σ(a_o)        what to show
//! (L6)  c_t = f ⊙ c_{t-1} + i ⊙ g
//! (L7)  h_t = o ⊙ tanh(c_t)
//! ```
//!
//! Backward, given dh_t and dc_t (what arrives at c_t from the next step):
//!
//! ```text
//! (L8)  do = dh ⊙ tanh(c_t)
//! (L9)  dc += dh ⊙ o ⊙ (1 − tanh²(c_t))
//! (L10) df = dc ⊙ c_{t-1}     (L11) di = dc ⊙ g     (L12) dg = dc ⊙ i
//! (L13) dc_{t-1} = dc ⊙ f
//! (L14) da_i = di ⊙ i(1−i),  da_f = df ⊙ f(1−f),  da_g = dg ⊙ (1−g²),  da_o = do ⊙ o(1−o)
//! (L15) dx = W_ihᵀ da,  dh_{t-1} = W_hhᵀ da,  dW_ih += da xᵀ,  dW_hh += da h_{t-1}ᵀ,  db += da
//! ```

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

use super::{CellParams, State, add_affine_gradient, affine};
use crate::Float;
use crate::activation::{sigmoid, sigmoid_slope, tanh_slope};

/// What a forward step leaves for its backward step; all (B, H) but `x`.
#[derive(Debug, Clone)]
pub struct Tape<A> {
    /// Input, (B, I).
    pub x: Array2<A>,
    /// Hidden state before.
    pub h_prev: Array2<A>,
    /// Cell state before.
    pub c_prev: Array2<A>,
    /// Input gate.
    pub i: Array2<A>,
    /// Forget gate.
    pub f: Array2<A>,
    /// Candidate.
    pub g: Array2<A>,
    /// Output gate.
    pub o: Array2<A>,
    /// Cell state after.
    pub c: Array2<A>,
    /// tanh of it.
    pub tanh_c: Array2<A>,
    /// Hidden state after.
    pub h: Array2<A>,
}

/// One step forward: `x` (B, I), `prev` holds h and c (B, H); the new state is `tape.h`, `tape.c`.
pub fn forward<A: Float>(p: &CellParams<A>, x: ArrayView2<A>, prev: &State<A>) -> Tape<A> {
    let hidden = p.hidden();
    let (h_prev, c_prev) = (&prev.h, prev.cell_state());
    let a = affine(x, &p.weight_ih, &p.bias_ih) + affine(h_prev.view(), &p.weight_hh, &p.bias_hh); // (B, 4H) (L1)
    let block = |k: usize| a.slice(s![.., k * hidden..(k + 1) * hidden]); // (B, H)
    let i = block(0).mapv(sigmoid); // (L2)
    let f = block(1).mapv(sigmoid); // (L3)
    let g = block(2).mapv(A::tanh); // (L4)
    let o = block(3).mapv(sigmoid); // (L5)
    let c = &f * c_prev + &i * &g; // (B, H) (L6)
    let tanh_c = c.mapv(A::tanh);
    let h = &o * &tanh_c; // (B, H) (L7)
    let (h_prev, c_prev) = (h_prev.clone(), c_prev.clone());
    Tape { x: x.to_owned(), h_prev, c_prev, i, f, g, o, c, tanh_c, h }
}

/// One step backward: `d` holds the gradients of the new h and c. Adds to `grads` and returns
/// (`dx` (B, I), the gradients of the previous h and c).
pub fn backward<A: Float>(
    p: &CellParams<A>,
    tape: &Tape<A>,
    d: &State<A>,
    grads: &mut CellParams<A>,
) -> (Array2<A>, State<A>) {
    let Tape { x, h_prev, c_prev, i, f, g, o, tanh_c, .. } = tape;
    let dh = &d.h;
    let d_o = dh * tanh_c; // (B, H) (L8)
    let dc = d.cell_state() + &(dh * o * tanh_c.mapv(tanh_slope)); // (B, H) (L9)
    let df = &dc * c_prev; // (L10)
    let di = &dc * g; // (L11)
    let dg = &dc * i; // (L12)
    let dc_prev = &dc * f; // (B, H) (L13)
    let da_i = di * i.mapv(sigmoid_slope); // (L14)
    let da_f = df * f.mapv(sigmoid_slope);
    let da_g = dg * g.mapv(tanh_slope);
    let da_o = d_o * o.mapv(sigmoid_slope);
    let da = concatenate![Axis(1), da_i, da_f, da_g, da_o]; // (B, 4H)
    add_affine_gradient(&da, h_prev, &mut grads.weight_hh, &mut grads.bias_hh); // (L15)
    add_affine_gradient(&da, x, &mut grads.weight_ih, &mut grads.bias_ih);
    let dh_prev = da.dot(&p.weight_hh); // (B, H)
    let dx = da.dot(&p.weight_ih); // (B, I)
    (dx, State { h: dh_prev, c: Some(dc_prev) })
}
