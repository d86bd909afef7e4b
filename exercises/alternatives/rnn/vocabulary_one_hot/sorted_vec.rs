//! Sorting and removing repetitions; a binary search for the id.

use ndarray::Array2;
use std::collections::BTreeSet;

/// The different characters of a text, sorted.
pub fn vocabulary(training_text: &str) -> Vec<char> {
    let mut characters: Vec<char> = training_text.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    characters
}

/// The text as one-hot rows, (T, V + 1).
pub fn one_hot(text: &str, vocabulary: &[char]) -> Array2<f64> {
    let ids: Vec<usize> =
        text.chars().map(|c| vocabulary.binary_search(&c).map_or(0, |k| k + 1)).collect();
    Array2::from_shape_fn(
        (ids.len(), vocabulary.len() + 1),
        |(t, id)| if ids[t] == id { 1.0 } else { 0.0 },
    )
}
