//! # Exact match: is the whole answer right?
//!
//! 302 + 59 = 361. A model that writes 362 has two digits of three right, and a wrong sum. So count
//! the **answers** that are right as a whole, section 4.9 of `theory/04_sequence_to_sequence.md`.
//!
//! Rows hold tokens and an end mark; behind the end mark, anything may stand (padding, or what a
//! decoder went on to write), and it does not count. Every target has an end mark. A written row
//! without one was cut off: it never ended, and is wrong.
//!
//! | | |
//! |---|---|
//! | `written`, `targets` | N rows of tokens each, at least one row |
//! | `end` | the id of the end mark |
//! | the answer | the share of rows that are right, 0 to 1 |
//!
//! Example with end = 0: written [3, 6, 1, 0], [3, 6, 2, 0], [5, 0, 7, 7] and [4, 2], targets [3,
//! 6, 1, 0], [3, 6, 1, 0], [5, 0, 0, 0] and [4, 2, 0, 0]. The first and the third are right; the
//! fourth did not end. The answer is 2/4 = 0.5.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    // TODO: cut each row at its first end mark, compare, count.
    todo!()
}
