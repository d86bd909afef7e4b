//! The plain cell's step on whole rows, in place. Equations as in [`crate::cells::rnn`].

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Zip};

use crate::Float;
use crate::cells::CellParams;

/// `a` (n, H) comes with the inputs' part and leaves as the new state, which `h` gets too.
pub(super) fn forward<A: Float>(
    f: fn(A) -> A,
    p: &CellParams<A>,
    h_prev: ArrayView2<A>,
    mut a: ArrayViewMut2<A>,
    h: &mut ArrayViewMut2<A>,
) {
    general_mat_mul(A::one(), &h_prev, &p.weight_hh.t(), A::one(), &mut a); // (R1)
    if let Some(bias) = &p.bias_hh {
        a += bias;
    }
    a.mapv_inplace(f); // (R2)
    h.assign(&a);
}

/// `dh` (n, H) comes as the gradient of the new state `h` and leaves as that of the old one;
/// `da` leaves as the pre-activations' gradient.
pub(super) fn backward<A: Float>(
    slope: fn(A) -> A,
    p: &CellParams<A>,
    h: ArrayView2<A>,
    mut da: ArrayViewMut2<A>,
    mut dh: ArrayViewMut2<A>,
) {
    Zip::from(&mut da).and(&dh).and(&h).for_each(|da, &dh, &h| *da = dh * slope(h)); // (R8)
    general_mat_mul(A::one(), &da, &p.weight_hh, A::zero(), &mut dh); // (R10)
}
