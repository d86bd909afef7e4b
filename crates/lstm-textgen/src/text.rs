//! The text of a run: read, split, encoded, at the level of characters or of words.
//!
//! ```text
//! |------ train ------|- dev -|------ train ------|--- test ---|
//! 0                 43.5    46.5                  90         100 %
//! ```
//!
//! *Test*, the last tenth, is scored once, at the end. *Dev*, three hundredths, is cut from the training
//! text: it is watched while training, it says which weights to keep, and settings are chosen by it. So no
//! figure on test has taken part in any choice.
//!
//! Dev is cut from the middle, because the text next to test is worth the most. Tinyshakespeare's test
//! begins within *The Taming of the Shrew*; without the pages before it a model has never read the
//! names of those who speak there.

use std::ops::Range;

use lesson::Result;
use lesson::files::Text;
use seqcore::data::vocab::{Token, words};
use seqcore::data::{CharVocab, Corpus, Evaluation, HoldOut, UNK, WordVocab};
use serde::{Deserialize, Serialize};

/// The play of the course, embedded so that the tour needs no download.
pub const PLAY: &str = include_str!("../../../datasets/the_tongueless_bell.txt");
/// Its name in reports and `metrics.json`.
pub const PLAY_NAME: &str = "the_tongueless_bell.txt";

/// The share of the training text that is cut off as dev: 3 of 90 hundredths.
const DEV_SHARE: f64 = 3.0 / 90.0;

/// Streams that a held-out text is read in: few, since each begins without context.
pub const EVALUATION_STREAMS: usize = 8;

/// What a text is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Characters.
    Char,
    /// Words, spaces, punctuation marks and newlines.
    Word,
}

/// The tokens of a model and their ids, at either level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "level", content = "tokens", rename_all = "snake_case")]
pub enum Vocabulary {
    /// Characters.
    Char(CharVocab),
    /// Words.
    Word(WordVocab),
}

impl Vocabulary {
    /// What it cuts a text into.
    pub fn level(&self) -> Level {
        match self {
            Self::Char(_) => Level::Char,
            Self::Word(_) => Level::Word,
        }
    }

    /// V, with `<unk>`.
    pub fn size(&self) -> usize {
        match self {
            Self::Char(vocabulary) => vocabulary.size(),
            Self::Word(vocabulary) => vocabulary.size(),
        }
    }

    /// A text as ids.
    pub fn encode(&self, text: &str) -> Vec<usize> {
        match self {
            Self::Char(vocabulary) => vocabulary.encode(text).ids,
            Self::Word(vocabulary) => vocabulary.encode(text).ids,
        }
    }

    /// Ids as text.
    pub fn decode(&self, ids: &[usize]) -> String {
        match self {
            Self::Char(vocabulary) => vocabulary.decode(ids),
            Self::Word(vocabulary) => vocabulary.decode(ids),
        }
    }

    /// A token as it can stand in a table.
    pub fn label(&self, id: usize) -> String {
        match self {
            Self::Char(vocabulary) => vocabulary.label(id),
            Self::Word(vocabulary) => vocabulary.label(id),
        }
    }
}

/// A text ready for a language model.
#[derive(Debug, Clone)]
pub struct Material {
    /// The tokens of the training text (dev included).
    pub vocabulary: Vocabulary,
    /// Train and dev in the order of the text, as ids.
    pub before_test: Vec<usize>,
    /// The same as text.
    pub before_test_text: String,
    /// The last tenth, as ids.
    pub test: Vec<usize>,
    /// The same as text.
    pub test_text: String,
    /// Where dev stands in `before_test`.
    pub dev_range: Range<usize>,
    /// The share of test's tokens that are `<unk>`.
    pub unknown_share: f64,
}

impl Material {
    /// Splits and encodes a text; `words` is how many words a vocabulary of words holds.
    ///
    /// # Errors
    /// A text too short to be split.
    pub fn new(text: &str, level: Level, words: usize) -> Result<Self> {
        Ok(match level {
            Level::Char => Self::of(Corpus::new(text, HoldOut::Test)?, Vocabulary::Char),
            Level::Word => {
                Self::of(Corpus::of_words(text, HoldOut::Test, words)?, Vocabulary::Word)
            }
        })
    }

    /// The same with a vocabulary that is already there.
    ///
    /// # Errors
    /// As [`Material::new`].
    pub fn with(text: &str, vocabulary: &Vocabulary) -> Result<Self> {
        Ok(match vocabulary.clone() {
            Vocabulary::Char(known) => {
                Self::of(Corpus::build(text, HoldOut::Test, |_| known)?, Vocabulary::Char)
            }
            Vocabulary::Word(known) => {
                Self::of(Corpus::build(text, HoldOut::Test, |_| known)?, Vocabulary::Word)
            }
        })
    }

