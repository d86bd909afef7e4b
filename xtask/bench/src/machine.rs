//! What this machine reaches in plain matrix products.

use std::time::Instant;

use ndarray::Array2;
use rayon::prelude::*;
use seqcore::gemm::{Output, Packed, multiply};

/// The best rate of single-precision products on `threads` threads, in GFLOP/s: each thread
/// multiplies matrices of its own that stay in its cache. The better of two programs counts, ours
/// and the `matrixmultiply` crate's.
pub fn gemm_rate(threads: usize) -> f64 {
    let (m, k, n) = (192, 256, 512);
    let time = |product: &(dyn Fn(&mut Side) + Sync)| {
        let mut sides: Vec<Side> = (0..threads).map(|_| Side::new(m, k, n)).collect();
        let mut best = f64::INFINITY;
        for _ in 0..40 {
            let start = Instant::now();
            sides.par_iter_mut().for_each(|side| (0..8).for_each(|_| product(side)));
            best = best.min(start.elapsed().as_secs_f64() / 8.0);
        }
        2.0 * (threads * m * k * n) as f64 / best / 1e9
    };
    let ours = time(&|side| {
        let (a, c) = (side.a.as_slice().expect("whole"), side.c.as_slice_mut().expect("whole"));
        multiply(a, &side.packed, c, Output::Set);
    });
    let theirs =
        time(&|side| ndarray::linalg::general_mat_mul(1.0, &side.a, &side.b, 0.0, &mut side.c));
    ours.max(theirs)
}

/// One thread's matrices.
struct Side {
    a: Array2<f32>,
    b: Array2<f32>,
    c: Array2<f32>,
    packed: Packed<f32>,
}

impl Side {
    fn new(m: usize, k: usize, n: usize) -> Self {
        let (a, b) = (Array2::from_elem((m, k), 0.5), Array2::from_elem((k, n), 0.25));
        let mut packed = Packed::default();
        packed.pack(b.view());
        Self { a, b, c: Array2::zeros((m, n)), packed }
    }
}
