//! # A vocabulary, and one-hot vectors
//!
//! A network reads numbers, not letters. Give every character of the **training** text an id, then
//! write a text as one-hot vectors: the x_t of equation (R1) in `theory/01_rnn_fundamentals.md`.
//! Two functions:
//!
//! 1. `vocabulary`: the different characters of a text, each once, sorted by their code (as `char`
//!    compares).
//! 2. `one_hot`: one row for each character of a text; a 1 in the column of its id, 0 elsewhere.
//!    The character at place k of the vocabulary has the id k + 1. Id 0 is for whatever is not in
//!    the vocabulary: a new text may hold letters that training never showed, and they need a place
//!    too.
//!
//! | | shape |
//! |---|---|
//! | `vocabulary` | V characters |
//! | the answer of `one_hot` | (T, V + 1), T the number of characters of the text |
//!
//! Example: the vocabulary of "noon" is ['n', 'o'], with the ids 1 and 2. The text "on!" is [[0, 0,
//! 1], [0, 1, 0], [1, 0, 0]]: `!` is unknown.

use ndarray::Array2;
use std::collections::BTreeSet;

/// The different characters of a text, sorted.
pub fn vocabulary(training_text: &str) -> Vec<char> {
    // TODO: each character once, in order.
    todo!()
}

/// The text as one-hot rows, (T, V + 1).
pub fn one_hot(text: &str, vocabulary: &[char]) -> Array2<f64> {
    // TODO: a 1 in each row, at the id of its character.
    todo!()
}
