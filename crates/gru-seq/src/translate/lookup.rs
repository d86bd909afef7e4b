//! A translation memory: what a program without a network does.
//!
//! It keeps the training pairs. For a new sentence it finds the most similar one that it has, and
//! answers with that one's translation, unchanged. Many human translators work with such a memory. A
//! network that cannot beat it has learned nothing that looking up does not give.
//!
//! Similarity is the edit distance of words among the hundred candidates with the highest cosine of
//! tf-idf vectors.

use std::collections::HashMap;

use lesson::files::pairs::Pair;
use rayon::prelude::*;

use crate::tokens::{Language, cut};

/// Candidates whose edit distance is looked at.
const CANDIDATES: usize = 100;

/// The training pairs, ready for lookup.
#[derive(Debug)]
pub struct Lookup<'a> {
    pairs: &'a [Pair],
    words: Vec<Vec<String>>,
    /// For each word: ln(N / n), and (pair, weight) wherever it occurs.
    index: HashMap<String, (f64, Vec<(usize, f64)>)>,
}

/// The words of a source, in lower case.
fn words_of(sentence: &str) -> Vec<String> {
    cut(Language::French, sentence).into_iter().map(|word| word.to_lowercase()).collect()
}

impl<'a> Lookup<'a> {
    /// Indexes the pairs by their sources.
    pub fn new(pairs: &'a [Pair]) -> Self {
        let words: Vec<Vec<String>> = pairs.iter().map(|pair| words_of(&pair.source)).collect();
        let mut counts: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        for (k, words) in words.iter().enumerate() {
            for word in words {
                let places = counts.entry(word.clone()).or_default();
                match places.last_mut() {
                    Some((last, count)) if *last == k => *count += 1.0,
                    _ => places.push((k, 1.0)),
                }
            }
        }
        let rarity = |places: &[(usize, f64)]| (pairs.len() as f64 / places.len() as f64).ln();
        let mut lengths = vec![0.0; pairs.len()];
        for places in counts.values() {
            let idf = rarity(places);
            places.iter().for_each(|&(k, count)| lengths[k] += (count * idf).powi(2));
        }
        let weigh = |(word, mut places): (String, Vec<(usize, f64)>)| {
            let idf = rarity(&places);
            for (k, weight) in &mut places {
                *weight *= idf / lengths[*k].sqrt().max(1e-12);
            }
            (word, (idf, places))
        };
        Self { pairs, words, index: counts.into_iter().map(weigh).collect() }
    }

    /// The pair whose source is most like `sentence`, and the share of words they have in common:
    /// 1 − (edit distance / length of the longer).
    pub fn nearest(&self, sentence: &str) -> (&'a Pair, f64) {
        let words = words_of(sentence);
        let mut cosine = vec![0.0; self.pairs.len()];
        for word in &words {
            if let Some((idf, places)) = self.index.get(word) {
                places.iter().for_each(|&(k, weight)| cosine[k] += idf * weight);
            }
        }
        let mut best: Vec<usize> = (0..self.pairs.len()).collect();
        let better = |a: &usize, b: &usize| cosine[*b].total_cmp(&cosine[*a]).then(a.cmp(b));
        if best.len() > CANDIDATES {
            best.select_nth_unstable_by(CANDIDATES, better);
            best.truncate(CANDIDATES);
        }
        best.sort_by(better);
        let alike = |k: usize| {
            let longer = words.len().max(self.words[k].len()).max(1);
            1.0 - edit_distance(&words, &self.words[k]) as f64 / longer as f64
        };
        let mut found = (best[0], alike(best[0]));
        for &k in &best[1..] {
            let similarity = alike(k);
            if similarity > found.1 {
                found = (k, similarity);
            }
        }
        (&self.pairs[found.0], found.1)
    }

    /// The translations that the memory gives.
    pub fn answers(&self, sentences: &[&str]) -> Vec<String> {
        sentences.par_iter().map(|sentence| self.nearest(sentence).0.target.clone()).collect()
    }
}

/// How many words must be put in, taken out or replaced (Levenshtein).
pub fn edit_distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_by_hand() {
        let distance = |a: &str, b: &str| edit_distance(a.as_bytes(), b.as_bytes());
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("flaw", "lawn"), 2);
    }

    #[test]
    fn the_most_similar_sentence_is_found() {
        let pair = |s: &str, t: &str| Pair { source: s.into(), target: t.into() };
        let pairs = [
            pair("Le chat dort.", "The cat sleeps."),
            pair("Le chien dort sur le lit.", "The dog sleeps on the bed."),
            pair("Où est la gare ?", "Where is the station?"),
        ];
        let lookup = Lookup::new(&pairs);
        let (found, alike) = lookup.nearest("Le chien dort sur la chaise.");
        assert_eq!(found.target, "The dog sleeps on the bed.");
        assert!((alike - 5.0 / 7.0).abs() < 1e-12, "{alike}");
        assert_eq!(lookup.answers(&["où est la banque ?"]), ["Where is the station?"]);
        assert_eq!(lookup.nearest("xyz").1, 0.0); // something is always answered
    }
}
