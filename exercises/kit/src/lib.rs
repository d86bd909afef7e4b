//! What the exercises stand on.
//!
//! An exercise's code sees `ndarray`, the standard library and this crate. Of this crate it needs
//! [`sigmoid`] at most; the rest serves the grader:
//!
//! - [`Value`]: what a function takes or gives, as a value that can travel between programs;
//! - [`Wire`]: how Rust types become values and come back;
//! - [`cases`]: drawing the inputs of an exercise's cases from a seed;
//! - [`serve`]: the loop of a child program that answers calls and knows nothing else.

pub mod cases;
pub mod codec;
mod scalar;
pub mod serve;
mod value;
mod wire;

pub use scalar::{Real, Scalar, sigmoid};
pub use value::Value;
pub use wire::{Arguments, Fields, Wire};

/// A [`Value::Record`] from named parts: `record! { h: array, c: array }`.
#[macro_export]
macro_rules! record {
    ($($name:ident : $value:expr),* $(,)?) => {
        $crate::Value::Record(vec![$((stringify!($name).to_owned(), $crate::Wire::encode(&$value))),*])
    };
}
