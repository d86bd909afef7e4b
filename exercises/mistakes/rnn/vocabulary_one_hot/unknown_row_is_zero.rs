//! An unknown character's row is all zeros. It has an id of its own, 0, so its row has the 1 in
//! column 0.

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
        let id = vocabulary.iter().position(|&known| known == c).map_or(0, |place| place + 1);
        x[[t, id]] = if id == 0 { 0.0 } else { 1.0 };
    }
    x
}
