//! How good a model is, always beside the baselines it must be shown with.

pub mod classification;
pub mod comparison;
pub mod conformal;
pub mod correlation;
pub mod forecast;
pub mod ladder;
pub mod language;
pub mod ngram;
pub mod statistics;
pub mod translation;

pub use correlation::correlation;
pub use ladder::Baselines;
pub use language::{Unigram, bits, nats_per_character, perplexity, uniform_nats};
pub use ngram::{NGram, choose_order};
pub use statistics::Interval;
