//! The GRU's step on whole rows, in place. Equations as in [`crate::cells::gru`].

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};

use crate::Float;
use crate::activation::{sigmoid, sigmoid_slope, tanh_slope};
use crate::cells::CellParams;

/// Cuts a row of 3H into its blocks r, z, n.
fn blocks<A>(row: &mut [A]) -> [&mut [A]; 3] {
    let hidden = row.len() / 3;
    let (r, rest) = row.split_at_mut(hidden);
    let (z, n) = rest.split_at_mut(hidden);
    [r, z, n]
}

/// `u` (n, 3H) comes with the inputs' part and leaves as gate values r, z, n; `v_n` and `h`
/// (n, H) are written.
pub(super) fn forward<A: Float>(
    p: &CellParams<A>,
    h_prev: ArrayView2<A>,
    mut u: ArrayViewMut2<A>,
    mut v_n: ArrayViewMut2<A>,
    h: &mut ArrayViewMut2<A>,
) {
    let hidden = p.hidden();
    // The gates r and z add the two parts up, so the state's part goes straight onto the
    // inputs'. The candidate needs its state's part alone.
    let (w_rz, w_n) = p.weight_hh.view().split_at(ndarray::Axis(0), 2 * hidden);
    general_mat_mul(A::one(), &h_prev, &w_rz.t(), A::one(), &mut u.slice_mut(s![.., ..2 * hidden])); // (G1)
    general_mat_mul(A::one(), &h_prev, &w_n.t(), A::zero(), &mut v_n);
    if let Some(bias) = &p.bias_hh {
        u.slice_mut(s![.., ..2 * hidden])
            .zip_mut_with(&bias.slice(s![..2 * hidden]), |u, &b| *u += b);
        v_n.zip_mut_with(&bias.slice(s![2 * hidden..]), |v, &b| *v += b);
    }
    for row in 0..u.nrows() {
        let (mut u, mut h) = (u.row_mut(row), h.row_mut(row));
        let (h_prev, v_n) = (h_prev.row(row), v_n.row(row));
        let [r, z, n] = blocks(u.as_slice_mut().expect("rows are contiguous"));
        for k in 0..hidden {
            r[k] = sigmoid(r[k]); // (G2)
            z[k] = sigmoid(z[k]); // (G3)
            n[k] = (n[k] + r[k] * v_n[k]).tanh(); // (G4)
            h[k] = (A::one() - z[k]) * n[k] + z[k] * h_prev[k]; // (G5)
        }
    }
}

/// `dh` (n, H) comes as the gradient of the new state and leaves as that of the old one;
/// `gates` (n, 3H) leaves as du, and `dv` (n, 3H) is written.
pub(super) fn backward<A: Float>(
    p: &CellParams<A>,
    h_prev: ArrayView2<A>,
    v_n: ArrayView2<A>,
    mut gates: ArrayViewMut2<A>,
    mut dv: ArrayViewMut2<A>,
    mut dh: ArrayViewMut2<A>,
) {
    for row in 0..gates.nrows() {
        let (mut gates, mut dv, mut dh) = (gates.row_mut(row), dv.row_mut(row), dh.row_mut(row));
        let (h_prev, v_n) = (h_prev.row(row), v_n.row(row));
        let [r, z, n] = blocks(gates.as_slice_mut().expect("rows are contiguous"));
        let [dv_r, dv_z, dv_n] = blocks(dv.as_slice_mut().expect("rows are contiguous"));
        for k in 0..r.len() {
            let dn = dh[k] * (A::one() - z[k]); // (G6)
            let dz = dh[k] * (h_prev[k] - n[k]); // (G7)
            let da_n = dn * tanh_slope(n[k]); // (G8)
            let dr = da_n * v_n[k]; // (G9)
            let (da_r, da_z) = (dr * sigmoid_slope(r[k]), dz * sigmoid_slope(z[k])); // (G10)
            dh[k] *= z[k]; // the direct part of (G12)
            (dv_r[k], dv_z[k], dv_n[k]) = (da_r, da_z, r[k] * da_n); // (G11)
            (r[k], z[k], n[k]) = (da_r, da_z, da_n);
        }
    }
    general_mat_mul(A::one(), &dv, &p.weight_hh, A::one(), &mut dh); // (G12)
}
