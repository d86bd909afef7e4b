//! # Greedy decoding
//!
//! A decoder gives a distribution over the next token; greedy decoding takes the most probable one,
//! again and again, until the end mark. Section 4.8 of `theory/04_sequence_to_sequence.md`; the
//! probability of the whole is the product of (S3), kept as a sum of logarithms since a product of
//! many small numbers underflows:
//!
//! ```text
//! (S3)  ln p(y_1 ... y_T) = sum_t ln p(y_t | y_1 ... y_{t-1})
//! ```
//!
//! - The tokens of the answer are without the end mark, but ln p counts it: it was predicted too.
//! - At most `most` tokens are taken, end mark included. What has not ended by then is cut off as
//!   it is.
//! - Of equally probable tokens, take the one with the lower id.
//!
//! `Model` stands for a network: `model.next(&written)` is its distribution after the tokens
//! `written`.
//!
//! | | |
//! |---|---|
//! | `model.next(..)` | (V), sums to 1 |
//! | `end` | the id of the end mark |
//! | `most` | how many predictions at most |
//! | the answer | the tokens, and ln p (natural logarithm) |
//!
//! Example with a = 0, b = 1, end = 2: at the beginning (0.55, 0.45, 0), after a (0.3, 0.3, 0.4),
//! after b (0.05, 0.05, 0.9). Greedy takes a, then the end mark: the answer is ([0], ln 0.55 + ln
//! 0.4 = -1.5141). (b and the end would have had -0.9039.)

use ndarray::{Array1, Array2};

/// The probabilities of the next token.
pub struct Model {
    /// At the beginning, (V).
    pub start: Array1<f64>,
    /// After each token, (V, V): row v belongs to token v.
    pub after: Array2<f64>,
}

impl Model {
    /// The distribution over the next token, (V), after `written`.
    pub fn next(&self, written: &[usize]) -> Array1<f64> {
        match written.last() {
            None => self.start.clone(),
            Some(&token) => self.after.row(token).to_owned(),
        }
    }
}

/// What was written.
pub struct Written {
    pub tokens: Vec<usize>,
    pub log_probability: f64,
}

/// The tokens that greedy decoding writes, and their log-probability.
pub fn greedy_decode(model: &Model, end: usize, most: usize) -> Written {
    // TODO: the most probable token, until the end mark or `most` predictions.
    todo!()
}
