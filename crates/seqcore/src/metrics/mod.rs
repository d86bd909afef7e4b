//! How good a model is, always beside the baselines it must be shown with.

pub mod comparison;
pub mod conformal;
pub mod forecast;
pub mod language;
pub mod ngram;
pub mod statistics;

pub use language::{Unigram, bits, nats_per_character, perplexity, uniform_nats};
pub use ngram::{NGram, choose_order};
pub use statistics::Interval;
