//! # Perplexity and bits per character
//!
//! A model gave each of N characters of a held-out text a probability. Say how good that is in two
//! ways that people understand, equations (R5) and (R17) of `theory/01_rnn_fundamentals.md`:
//!
//! ```text
//! (R5)   L = -(1/N) sum_t ln p_t
//! (R17)  perplexity = exp(L)        bits per character = L / ln 2
//! ```
//!
//! The perplexity is the number of equally likely characters that would be as hard to choose from.
//! The bits are what a compressor with this model would need for a character.
//!
//! | | shape |
//! |---|---|
//! | `probabilities` | N, above 0 |
//! | the answer | two numbers |
//!
//! Example: (0.5, 0.125) has L = (0.6931 + 2.0794) / 2 = 1.3863, so the perplexity is 4 and the
//! cost 2 bits.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    // TODO: the mean loss L (R5), then both (R17).
    todo!()
}
