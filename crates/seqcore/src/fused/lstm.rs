//! The LSTM's step on whole rows, in place. Equations as in [`crate::cells::lstm`].

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use crate::Float;
use crate::activation::{sigmoid, sigmoid_slope, tanh_slope};
use crate::cells::CellParams;

/// Cuts a row of 4H into its blocks i, f, g, o.
fn blocks<A>(row: &mut [A]) -> [&mut [A]; 4] {
    let hidden = row.len() / 4;
    let (left, right) = row.split_at_mut(2 * hidden);
    let ((i, f), (g, o)) = (left.split_at_mut(hidden), right.split_at_mut(hidden));
    [i, f, g, o]
}

/// `a` (n, 4H) comes with the inputs' part and leaves as gate values; `c`, `tanh_c` and `h`
/// (n, H) are written.
pub(super) fn forward<A: Float>(
    p: &CellParams<A>,
    h_prev: ArrayView2<A>,
    c_prev: ArrayView2<A>,
    mut a: ArrayViewMut2<A>,
    mut tanh_c: ArrayViewMut2<A>,
    c: &mut ArrayViewMut2<A>,
    h: &mut ArrayViewMut2<A>,
) {
    general_mat_mul(A::one(), &h_prev, &p.weight_hh.t(), A::one(), &mut a); // (L1)
    if let Some(bias) = &p.bias_hh {
        a += bias;
    }
    for row in 0..a.nrows() {
        let (mut a, mut c, mut tanh_c, mut h) =
            (a.row_mut(row), c.row_mut(row), tanh_c.row_mut(row), h.row_mut(row));
        let [i, f, g, o] = blocks(a.as_slice_mut().expect("rows are contiguous"));
        for k in 0..i.len() {
            i[k] = sigmoid(i[k]); // (L2)
            f[k] = sigmoid(f[k]); // (L3)
            g[k] = g[k].tanh(); // (L4)
            o[k] = sigmoid(o[k]); // (L5)
            c[k] = f[k] * c_prev[[row, k]] + i[k] * g[k]; // (L6)
            tanh_c[k] = c[k].tanh();
            h[k] = o[k] * tanh_c[k]; // (L7)
        }
    }
}

/// `dh` and `dc` (n, H) come as the gradients of the new state and leave as those of the old
/// one; `gates` (n, 4H) leaves as the pre-activations' gradient.
pub(super) fn backward<A: Float>(
    p: &CellParams<A>,
    c_prev: ArrayView2<A>,
    tanh_c: ArrayView2<A>,
    mut gates: ArrayViewMut2<A>,
    mut dh: ArrayViewMut2<A>,
    mut dc: ArrayViewMut2<A>,
) {
    for row in 0..gates.nrows() {
        let (mut gates, mut dc) = (gates.row_mut(row), dc.row_mut(row));
        let (dh, c_prev, tanh_c) = (dh.row(row), c_prev.row(row), tanh_c.row(row));
        let [i, f, g, o] = blocks(gates.as_slice_mut().expect("rows are contiguous"));
        for k in 0..i.len() {
            let d_o = dh[k] * tanh_c[k]; // (L8)
            let d = dc[k] + dh[k] * o[k] * tanh_slope(tanh_c[k]); // (L9)
            let df = d * c_prev[k]; // (L10)
            let di = d * g[k]; // (L11)
            let dg = d * i[k]; // (L12)
            dc[k] = d * f[k]; // (L13)
            i[k] = di * sigmoid_slope(i[k]); // (L14)
            f[k] = df * sigmoid_slope(f[k]);
            g[k] = dg * tanh_slope(g[k]);
            o[k] = d_o * sigmoid_slope(o[k]);
        }
    }
    general_mat_mul(A::one(), &gates, &p.weight_hh, A::zero(), &mut dh); // (L15)
}
