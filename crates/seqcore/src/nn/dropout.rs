//! Inverted dropout (Srivastava et al. 2014).
//!
//! ```text
//! forward    y = x ⊙ m          m = 0 with probability p, else 1 / (1 - p)
//! backward   dx = dy ⊙ m
//! ```
//!
//! The kept numbers are scaled up in training, so that nothing needs to be done in evaluation: the
//! mean of m is 1. The mask is drawn once and kept for the backward pass.

use ndarray::{Array, Dimension, ShapeBuilder};
use rand::Rng;

use crate::{Error, Float, Result};

/// The dropout probability p.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    p: f64,
}

/// One draw of the mask m; without dropout there is nothing to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct DropoutMask<A, D: Dimension>(Option<Array<A, D>>);

impl Dropout {
    /// Dropout with probability `p`, at least 0 and below 1.
    pub fn new(p: f64) -> Result<Self> {
        if (0.0..1.0).contains(&p) {
            return Ok(Self { p });
        }
        Err(Error::config(format!(
            "the dropout probability is {p}; it must be at least 0 and below 1."
        )))
    }

    /// The probability.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// Draws a mask for training; p = 0 draws nothing. For evaluation use [`DropoutMask::none`].
    pub fn mask<A: Float, D: Dimension>(
        &self,
        shape: impl ShapeBuilder<Dim = D>,
        rng: &mut (impl Rng + ?Sized),
    ) -> DropoutMask<A, D> {
        if self.p == 0.0 {
            return DropoutMask::none();
        }
        // One 32-bit draw a number: it is dropped where the draw falls in the lowest share p.
        let limit = (self.p * 4_294_967_296.0) as u32;
        // Looked up rather than branched on: no processor guesses a coin.
        let factors = [A::zero(), A::of(1.0 / (1.0 - self.p))];
        let draw = || factors[usize::from(rng.random::<u32>() >= limit)];
        DropoutMask(Some(Array::from_shape_simple_fn(shape, draw)))
    }

    /// Word dropout (Iyyer et al. 2015): each token becomes `instead` with probability p, so that no
    /// verdict can hang on one word alone. Nothing is scaled.
    pub fn drop_tokens(&self, ids: &mut [usize], instead: usize, rng: &mut (impl Rng + ?Sized)) {
        if self.p > 0.0 {
            let limit = (self.p * 4_294_967_296.0) as u32;
            ids.iter_mut().filter(|_| rng.random::<u32>() < limit).for_each(|id| *id = instead);
        }
    }
}

impl<A: Float, D: Dimension> DropoutMask<A, D> {
    /// The mask that keeps everything as it is.
    pub fn none() -> Self {
        Self(None)
    }

    /// The forward pass on activations, and the backward pass on their gradients: both multiply.
    pub fn apply(&self, array: &mut Array<A, D>) {
        if let Some(mask) = &self.0 {
            assert_eq!(array.shape(), mask.shape(), "activations and mask of one shape");
            *array *= mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Array3, Ix2};
    use rand::{RngCore, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::gradcheck::check;
    use crate::init;

    #[test]
    fn a_share_p_is_dropped_and_the_mean_stays() {
        let rng = &mut ChaCha8Rng::seed_from_u64(5);
        let mut y = Array3::<f32>::ones((20, 50, 100));
        Dropout::new(0.3).unwrap().mask(y.dim(), rng).apply(&mut y);
        let dropped = y.iter().filter(|v| **v == 0.0).count() as f64 / 1e5;
        // Five standard errors of 100,000 draws.
        assert!((dropped - 0.3).abs() < 5.0 * (0.21_f64 / 1e5).sqrt(), "{dropped}");
        assert!(y.iter().all(|v| *v == 0.0 || (*v - 1.0 / 0.7).abs() < 1e-6));
        assert!((y.mean().unwrap() - 1.0).abs() < 0.02);
    }

    #[test]
    fn backward_agrees_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(6);
        let mask = Dropout::new(0.5).unwrap().mask((4, 6), rng);
        let mut x: Array2<f64> = init::normal((4, 6), rng);
        let forward = |x: &Array2<f64>| {
            let mut y = x.clone();
            mask.apply(&mut y);
            y
        };
        // L = Σ y³, dy = 3 y².
        let mut dx = forward(&x).mapv(|y| 3.0 * y * y);
        mask.apply(&mut dx);
        check(&mut x, &dx, |x| forward(x).mapv(|y| y.powi(3)).sum()).assert_below(1e-6);
    }

    #[test]
    fn a_share_of_the_tokens_is_replaced() {
        let rng = &mut ChaCha8Rng::seed_from_u64(8);
        let mut ids = vec![7; 10_000];
        Dropout::new(0.2).unwrap().drop_tokens(&mut ids, 0, rng);
        let dropped = ids.iter().filter(|&&id| id == 0).count();
        assert!((1800..2200).contains(&dropped), "{dropped}"); // five standard errors of 40
    }

    #[test]
    fn without_dropout_nothing_is_drawn() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mask = Dropout::new(0.0).unwrap().mask::<f32, Ix2>((3, 3), &mut rng);
        assert_eq!(mask, DropoutMask::none());
        assert_eq!(rng.next_u64(), ChaCha8Rng::seed_from_u64(7).next_u64());
    }

    #[test]
    fn a_probability_that_cannot_be_is_refused() {
        for p in [-0.1, 1.0, f64::NAN] {
            assert!(Dropout::new(p).unwrap_err().to_string().contains("dropout"), "{p}");
        }
    }
}
