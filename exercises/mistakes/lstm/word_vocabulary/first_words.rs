//! You keep the words that appear first. Count them all, then rank.

use std::collections::HashMap;

/// The most frequent words.
pub fn word_vocabulary(training_text: &str, top: usize) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in training_text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked
        .sort_by_key(|(word, _)| training_text.split_whitespace().position(|other| other == *word));
    ranked.into_iter().take(top).map(|(word, _)| word.to_owned()).collect()
}

/// The ids of a text, and the share of unknown words.
pub fn encode(text: &str, vocabulary: &[String]) -> (Vec<usize>, f64) {
    let id = |word: &str| vocabulary.iter().position(|known| known == word).map_or(0, |k| k + 1);
    let ids: Vec<usize> = text.split_whitespace().map(id).collect();
    let unknown = ids.iter().filter(|&&id| id == 0).count();
    let share = unknown as f64 / ids.len() as f64;
    (ids, share)
}
