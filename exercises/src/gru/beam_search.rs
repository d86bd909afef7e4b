//! # Beam search with a length penalty
//!
//! Greedy decoding can never take a token back. Beam search keeps the `width` most probable
//! beginnings instead of one. Section 4.8 of `theory/04_sequence_to_sequence.md`. In each round:
//!
//! 1. extend every unfinished beginning by every token, the end mark among them;
//! 2. of **all** these, keep the `width` with the largest ln p;
//! 3. those of them that took the end mark are finished; the others are the beginnings of the next
//!    round.
//!
//! Stop when nothing is unfinished, or after `most` rounds; what is unfinished then is dropped.
//! Finished answers are compared by their score, which takes off the advantage of being short:
//!
//! ```text
//! (S14) score = ln p / lp(n)        lp(n) = ((5 + n) / 6)^alpha
//! ```
//!
//! n counts the end mark. Return all finished answers, the best score first. No two have the same
//! ln p.
//!
//! | | |
//! |---|---|
//! | `model.next(..)` | (V), sums to 1 |
//! | `end` | the id of the end mark |
//! | `width`, `most` | how many are kept; how many rounds at most |
//! | `alpha` | the strength of the penalty; 0 for none |
//! | the answer | tokens without the end mark, and scores |
//!
//! Example with a = 0, b = 1, end = 2: at the beginning (0.55, 0.45, 0), after a (0.3, 0.3, 0.4),
//! after b (0.05, 0.05, 0.9); width 2, alpha 0.6. Round 1 keeps a and b. Round 2 keeps b-end
//! (0.405) and a-end (0.22). lp(2) = 1.0969: the answer is ([1], -0.9039 / 1.0969 = -0.8240), ([0],
//! -1.3804).

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

/// A finished answer: its tokens without the end mark, and its score.
pub struct Answer {
    pub tokens: Vec<usize>,
    pub score: f64,
}

/// The finished answers, the best score first.
pub fn beam_search(
    model: &Model,
    end: usize,
    width: usize,
    most: usize,
    alpha: f64,
) -> Vec<Answer> {
    // TODO: rounds of extending, sorting, keeping; then the finished ones by score.
    todo!()
}
