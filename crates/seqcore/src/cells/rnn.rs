//! The plain recurrent cell (Elman 1990), one time step.
//!
//! Forward, for each sequence of the batch:
//!
//! ```text
//! (R1)  a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
//! (R2)  h_t = tanh(a_t)                                 or relu(a_t)
//! ```
//!
//! Backward, given dh_t, the gradient of the loss with respect to h_t:
//!
//! ```text
//! (R8)  da_t = dh_t ⊙ (1 − h_t²)                        or dh_t ⊙ [h_t > 0]
//! (R13) db   += da_t
//! (R12) dW_hh += da_t h_{t-1}ᵀ
//! (R11) dW_ih += da_t x_tᵀ
//! (R10) dh_{t-1} = W_hhᵀ da_t
//! (R9)  dx_t = W_ihᵀ da_t
//! ```

use ndarray::{Array2, ArrayView2, Zip};

use super::{CellParams, add_affine_gradient, affine};
use crate::Float;
use crate::activation::{relu, relu_slope, tanh_slope};

/// The function of (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nonlinearity {
    /// tanh, whose values stay between −1 and 1.
    Tanh,
    /// relu, which does not saturate but lets the state grow.
    Relu,
}

impl Nonlinearity {
    fn value<A: Float>(self, a: A) -> A {
        match self {
            Nonlinearity::Tanh => a.tanh(),
            Nonlinearity::Relu => relu(a),
        }
    }

    fn slope<A: Float>(self, h: A) -> A {
        match self {
            Nonlinearity::Tanh => tanh_slope(h),
            Nonlinearity::Relu => relu_slope(h),
        }
    }
}

/// What a forward step leaves for its backward step.
#[derive(Debug, Clone)]
pub struct Tape<A> {
    /// Input, (B, I).
    pub x: Array2<A>,
    /// State before, (B, H).
    pub h_prev: Array2<A>,
    /// State after, (B, H).
    pub h: Array2<A>,
}

/// One step forward: `x` (B, I), `h_prev` (B, H); the new state is `tape.h`.
pub fn forward<A: Float>(
    f: Nonlinearity,
    p: &CellParams<A>,
    x: ArrayView2<A>,
    h_prev: ArrayView2<A>,
) -> Tape<A> {
    let a = affine(x, &p.weight_ih, &p.bias_ih) + affine(h_prev, &p.weight_hh, &p.bias_hh); // (B, H) (R1)
    let h = a.mapv(|a| f.value(a)); // (B, H) (R2)
    Tape { x: x.to_owned(), h_prev: h_prev.to_owned(), h }
}

/// One step backward: `dh` (B, H) is the whole gradient of the new state. Adds to `grads` and
/// returns (`dx` (B, I), `dh_prev` (B, H)).
pub fn backward<A: Float>(
    f: Nonlinearity,
    p: &CellParams<A>,
    tape: &Tape<A>,
    dh: ArrayView2<A>,
    grads: &mut CellParams<A>,
) -> (Array2<A>, Array2<A>) {
    let mut da = dh.to_owned(); // (B, H)
    Zip::from(&mut da).and(&tape.h).for_each(|da, &h| *da *= f.slope(h)); // (R8)
    add_affine_gradient(&da, &tape.h_prev, &mut grads.weight_hh, &mut grads.bias_hh); // (R12) (R13)
    add_affine_gradient(&da, &tape.x, &mut grads.weight_ih, &mut grads.bias_ih); // (R11) (R13)
    let dh_prev = da.dot(&p.weight_hh); // (B, H) (R10)
    let dx = da.dot(&p.weight_ih); // (B, I) (R9)
    (dx, dh_prev)
}
