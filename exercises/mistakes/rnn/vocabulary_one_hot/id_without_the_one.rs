//! Your ids are the places themselves, so the first character of the vocabulary shares id 0 with
//! everything unknown. The character at place k has the id k + 1.

use ndarray::Array2;
use std::collections::BTreeSet;

/// The different characters of a text, sorted.
pub fn vocabulary(training_text: &str) -> Vec<char> {
    let characters: BTreeSet<char> = training_text.chars().collect();
    characters.into_iter().collect()
}

/// The text as one-hot rows, (T, V + 1).
pub fn one_hot(text: &str, vocabulary: &[char]) -> Array2<f64> {
    let steps = text.chars().count();
    let mut x = Array2::zeros((steps, vocabulary.len() + 1)); // (T, V + 1)
    for (t, c) in text.chars().enumerate() {
        let id = vocabulary.iter().position(|&known| known == c).map_or(0, |place| place);
        x[[t, id]] = 1.0;
    }
    x
}
