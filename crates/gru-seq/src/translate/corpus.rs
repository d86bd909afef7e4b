//! Sentence pairs, and a split that does not leak.
//!
//! A sentence has several translations and stands in several pairs, so pairs must not be split at
//! random: the test would ask for what training said in another line. Here pairs that share a
//! sentence on either side belong to one *family*, and so do those that share it but for case and
//! punctuation. A family goes to one part as a whole. Of each held-out family one pair is kept, so
//! that the test holds distinct sentences in both languages.
//!
//! Which families are held out follows from a hash of their text, not from the seed.

use std::collections::HashMap;
use std::path::Path;

use lesson::files::pairs::{self, Pair};
use lesson::files::sha256;
use lesson::{Error, Result, catalogue};

/// The phrase book of the course: English, tab, French.
const PHRASES: &str = include_str!("../../../../datasets/phrases.tsv");
/// Its name in reports and `metrics.json`.
const PHRASES_NAME: &str = "phrases.tsv";

/// The most pairs in the test and in the development part; a tenth and a twentieth of few pairs.
const MOST: (usize, usize) = (2000, 1000);

/// Families of more pairs stay in training: keeping one of many would throw the others away.
const LARGEST: usize = 8;

/// French sentences and their English translations, split.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus {
    /// Its name.
    pub name: String,
    /// Of its file.
    pub bytes: Vec<u8>,
    /// To train on.
    pub train: Vec<Pair>,
    /// To watch and to choose by.
    pub dev: Vec<Pair>,
    /// For the reported numbers.
    pub test: Vec<Pair>,
}

/// What `--data` names, or the embedded phrase book: its bytes, and all pairs, French first.
///
/// # Errors
/// A file that cannot be found, fetched or read, or holds a line that is no pair.
fn read(data: Option<&str>, fetch: bool) -> Result<(Vec<u8>, Vec<Pair>)> {
    let turn = |english: String, french: String| Pair { source: french, target: english };
    let Some(data) = data else {
        let pair = |line: &str| line.split_once('\t').map(|(e, f)| turn(e.into(), f.into()));
        return Ok((PHRASES.as_bytes().to_vec(), PHRASES.lines().filter_map(pair).collect()));
    };
    let path = catalogue::find(data, fetch)?.path;
    let bytes = std::fs::read(&path).map_err(|e| Error::read(&path, e))?;
    let pairs = pairs::open(path)?.map(|pair| pair.map(|p| turn(p.source, p.target)));
    Ok((bytes, pairs.collect::<Result<_>>()?))
}

impl Corpus {
    /// Reads and splits what `--data` names, downloaded first where `fetch` allows it; by default the
    /// embedded phrase book.
    ///
    /// # Errors
    /// A file that cannot be found, fetched or read, a line that is no pair, too few pairs to split.
    pub fn open(data: Option<&str>, fetch: bool) -> Result<Self> {
        let (bytes, pairs) = read(data, fetch)?;
        Self::split(data.unwrap_or(PHRASES_NAME), bytes, &pairs)
    }

    /// The checksum of what was read.
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    /// Splits pairs by families.
    ///
    /// # Errors
    /// Fewer than 40 pairs.
    fn split(name: &str, bytes: Vec<u8>, pairs: &[Pair]) -> Result<Self> {
        if pairs.len() < 40 {
            return Err(Error::data(
                Path::new(name),
                None,
                format!("{} pairs are too few to split. Use at least 40.", pairs.len()),
            ));
        }
        let wanted = (MOST.0.min(pairs.len() / 10), MOST.1.min(pairs.len() / 20));
        let mut families = families(pairs);
        families.sort_by_key(|family| (hash(&key(&pairs[family[0]].source)), family[0]));
        let [train, dev, test] = [const { Vec::new() }; 3];
        let mut corpus = Self { name: name.to_owned(), bytes, train, dev, test };
        let mut train = Vec::new();
        for family in families {
            let small = family.len() <= LARGEST;
            if small && corpus.test.len() < wanted.0 {
                corpus.test.push(pairs[family[0]].clone());
            } else if small && corpus.dev.len() < wanted.1 {
                corpus.dev.push(pairs[family[0]].clone());
            } else {
                train.extend(family);
            }
        }
        train.sort_unstable();
        corpus.train = train.into_iter().map(|k| pairs[k].clone()).collect();
        Ok(corpus)
    }
}

/// A sentence without case, punctuation and spaces.
pub fn key(sentence: &str) -> String {
    sentence.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Sets of pairs that are connected by sentences, each in the order of the pairs.
fn families(pairs: &[Pair]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..pairs.len()).collect();
    let mut first: HashMap<(bool, String), usize> = HashMap::new();
    for (k, pair) in pairs.iter().enumerate() {
        for side in [(false, key(&pair.source)), (true, key(&pair.target))] {
            let other = *first.entry(side).or_insert(k);
            let (a, b) = (root(&mut parent, k), root(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut families: HashMap<usize, Vec<usize>> = HashMap::new();
    for k in 0..pairs.len() {
        families.entry(root(&mut parent, k)).or_default().push(k);
    }
    let mut families: Vec<_> = families.into_values().collect();
    families.sort_unstable();
    families
}

/// The first of a pair's family so far; shortens the way there.
fn root(parent: &mut [usize], mut k: usize) -> usize {
    while parent[k] != k {
        parent[k] = parent[parent[k]];
        k = parent[k];
    }
    k
}

/// FNV-1a: a hash that is the same in every version and on every machine.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_held_out_sentence_was_trained_on() {
        let corpus = Corpus::open(None, false).unwrap();
        assert!(corpus.train.len() > 250 && corpus.test.len() >= 30 && corpus.dev.len() >= 15);
        for side in [|p: &Pair| key(&p.source), |p: &Pair| key(&p.target)] {
            let train: HashSet<String> = corpus.train.iter().map(side).collect();
            let held: Vec<String> = corpus.test.iter().chain(&corpus.dev).map(side).collect();
            assert!(held.iter().all(|sentence| !train.contains(sentence)));
            assert_eq!(held.iter().collect::<HashSet<_>>().len(), held.len(), "distinct");
        }
        assert_eq!(corpus, Corpus::open(None, false).unwrap());
    }

    #[test]
    fn pairs_that_share_a_sentence_are_one_family() {
        let pair = |s: &str, t: &str| Pair { source: s.into(), target: t.into() };
        let pairs = [
            pair("Cours !", "Run!"),
            pair("Salut.", "Hi."),
            pair("Courez !", "run"),
            pair("courez", "Go on."),
            pair("Ça va.", "Fine."),
        ];
        assert_eq!(families(&pairs), [vec![0, 2, 3], vec![1], vec![4]]);
    }

    #[test]
    fn the_phrase_book_is_well_formed() {
        let pairs = read(None, false).unwrap().1;
        assert_eq!(pairs.len(), PHRASES.lines().count());
        assert!((300..=420).contains(&pairs.len()), "{}", pairs.len());
        assert!(pairs.iter().all(|p| p.target.is_ascii() && p.source == p.source.trim()));
    }
}
