//! Figures for language models, and the two lowest rungs of their ladder.
//!
//! A model gives every token a probability, and those of a text multiply by the chain rule
//!
//! ```text
//! (R19)  p(x_1..x_T) = prod_t p(x_t | x_<t)
//! (R5)   L = -(1/T) sum_t ln p(x_t | x_<t)      nats per token
//! (R17)  perplexity = exp(L),  bits = L / ln 2
//! ```
//!
//! All losses here are means in nats. They can be compared between models only on the same text
//! and the same tokens; [`nats_per_character`] brings word models to a common unit.

use std::f64::consts::LN_2;

/// Perplexity of a mean loss in nats: the number of equally likely tokens among which a choice
/// would be as hard.
pub fn perplexity(nats: f64) -> f64 {
    nats.exp() // (R17)
}

/// A loss in nats as bits: per character, if the loss is per character.
pub fn bits(nats: f64) -> f64 {
    nats / LN_2 // (R17)
}

/// A mean loss per token as one per character, for a text of so many of each.
pub fn nats_per_character(nats_per_token: f64, tokens: usize, characters: usize) -> f64 {
    nats_per_token * tokens as f64 / characters as f64
}

/// The loss of knowing nothing: every token of the vocabulary (`<unk>` included) is equally
/// likely. It is also what an untrained network should begin with.
///
/// ```
/// use seqcore::metrics::{bits, perplexity, uniform_nats};
/// assert_eq!(bits(uniform_nats(64)), 6.0);
/// assert!((perplexity(uniform_nats(64)) - 64.0).abs() < 1e-12);
/// ```
pub fn uniform_nats(vocab_size: usize) -> f64 {
    (vocab_size as f64).ln()
}

/// How often each token occurs, and nothing of its context. One is added to every count, so that
/// no token is impossible (Laplace's rule of succession):
/// p(w) = (c(w) + 1) / (N + V), with V the vocabulary including `<unk>`.
#[derive(Debug, Clone)]
pub struct Unigram {
    probs: Vec<f64>,
}

impl Unigram {
    /// Counts the training ids. Panics where an id is not below `vocab_size`.
    pub fn fit(train: &[usize], vocab_size: usize) -> Self {
        let mut counts = vec![1_usize; vocab_size];
        for &token in train {
            assert!(token < vocab_size, "token {token} in a vocabulary of {vocab_size}");
            counts[token] += 1;
        }
        let total = (train.len() + vocab_size) as f64;
        Self { probs: counts.into_iter().map(|count| count as f64 / total).collect() }
    }

    /// The probability of every token, (V).
    pub fn distribution(&self) -> &[f64] {
        &self.probs
    }

    /// The mean loss on a text; NaN where it is empty.
    pub fn nats_per_token(&self, text: &[usize]) -> f64 {
        let nats: f64 = text.iter().map(|&token| -self.probs[token].ln()).sum();
        nats / text.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert!((bits(1.5418) - 2.2243).abs() < 1e-4); // 1.5418 / 0.693147
        assert!((perplexity(1.5418) - 4.6730).abs() < 1e-4);
        // Four words of 20 characters at ln 1000 each.
        assert!((nats_per_character(1000_f64.ln(), 4, 20) - 1.381551).abs() < 1e-6);
        assert!((uniform_nats(66) - 4.189655).abs() < 1e-6);
    }

    #[test]
    fn unigram_adds_one_to_every_count() {
        let unigram = Unigram::fit(&[1, 1, 2, 1], 4); // counts 0 3 1 0
        assert_eq!(unigram.distribution(), [0.125, 0.5, 0.25, 0.125]);
        // -(ln 1/2 + ln 1/8) / 2 = 2 ln 2
        assert!((unigram.nats_per_token(&[1, 0]) - 2.0 * LN_2).abs() < 1e-15);
        assert!(unigram.nats_per_token(&[]).is_nan());
    }

    #[test]
    fn unigram_of_nothing_is_uniform() {
        assert_eq!(Unigram::fit(&[], 4).distribution(), [0.25; 4]);
    }
}
