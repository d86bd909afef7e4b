//! The one number bound: `f32` trains, `f64` checks gradients.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::NdFloat;
use rand_distr::uniform::SampleUniform;

use crate::activation::Fast;
use crate::kernels::Kernels;

/// A floating-point type that layers are generic over: `f32` or `f64`.
///
/// ```
/// use seqcore::Float;
/// fn half<A: Float>(x: A) -> A { x * A::of(0.5) }
/// assert_eq!(half(3.0_f32), 1.5);
/// ```
pub trait Float:
    NdFloat + Fast + Kernels + SampleUniform + Sum + Default + Display + Debug + Send + Sync + 'static
{
    /// The name in messages: `f32` or `f64`.
    const NAME: &'static str;

    /// The safetensors type of this float.
    const DTYPE: safetensors::Dtype;

    /// The nearest value to `x`.
    fn of(x: f64) -> Self;

    /// The value as `f64`.
    fn as_f64(self) -> f64;

    /// Appends the little-endian bytes of the value, as safetensors stores them.
    fn push_le_bytes(self, out: &mut Vec<u8>);

    /// Reads a value from its little-endian bytes; `bytes` has as many as the type.
    fn from_le_bytes(bytes: &[u8]) -> Self;
}

macro_rules! float {
    ($t:ident, $dtype:ident) => {
        impl Float for $t {
            const NAME: &'static str = stringify!($t);
            const DTYPE: safetensors::Dtype = safetensors::Dtype::$dtype;

            #[inline]
            fn of(x: f64) -> Self {
                x as $t
            }

            #[inline]
            fn as_f64(self) -> f64 {
                self as f64
            }

            fn push_le_bytes(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn from_le_bytes(bytes: &[u8]) -> Self {
                $t::from_le_bytes(bytes.try_into().expect("as many bytes as the type has"))
            }
        }
    };
}

float!(f32, F32);
float!(f64, F64);
