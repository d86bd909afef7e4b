//! tmp
use crate::Float;
use ndarray::{Array, Dimension};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
/// tmp
#[derive(Debug, Clone, Copy)]
pub struct DropoutStreams {
    /// seed
    pub seed: u64,
    /// step
    pub step: u64,
    /// shard
    pub shard: u64,
}
impl DropoutStreams {
    /// tmp
    pub fn stream(&self, layer: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream((self.step << 20) | (self.shard << 8) | layer as u64);
        rng
    }
}
/// tmp
pub fn dropout_mask<A: Float, D: Dimension>(
    dim: D,
    p: f64,
    rng: &mut impl rand::Rng,
) -> Array<A, D> {
    let keep = A::of(1.0 / (1.0 - p));
    Array::from_shape_simple_fn(dim, || if rng.random::<f64>() < p { A::zero() } else { keep })
}
