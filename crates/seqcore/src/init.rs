//! tmp
use crate::Float;
use ndarray::ArrayViewMutD;
/// tmp
pub fn fill_uniform<A: Float>(mut a: ArrayViewMutD<A>, bound: f64, rng: &mut impl rand::Rng) {
    a.mapv_inplace(|_| A::of(rng.random_range(-bound..=bound)));
}
