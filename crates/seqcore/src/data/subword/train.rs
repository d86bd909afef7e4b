//! Learning which pairs to join.
//!
//! Counting all pairs anew after each merge would take hours. But a merge changes only the words
//! that hold the pair, and no pair of older tokens becomes more frequent by it. So counts are
//! kept up to date word by word, and the pairs lie in a heap by a count that may be out of date,
//! always too high: what comes to the top with an old count goes back with the new one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::{BYTES, Pair};

/// A distinct piece of the training text.
struct Word {
    ids: Vec<u32>,
    count: u64,
}

/// The pairs that occur, with how often and in which words (some of which may have lost them).
#[derive(Default)]
struct Pairs {
    counts: HashMap<Pair, u64>,
    words: HashMap<Pair, Vec<u32>>,
}

/// At most `most` pairs to join, in order; the byte b has the id `first_byte + b`, and each
/// joined pair the next free id.
pub(super) fn merges(counts: HashMap<String, u64>, first_byte: u32, most: usize) -> Vec<Pair> {
    let id = |byte: u8| first_byte + u32::from(byte);
    let mut words: Vec<Word> = counts
        .into_iter()
        .map(|(text, count)| Word { ids: text.bytes().map(id).collect(), count })
        .collect();
    let mut pairs = Pairs::default();
    for (number, word) in words.iter().enumerate() {
        pairs.add(word, number, |_| true);
    }
    let mut heap: BinaryHeap<(u64, Reverse<Pair>)> =
        pairs.counts.iter().map(|(&pair, &count)| (count, Reverse(pair))).collect();
    let mut merges = Vec::new();
    while merges.len() < most {
        let Some((count, Reverse(pair))) = heap.pop() else { break };
        let now = pairs.counts.get(&pair).copied().unwrap_or(0);
        if now < count {
            heap.push((now, Reverse(pair)));
            continue;
        }
        if count < 2 {
            break;
        }
        let new = first_byte + (BYTES + merges.len()) as u32;
        merges.push(pair);
        let mut born: Vec<Pair> = Vec::new();
        for number in pairs.words.remove(&pair).unwrap_or_default() {
            let word = &mut words[number as usize];
            pairs.subtract(word);
            replace(&mut word.ids, pair, new);
            pairs.add(word, number as usize, |(a, b)| a == new || b == new);
            let touches = |window: &&[u32]| window.contains(&new);
            born.extend(word.ids.windows(2).filter(touches).map(|w| (w[0], w[1])));
        }
        born.sort_unstable();
        born.dedup();
        heap.extend(born.into_iter().map(|pair| (pairs.counts[&pair], Reverse(pair))));
    }
    merges
}

impl Pairs {
    /// Counts a word's pairs, and notes the word with those that are `new` in it.
    fn add(&mut self, word: &Word, number: usize, new: impl Fn(Pair) -> bool) {
        for window in word.ids.windows(2) {
            let pair = (window[0], window[1]);
            *self.counts.entry(pair).or_default() += word.count;
            if new(pair) {
                let words = self.words.entry(pair).or_default();
                if words.last() != Some(&(number as u32)) {
                    words.push(number as u32);
                }
            }
        }
    }

    fn subtract(&mut self, word: &Word) {
        for window in word.ids.windows(2) {
            let count = self.counts.get_mut(&(window[0], window[1]));
            *count.expect("the pairs of every word are counted") -= word.count;
        }
    }
}

/// Replaces a pair, from the left, wherever it stands.
pub(super) fn replace(ids: &mut Vec<u32>, pair: Pair, new: u32) {
    let (mut from, mut to) = (0, 0);
    while from < ids.len() {
        let found = ids[from] == pair.0 && ids.get(from + 1) == Some(&pair.1);
        ids[to] = if found { new } else { ids[from] };
        from += if found { 2 } else { 1 };
        to += 1;
    }
    ids.truncate(to);
}
