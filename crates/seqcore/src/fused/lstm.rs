//! The LSTM's step on whole rows, in place. Equations as in [`crate::cells::lstm`].

use super::blocks::{load, store, walk_blocks};
use crate::Float;
use crate::activation::{sigmoid_slope, tanh_slope};
use crate::simd::Kernel;

/// From pre-activations to the new state. Rows of H, of 4H for `gates`, one after the other.
pub(super) struct Forward<'a, A> {
    pub hidden: usize,
    /// Comes as a (L1) and leaves as the gate values i, f, g, o.
    pub gates: &'a mut [A],
    pub c_prev: &'a [A],
    pub c: &'a mut [A],
    pub tanh_c: &'a mut [A],
    pub h: &'a mut [A],
}

impl<A: Float> Kernel for Forward<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const FMA: bool>(self) {
        let Self { hidden, gates, c_prev, c, tanh_c, h } = self;
        for (row, gates) in gates.chunks_exact_mut(4 * hidden).enumerate() {
            let rows = row * hidden..(row + 1) * hidden;
            let (c_prev, c) = (&c_prev[rows.clone()], &mut c[rows.clone()]);
            let (tanh_c, h) = (&mut tanh_c[rows.clone()], &mut h[rows]);
            walk_blocks!(hidden, forward::<A, FMA>(gates, c_prev, c, tanh_c, h));
        }
    }
}

/// The units from `k` to `k + N` of one row.
#[inline(always)]
fn forward<A: Float, const FMA: bool, const N: usize>(
    k: usize,
    gates: &mut [A],
    c_prev: &[A],
    c: &mut [A],
    tanh_c: &mut [A],
    h: &mut [A],
) {
    let hidden = c.len();
    let [i, f, g, o] = [0, 1, 2, 3].map(|block| load::<A, N>(gates, block * hidden + k));
    let i = i.map(|a| a.fast_sigmoid::<FMA>()); // (L2)
    let f = f.map(|a| a.fast_sigmoid::<FMA>()); // (L3)
    let g = g.map(|a| a.fast_tanh::<FMA>()); // (L4)
    let o = o.map(|a| a.fast_sigmoid::<FMA>()); // (L5)
    let before = load::<A, N>(c_prev, k);
    let now: [A; N] = std::array::from_fn(|u| f[u] * before[u] + i[u] * g[u]); // (L6)
    let squashed = now.map(|c| c.fast_tanh::<FMA>());
    store(h, k, std::array::from_fn::<A, N, _>(|u| o[u] * squashed[u])); // (L7)
    store(c, k, now);
    store(tanh_c, k, squashed);
    for (block, values) in [i, f, g, o].into_iter().enumerate() {
        store(gates, block * hidden + k, values);
    }
}

/// From the gradients of the new state to those of the pre-activations and of the old c.
pub(super) struct Backward<'a, A> {
    pub hidden: usize,
    /// Comes as gate values and leaves as da (L14).
    pub gates: &'a mut [A],
    pub c_prev: &'a [A],
    pub tanh_c: &'a [A],
    pub dh: &'a [A],
    /// Comes as the gradient of the new c and leaves as that of the old one.
    pub dc: &'a mut [A],
}

impl<A: Float> Kernel for Backward<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const FMA: bool>(self) {
        let Self { hidden, gates, c_prev, tanh_c, dh, dc } = self;
        for (row, gates) in gates.chunks_exact_mut(4 * hidden).enumerate() {
            let rows = row * hidden..(row + 1) * hidden;
            let (c_prev, tanh_c) = (&c_prev[rows.clone()], &tanh_c[rows.clone()]);
            let (dh, dc) = (&dh[rows.clone()], &mut dc[rows]);
            walk_blocks!(hidden, backward::<A>(gates, c_prev, tanh_c, dh, dc));
        }
    }
}

/// The units from `k` to `k + N` of one row.
#[inline(always)]
fn backward<A: Float, const N: usize>(
    k: usize,
    gates: &mut [A],
    c_prev: &[A],
    tanh_c: &[A],
    dh: &[A],
    dc: &mut [A],
) {
    let hidden = dc.len();
    let [i, f, g, o] = [0, 1, 2, 3].map(|block| load::<A, N>(gates, block * hidden + k));
    let [c_prev, tanh_c, dh, above] =
        [load::<A, N>(c_prev, k), load(tanh_c, k), load(dh, k), load(dc, k)];
    let mut da = [[A::zero(); N]; 4];
    let mut d_before = [A::zero(); N];
    for u in 0..N {
        let d_o = dh[u] * tanh_c[u]; // (L8)
        let d = above[u] + dh[u] * o[u] * tanh_slope(tanh_c[u]); // (L9)
        let df = d * c_prev[u]; // (L10)
        let di = d * g[u]; // (L11)
        let dg = d * i[u]; // (L12)
        d_before[u] = d * f[u]; // (L13)
        da[0][u] = di * sigmoid_slope(i[u]); // (L14)
        da[1][u] = df * sigmoid_slope(f[u]);
        da[2][u] = dg * tanh_slope(g[u]);
        da[3][u] = d_o * sigmoid_slope(o[u]);
    }
    store(dc, k, d_before);
    for (block, values) in da.into_iter().enumerate() {
        store(gates, block * hidden + k, values);
    }
}
