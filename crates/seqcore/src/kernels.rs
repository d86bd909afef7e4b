//! The crate's kernels, compiled once for each type of number.
//!
//! A generic function is compiled anew in every crate that uses it, and a kernel three times over
//! (see [`crate::simd`]). Called through this trait, they are compiled here and nowhere else:
//! `f32`, which trains, for every level of processor; `f64`, which checks gradients, for any.

use crate::fused::{gru, lstm, rnn};
use crate::gemm::{AddTransposed, Multiply};
use crate::loss::Exponentials;
use crate::simd::{dispatch, level, portable};

/// A number that the kernels are compiled for.
pub trait Kernels: Sized {
    /// How many columns a panel of a product is wide.
    fn lanes() -> usize;
    /// C = A · B.
    fn multiply(kernel: Multiply<'_, Self>);
    /// C += Aᵀ · B.
    fn add_transposed(kernel: AddTransposed<'_, Self>);
    /// e^(y − max(y)) of every row; returns the rows' maxima and sums.
    fn exponentials(kernel: Exponentials<'_, Self>) -> Vec<(Self, Self)>;
    /// A step of the plain cell.
    fn rnn_forward(kernel: rnn::Forward<'_, Self>);
    /// ... and back.
    fn rnn_backward(kernel: rnn::Backward<'_, Self>);
    /// A step of the LSTM.
    fn lstm_forward(kernel: lstm::Forward<'_, Self>);
    /// ... and back.
    fn lstm_backward(kernel: lstm::Backward<'_, Self>);
    /// A step of the GRU.
    fn gru_forward(kernel: gru::Forward<'_, Self>);
    /// ... and back.
    fn gru_backward(kernel: gru::Backward<'_, Self>);
}

macro_rules! kernels {
    ($number:ty, $lanes:expr, $run:ident) => {
        impl Kernels for $number {
            fn lanes() -> usize {
                $lanes
            }

            fn multiply(kernel: Multiply<'_, Self>) {
                $run(kernel)
            }

            fn add_transposed(kernel: AddTransposed<'_, Self>) {
                $run(kernel)
            }

            fn exponentials(kernel: Exponentials<'_, Self>) -> Vec<(Self, Self)> {
                $run(kernel)
            }

            fn rnn_forward(kernel: rnn::Forward<'_, Self>) {
                $run(kernel)
            }

            fn rnn_backward(kernel: rnn::Backward<'_, Self>) {
                $run(kernel)
            }

            fn lstm_forward(kernel: lstm::Forward<'_, Self>) {
                $run(kernel)
            }

            fn lstm_backward(kernel: lstm::Backward<'_, Self>) {
                $run(kernel)
            }

            fn gru_forward(kernel: gru::Forward<'_, Self>) {
                $run(kernel)
            }

            fn gru_backward(kernel: gru::Backward<'_, Self>) {
                $run(kernel)
            }
        }
    };
}

kernels!(f32, level().lanes(), dispatch);
kernels!(f64, 8, portable);
