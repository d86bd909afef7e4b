//! Sorting the words; runs of equal ones are the counts.

use std::collections::HashMap;

/// The most frequent words.
pub fn word_vocabulary(training_text: &str, top: usize) -> Vec<String> {
    let mut words: Vec<&str> = training_text.split_whitespace().collect();
    words.sort_unstable();
    let mut runs: Vec<&[&str]> = words.chunk_by(|a, b| a == b).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.len())); // stable: the alphabet stays
    runs.truncate(top);
    runs.iter().map(|run| run[0].to_string()).collect()
}

/// The ids of a text, and the share of unknown words.
pub fn encode(text: &str, vocabulary: &[String]) -> (Vec<usize>, f64) {
    let ids: HashMap<&str, usize> =
        vocabulary.iter().enumerate().map(|(k, word)| (word.as_str(), k + 1)).collect();
    let mut unknown = 0.0;
    let mut encoded = Vec::new();
    for word in text.split_whitespace() {
        let id = ids.get(word).copied().unwrap_or_default();
        if id == 0 {
            unknown += 1.0;
        }
        encoded.push(id);
    }
    let share: f64 = unknown / encoded.len() as f64;
    (encoded, share)
}
