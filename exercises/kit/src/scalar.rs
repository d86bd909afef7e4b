//! The numbers that arrays may hold.

use ndarray::{ArrayD, IxDyn};

use crate::Value;

/// A number that an array of an exercise may hold.
pub trait Scalar: Copy {
    /// Numbers in row-major order, as a value.
    fn pack(shape: Vec<usize>, data: Vec<Self>) -> Value;
    /// Back.
    ///
    /// # Errors
    /// A value of another kind.
    fn unpack(value: Value) -> Result<ArrayD<Self>, String>;
}

fn array<A>(shape: Vec<usize>, data: Vec<A>) -> Result<ArrayD<A>, String> {
    ArrayD::from_shape_vec(IxDyn(&shape), data).map_err(|error| error.to_string())
}

macro_rules! float {
    ($($float:ty),*) => {$(
        impl Scalar for $float {
            fn pack(shape: Vec<usize>, data: Vec<Self>) -> Value {
                Value::Floats { shape, data: data.into_iter().map(f64::from).collect() }
            }

            fn unpack(value: Value) -> Result<ArrayD<Self>, String> {
                match value {
                    Value::Floats { shape, data } => {
                        array(shape, data.into_iter().map(|x| x as Self).collect())
                    }
                    other => Err(format!("expected floats, got {}", other.kind())),
                }
            }
        }
    )*};
}

macro_rules! int {
    ($($int:ty),*) => {$(
        impl Scalar for $int {
            fn pack(shape: Vec<usize>, data: Vec<Self>) -> Value {
                Value::Ints { shape, data: data.into_iter().map(|n| n as i64).collect() }
            }

            fn unpack(value: Value) -> Result<ArrayD<Self>, String> {
                match value {
                    Value::Ints { shape, data } => {
                        array(shape, data.into_iter().map(|n| n as Self).collect())
                    }
                    other => Err(format!("expected whole numbers, got {}", other.kind())),
                }
            }
        }
    )*};
}

float!(f32, f64);
int!(u8, u32, u64, usize, i32, i64);

/// Only in arrays (masks); a single `bool` is a [`Value::Bool`].
impl Scalar for bool {
    fn pack(shape: Vec<usize>, data: Vec<Self>) -> Value {
        Value::Ints { shape, data: data.into_iter().map(i64::from).collect() }
    }

    fn unpack(value: Value) -> Result<ArrayD<Self>, String> {
        Ok(<i64 as Scalar>::unpack(value)?.mapv(|n| n != 0))
    }
}

/// f32 or f64.
pub trait Real: Copy {
    /// The logistic function.
    fn sigmoid(self) -> Self;
}

macro_rules! real {
    ($($float:ty),*) => {$(
        impl Real for $float {
            fn sigmoid(self) -> Self {
                // exp of a negative number only: it never overflows.
                let e = (-self.abs()).exp();
                if self >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
            }
        }
    )*};
}

real!(f32, f64);

/// σ(x) = 1 / (1 + e^−x).
///
/// ```
/// assert_eq!(kit::sigmoid(0.0), 0.5);
/// ```
pub fn sigmoid<A: Real>(x: A) -> A {
    x.sigmoid()
}
