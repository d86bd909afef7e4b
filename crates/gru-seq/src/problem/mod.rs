//! Problems whose examples are drawn afresh at every step, and how a [`Readout`](crate::readout::Readout) is trained
//! on one.
//!
//! There is no training set that could be learned by heart: every batch is new. Examples depend on
//! the seed, the step and the shard only, so a run has the same bits on any number of threads.

pub mod examples;
pub mod recall;
pub mod training;

pub use examples::{Examples, Problem, Targets};
pub use recall::{Adding, Copying};
pub use training::{DEV, Evaluation, Schedule, TEST, evaluate, train};
