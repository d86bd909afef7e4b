//! The LSTM's step on whole rows, in place. Equations as in [`crate::cells::lstm`].

use super::blocks::{for_blocks, load, store};
use crate::Float;
use crate::activation::{sigmoid_slope, tanh_slope};
use crate::simd::Kernel;

/// From pre-activations to the new state. Rows of H, of 4H for `gates`, one after the other.
#[derive(Debug)]
pub struct Forward<'a, A> {
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
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { hidden, gates, c_prev, c, tanh_c, h } = self;
        for (row, gates) in gates.chunks_exact_mut(4 * hidden).enumerate() {
            let rows = row * hidden..(row + 1) * hidden;
            let (c_prev, c) = (&c_prev[rows.clone()], &mut c[rows.clone()]);
            let (tanh_c, h) = (&mut tanh_c[rows.clone()], &mut h[rows]);
            for_blocks!(hidden, forward::<A, FMA>(gates, c_prev, c, tanh_c, h));
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
    let (mut i, mut f) = (load::<A, N>(gates, k), load::<A, N>(gates, hidden + k));
    let (mut g, mut o) = (load::<A, N>(gates, 2 * hidden + k), load::<A, N>(gates, 3 * hidden + k));
    let before = load::<A, N>(c_prev, k);
    let (mut now, mut squashed, mut shown) = ([A::zero(); N], [A::zero(); N], [A::zero(); N]);
    // Plain loops: closures would not be compiled for the processor's vector instructions.
    for u in 0..N {
        i[u] = i[u].fast_sigmoid::<FMA>(); // (L2)
        f[u] = f[u].fast_sigmoid::<FMA>(); // (L3)
        g[u] = g[u].fast_tanh::<FMA>(); // (L4)
        o[u] = o[u].fast_sigmoid::<FMA>(); // (L5)
        now[u] = f[u] * before[u] + i[u] * g[u]; // (L6)
        squashed[u] = now[u].fast_tanh::<FMA>();
        shown[u] = o[u] * squashed[u]; // (L7)
    }
    store(h, k, shown);
    store(c, k, now);
    store(tanh_c, k, squashed);
    store(gates, k, i);
    store(gates, hidden + k, f);
    store(gates, 2 * hidden + k, g);
    store(gates, 3 * hidden + k, o);
}

/// From the gradients of the new state to those of the pre-activations and of the old c.
#[derive(Debug)]
pub struct Backward<'a, A> {
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
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { hidden, gates, c_prev, tanh_c, dh, dc } = self;
        for (row, gates) in gates.chunks_exact_mut(4 * hidden).enumerate() {
            let rows = row * hidden..(row + 1) * hidden;
            let (c_prev, tanh_c) = (&c_prev[rows.clone()], &tanh_c[rows.clone()]);
            let (dh, dc) = (&dh[rows.clone()], &mut dc[rows]);
            for_blocks!(hidden, backward::<A>(gates, c_prev, tanh_c, dh, dc));
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
    let (i, f) = (load::<A, N>(gates, k), load::<A, N>(gates, hidden + k));
    let (g, o) = (load::<A, N>(gates, 2 * hidden + k), load::<A, N>(gates, 3 * hidden + k));
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
    for block in 0..4 {
        store(gates, block * hidden + k, da[block]);
    }
}
