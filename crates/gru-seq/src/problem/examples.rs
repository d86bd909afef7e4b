//! What a problem is: examples that are drawn, and the steps at which they ask for something.

use std::fmt::Debug;
use std::ops::Range;

use ndarray::{Array2, Array3};
use rand_chacha::ChaCha8Rng;

/// What is to be learned.
pub trait Problem: Debug + Clone + Send + Sync {
    /// I, numbers that come in at each step.
    fn inputs(&self) -> usize;
    /// O, numbers that go out at each step that is read.
    fn outputs(&self) -> usize;
    /// The steps at which the network is read.
    fn read(&self) -> Range<usize>;
    /// Draws `batch` examples.
    fn draw(&self, batch: usize, rng: &mut ChaCha8Rng) -> Examples;
}

/// Examples of a problem.
#[derive(Debug, Clone)]
pub struct Examples {
    /// (T, B, I)
    pub x: Array3<f32>,
    /// For each step that is read, and in it for each sequence.
    pub targets: Targets,
}

/// What should come out.
#[derive(Debug, Clone)]
pub enum Targets {
    /// Numbers, (steps·B, O); the loss is the squared error.
    Numbers(Array2<f32>),
    /// Classes; the loss is the cross-entropy in nats.
    Classes(Vec<usize>),
}
