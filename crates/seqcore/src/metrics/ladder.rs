//! The rungs that a character model must be shown beside: what knowing nothing, counting
//! characters and counting n-grams reach on the same held-out text.

use super::language::{Unigram, uniform_nats};
use super::ngram::{NGram, choose_order};

/// The longest n-grams that are tried.
const LONGEST: usize = 8;

/// The count models' losses on the held-out part, in nats per token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baselines {
    /// Every token equally likely.
    pub uniform: f64,
    /// Each as likely as it is frequent.
    pub unigram: f64,
    /// Modified Kneser-Ney.
    pub ngram: f64,
    /// Its order, chosen on the end of the training text.
    pub order: usize,
}

impl Baselines {
    /// Fits them on `train` and scores them on `held_out`; `dev_start` is where in `train` the part
    /// begins that the order is chosen on. Panics where an id is not below `vocab_size`.
    pub fn fit(train: &[usize], dev_start: usize, held_out: &[usize], vocab_size: usize) -> Self {
        let (fit, choose) = train.split_at(dev_start);
        let (order, _) = choose_order(fit, choose, vocab_size, LONGEST);
        Self {
            uniform: uniform_nats(vocab_size),
            unigram: Unigram::fit(train, vocab_size).nats_per_token(held_out),
            ngram: NGram::fit(train, vocab_size, order).nats_per_token(held_out),
            order,
        }
    }

    /// What the n-gram is called in tables.
    pub fn ngram_name(&self) -> String {
        format!("{}-gram, Kneser-Ney", self.order)
    }
}
