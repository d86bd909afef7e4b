//! The plain cell's step on whole rows, in place. Equations as in [`crate::cells::rnn`].

use crate::Float;
use crate::activation::{relu, relu_slope, tanh_slope};
use crate::cells::rnn::Nonlinearity;
use crate::simd::Kernel;

/// From pre-activations to the new state; it is its own gate value.
#[derive(Debug)]
pub struct Forward<'a, A> {
    pub f: Nonlinearity,
    /// Comes as a (R1) and leaves as h.
    pub gates: &'a mut [A],
    pub h: &'a mut [A],
}

impl<A: Float> Kernel for Forward<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { f, gates, h } = self;
        match f {
            Nonlinearity::Tanh => gates.iter_mut().for_each(|a| *a = a.fast_tanh::<FMA>()), // (R2)
            Nonlinearity::Relu => gates.iter_mut().for_each(|a| *a = relu(*a)),
        }
        h.copy_from_slice(gates);
    }
}

/// From the gradient of the new state to that of the pre-activations.
#[derive(Debug)]
pub struct Backward<'a, A> {
    pub f: Nonlinearity,
    /// Comes as h and leaves as da (R8).
    pub gates: &'a mut [A],
    pub dh: &'a [A],
}

impl<A: Float> Kernel for Backward<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let Self { f, gates, dh } = self;
        let pairs = gates.iter_mut().zip(dh);
        match f {
            Nonlinearity::Tanh => pairs.for_each(|(h, &dh)| *h = dh * tanh_slope(*h)), // (R8)
            Nonlinearity::Relu => pairs.for_each(|(h, &dh)| *h = dh * relu_slope(*h)),
        }
    }
}
