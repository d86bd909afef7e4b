//! # Ids, padding and the mask
//!
//! Reviews differ in length, but a batch is a rectangle. So short reviews are padded, and a
//! **mask** says which steps are real (section 6.3 of `theory/06_text_classification.md`). Three
//! kinds of ids:
//!
//! ```text
//! 0       padding: no word at all
//! 1       a word that is not in the vocabulary
//! k + 2   the word at place k of the vocabulary
//! ```
//!
//! Time comes first: column b of the batch is review b, its first word at t = 0, padding behind it.
//! Of a review of more than `longest` words only the first `longest` are kept. T is what the
//! longest review then needs, and no more. The mask m_t of (C3) is 1 where there is a word, known
//! or not, and 0 at padding.
//!
//! | | shape |
//! |---|---|
//! | `reviews` | B lists of words, at least one word each |
//! | `vocabulary` | V words |
//! | the answer: ids and mask | (T, B) each |
//!
//! Example: the reviews [good, film] and [dull], vocabulary [film, good], longest = 100. T = 2; the
//! ids are [[3, 1], [2, 0]] and the mask is [[1, 1], [1, 0]].

use ndarray::Array2;

/// The ids of a batch of reviews and their mask, (T, B) each.
pub fn vocabulary_padding(
    reviews: &[Vec<String>],
    vocabulary: &[String],
    longest: usize,
) -> (Array2<usize>, Array2<f64>) {
    // TODO: T, then an id and a 1 for each word that is kept.
    todo!()
}
