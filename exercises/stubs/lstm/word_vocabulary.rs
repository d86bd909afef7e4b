//! # A vocabulary of words, and what is unknown
//!
//! There are too many words to give each a vector, and most occur once. So keep the most frequent
//! and call the rest unknown (section 6.1 of `theory/06_text_classification.md`). Two functions; a
//! word is what stands between white space.
//!
//! 1. `word_vocabulary`: the `top` most frequent words of the **training** text, the most frequent
//!    first, equally frequent ones in the order of the alphabet (as `String` compares).
//! 2. `encode`: the ids of another text, and the share of its words that are unknown. The word at
//!    place k has the id k + 1; 0 is the unknown word. That share belongs beside every loss: a text
//!    full of unknown words is easily predicted.
//!
//! | | |
//! |---|---|
//! | `training_text`, `text` | at least one word |
//! | `vocabulary` | V words |
//! | the answer of `encode` | an id for each word; a number from 0 to 1 |
//!
//! Example: in "to be or not to be", be and to occur twice, so the top 3 are ["be", "to", "not"].
//! With them "to be wise" is [2, 1, 0], and 0.3333 of it is unknown.

use std::collections::HashMap;

/// The most frequent words.
pub fn word_vocabulary(training_text: &str, top: usize) -> Vec<String> {
    // TODO: count, sort by count and then by the alphabet, cut.
    todo!()
}

/// The ids of a text, and the share of unknown words.
pub fn encode(text: &str, vocabulary: &[String]) -> (Vec<usize>, f64) {
    // TODO: the id of each word, 0 where it is unknown; then the share of zeros.
    todo!()
}
