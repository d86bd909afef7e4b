//! The GRU's step on whole rows, in place. Equations as in [`crate::cells::gru`].

use super::blocks::{for_blocks, load, store};
use crate::Float;
use crate::activation::{sigmoid_slope, tanh_slope};
use crate::simd::Kernel;

/// From the two parts of the pre-activations to the new state. Rows of H, of 3H for `gates` and
/// `v`, one after the other.
#[derive(Debug)]
pub struct Forward<'a, A> {
    pub hidden: usize,
    /// Comes as u (G1) and leaves as the gate values r, z, n.
    pub gates: &'a mut [A],
    pub v: &'a [A],
    /// Receives v_n, which the way back needs.
    pub v_n: &'a mut [A],
    pub h_prev: &'a [A],
    pub h: &'a mut [A],
}

impl<A: Float> Kernel for Forward<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { hidden, gates, v, v_n, h_prev, h } = self;
        for ((row, gates), v) in
            gates.chunks_exact_mut(3 * hidden).enumerate().zip(v.chunks_exact(3 * hidden))
        {
            let rows = row * hidden..(row + 1) * hidden;
            let (v_n, h_prev, h) = (&mut v_n[rows.clone()], &h_prev[rows.clone()], &mut h[rows]);
            for_blocks!(hidden, forward::<A, FMA>(gates, v, v_n, h_prev, h));
        }
    }
}

/// The units from `k` to `k + N` of one row.
#[inline(always)]
fn forward<A: Float, const FMA: bool, const N: usize>(
    k: usize,
    gates: &mut [A],
    v: &[A],
    v_n: &mut [A],
    h_prev: &[A],
    h: &mut [A],
) {
    let hidden = h.len();
    let (mut r, mut z) = (load::<A, N>(gates, k), load::<A, N>(gates, hidden + k));
    let mut n = load::<A, N>(gates, 2 * hidden + k);
    let (v_r, v_z) = (load::<A, N>(v, k), load::<A, N>(v, hidden + k));
    let (v_c, h_prev) = (load::<A, N>(v, 2 * hidden + k), load::<A, N>(h_prev, k));
    let mut now = [A::zero(); N];
    // Plain loops: closures would not be compiled for the processor's vector instructions.
    for u in 0..N {
        r[u] = (r[u] + v_r[u]).fast_sigmoid::<FMA>(); // (G2)
        z[u] = (z[u] + v_z[u]).fast_sigmoid::<FMA>(); // (G3)
        n[u] = (n[u] + r[u] * v_c[u]).fast_tanh::<FMA>(); // (G4)
        now[u] = (A::one() - z[u]) * n[u] + z[u] * h_prev[u]; // (G5)
    }
    store(h, k, now);
    store(v_n, k, v_c);
    store(gates, k, r);
    store(gates, hidden + k, z);
    store(gates, 2 * hidden + k, n);
}

/// From the gradient of the new state to those of the two parts of the pre-activations.
#[derive(Debug)]
pub struct Backward<'a, A> {
    pub hidden: usize,
    /// Comes as gate values and leaves as du (G11).
    pub gates: &'a mut [A],
    /// Receives dv (G11).
    pub dv: &'a mut [A],
    pub v_n: &'a [A],
    pub h_prev: &'a [A],
    /// Comes as the gradient of the new state and leaves as the direct part of that of the old
    /// one, dh ⊙ z (G12).
    pub dh: &'a mut [A],
}

impl<A: Float> Kernel for Backward<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { hidden, gates, dv, v_n, h_prev, dh } = self;
        let gates = gates.chunks_exact_mut(3 * hidden).enumerate();
        for ((row, gates), dv) in gates.zip(dv.chunks_exact_mut(3 * hidden)) {
            let rows = row * hidden..(row + 1) * hidden;
            let (v_n, h_prev, dh) = (&v_n[rows.clone()], &h_prev[rows.clone()], &mut dh[rows]);
            for_blocks!(hidden, backward::<A>(gates, dv, v_n, h_prev, dh));
        }
    }
}

/// The units from `k` to `k + N` of one row.
#[inline(always)]
fn backward<A: Float, const N: usize>(
    k: usize,
    gates: &mut [A],
    dv: &mut [A],
    v_n: &[A],
    h_prev: &[A],
    dh: &mut [A],
) {
    let hidden = dh.len();
    let (r, z) = (load::<A, N>(gates, k), load::<A, N>(gates, hidden + k));
    let n = load::<A, N>(gates, 2 * hidden + k);
    let (v_n, h_prev, d) = (load::<A, N>(v_n, k), load::<A, N>(h_prev, k), load::<A, N>(dh, k));
    let (mut du, mut dv_n, mut direct) = ([[A::zero(); N]; 3], [A::zero(); N], [A::zero(); N]);
    for u in 0..N {
        let dn = d[u] * (A::one() - z[u]); // (G6)
        let dz = d[u] * (h_prev[u] - n[u]); // (G7)
        let da_n = dn * tanh_slope(n[u]); // (G8)
        let dr = da_n * v_n[u]; // (G9)
        du[0][u] = dr * sigmoid_slope(r[u]); // (G10)
        du[1][u] = dz * sigmoid_slope(z[u]);
        du[2][u] = da_n; // (G11)
        dv_n[u] = r[u] * da_n;
        direct[u] = d[u] * z[u]; // (G12)
    }
    store(dh, k, direct);
    for block in 0..3 {
        store(gates, block * hidden + k, du[block]);
    }
    store(dv, k, du[0]);
    store(dv, hidden + k, du[1]);
    store(dv, 2 * hidden + k, dv_n);
}
