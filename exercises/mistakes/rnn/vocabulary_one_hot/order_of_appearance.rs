//! Your vocabulary is in the order in which the characters first appear. It should be sorted, so
//! that ids do not depend on how the text begins.

use ndarray::Array2;
use std::collections::BTreeSet;

/// The different characters of a text, sorted.
pub fn vocabulary(training_text: &str) -> Vec<char> {
    let mut seen = BTreeSet::new();
    training_text.chars().filter(|&c| seen.insert(c)).collect()
}

/// The text as one-hot rows, (T, V + 1).
pub fn one_hot(text: &str, vocabulary: &[char]) -> Array2<f64> {
    let steps = text.chars().count();
    let mut x = Array2::zeros((steps, vocabulary.len() + 1)); // (T, V + 1)
    for (t, c) in text.chars().enumerate() {
        let id = vocabulary.iter().position(|&known| known == c).map_or(0, |place| place + 1);
        x[[t, id]] = 1.0;
    }
    x
}
