//! Sequence to sequence: one network reads, another writes.
//!
//! - [`model`]: encoder, bridge, decoder and attention; the loss under teacher forcing and its gradient.
//! - [`translator`]: writing with it, one token at a time.
//! - [`pair_task`]: training it on pairs.

pub mod model;
pub mod pair_task;
pub mod translator;

pub use model::{Seq2Seq, Seq2SeqConfig, Seq2SeqTape};
pub use pair_task::PairTask;
pub use translator::Translator;
