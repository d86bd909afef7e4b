//! From the numbers of a corpus's words to those of a network's.

use seqcore::data::{UNK, WordVocab};

use crate::corpus::{Corpus, ReviewPart};

/// From a corpus's numbers to those of a network's words.
#[derive(Debug)]
pub struct Encoder {
    map: Vec<usize>,
}

impl Encoder {
    /// The map for a network with these words.
    pub fn new(corpus: &Corpus, words: &WordVocab) -> Self {
        let map = |id| corpus.vocabulary.token(id).map_or(UNK, |word| words.id(word));
        Self { map: (0..corpus.vocabulary.size()).map(map).collect() }
    }

    /// The reviews of a part in the network's numbers.
    pub fn encode(&self, part: &ReviewPart) -> Vec<Vec<usize>> {
        let encode = |review: &Vec<usize>| review.iter().map(|&id| self.map[id]).collect();
        part.words.iter().map(encode).collect()
    }
}

/// The beginning of a vocabulary: V words with `<unk>`.
pub fn most_frequent(vocabulary: &WordVocab, size: usize) -> WordVocab {
    let mut words = Vec::from(vocabulary.clone());
    words.truncate(size.saturating_sub(1));
    WordVocab::try_from(words).expect("the words of a vocabulary are distinct")
}