    fn of<T: Token>(
        corpus: Corpus<T>,
        vocabulary: impl FnOnce(seqcore::data::Vocab<T>) -> Vocabulary,
    ) -> Self {
        let n = corpus.train.len();
        let dev = ((n as f64 * DEV_SHARE) as usize).clamp(1.min(n - 1), n - 1);
        let start = (n - dev).div_ceil(2);
        Self {
            vocabulary: vocabulary(corpus.vocabulary),
            dev_range: start..start + dev,
            before_test: corpus.train,
            before_test_text: corpus.train_text,
            test: corpus.held_out,
            test_text: corpus.held_out_text,
            unknown_share: corpus.unknown_share,
        }
    }

    /// What a network is trained on: what stands before dev, and what stands behind it.
    pub fn train(&self) -> Vec<usize> {
        let (before, rest) = self.before_test.split_at(self.dev_range.start);
        [before, &rest[self.dev_range.len()..]].concat()
    }

    /// What is watched meanwhile.
    pub fn dev(&self) -> &[usize] {
        &self.before_test[self.dev_range.clone()]
    }

    /// The training text without dev.
    pub fn train_text(&self) -> String {
        let dev = self.dev_range_in_text();
        [&self.before_test_text[..dev.start], &self.before_test_text[dev.end..]].concat()
    }

    /// The development text.
    pub fn dev_text(&self) -> &str {
        &self.before_test_text[self.dev_range_in_text()]
    }

    /// Where dev stands, in bytes.
    fn dev_range_in_text(&self) -> Range<usize> {
        let lengths: Vec<usize> = match self.vocabulary.level() {
            Level::Char => self.before_test_text.chars().map(char::len_utf8).collect(),
            Level::Word => words(&self.before_test_text).map(str::len).collect(),
        };
        let start = lengths[..self.dev_range.start].iter().sum();
        start..start + lengths[self.dev_range.clone()].iter().sum::<usize>()
    }

    /// Dev, laid out for evaluation.
    ///
    /// # Errors
    /// None: it is never empty.
    pub fn dev_evaluation(&self) -> Result<Evaluation> {
        let previous = self.dev_range.start.checked_sub(1).map_or(UNK, |i| self.before_test[i]);
        Ok(Evaluation::new(previous, self.dev().to_vec(), EVALUATION_STREAMS, 128)?)
    }

    /// Test, laid out for evaluation.
    ///
    /// # Errors
    /// None: it is never empty.
    pub fn test_evaluation(&self) -> Result<Evaluation> {
        let previous = *self.before_test.last().expect("a split leaves some training text");
        Ok(Evaluation::new(previous, self.test.clone(), EVALUATION_STREAMS, 128)?)
    }
}

/// The text that `--data` names, fetched if `fetch` says so; without it, the embedded play.
///
/// # Errors
/// A name that is neither a file nor a data set, or a file that is no text.
pub fn read(data: Option<&str>, fetch: bool) -> Result<Text> {
    data.map_or_else(|| Ok(Text::embedded(PLAY_NAME, PLAY)), |data| Text::find(data, fetch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_parts_are_the_text() {
        let text = &PLAY[..20_000];
        for level in [Level::Char, Level::Word] {
            let material = Material::new(text, level, 200).unwrap();
            let (train, dev) = (material.train_text(), material.dev_text());
            let half = train.len() / 2;
            let at = text.find(dev).unwrap();
            assert!(at.abs_diff(half) < half / 10, "dev is in the middle: {at} of {}", text.len());
            let parts = [&train[..at], dev, &train[at..], &material.test_text];
            assert_eq!(parts.concat(), text);
            assert_eq!(material.vocabulary.encode(&train), material.train());
            assert_eq!(material.vocabulary.encode(dev), material.dev());
            let share = material.dev().len() as f64 / material.before_test.len() as f64;
            assert!((share - DEV_SHARE).abs() < 1e-3, "{share}");
            let again = Material::with(text, &material.vocabulary).unwrap();
            assert_eq!((again.test, again.dev_range), (material.test, material.dev_range));
        }
    }

    #[test]
    fn the_shortest_text_leaves_something_in_every_part() {
        let material = Material::new("abcdefghij", Level::Char, 0).unwrap();
        assert_eq!((material.train().len(), material.dev().len(), material.test.len()), (8, 1, 1));
    }

    #[test]
    fn a_vocabulary_survives_json() {
        let material = Material::new(PLAY, Level::Word, 50).unwrap();
        let json = serde_json::to_string(&material.vocabulary).unwrap();
        assert!(json.starts_with(r#"{"level":"word","tokens":["#), "{}", &json[..60]);
        assert_eq!(serde_json::from_str::<Vocabulary>(&json).unwrap(), material.vocabulary);
    }
}
