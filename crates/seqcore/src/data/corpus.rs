//! A text split and encoded for a language model: what is fitted on, and what is held out.
//!
//! The order of [`crate::data`]'s guide in one place: split by time, build the vocabulary from
//! the training part only, encode both parts, count `<unk>`.

use serde::{Deserialize, Serialize};

use super::Evaluation;
use super::split::{Fractions, chronological_text};
use super::vocab::{CharVocab, Order, Token, Vocab, WordVocab};
use crate::Result;

/// The held-out part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldOut {
    /// The last tenth of the text; the nine tenths before it are for training.
    Test,
    /// The tenth before the last; only the eight before it are for training.
    Dev,
}

impl HoldOut {
    /// Which part that is, in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Test => "the last tenth of the text",
            Self::Dev => "the development part, the tenth before the last",
        }
    }
}

impl std::str::FromStr for HoldOut {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "test" => Ok(Self::Test),
            "dev" => Ok(Self::Dev),
            _ => Err("choose test or dev".to_owned()),
        }
    }
}

/// A text, split and encoded.
#[derive(Debug, Clone)]
pub struct Corpus<T: Token = char> {
    /// The tokens of the training text.
    pub vocabulary: Vocab<T>,
    /// What the reported models are fitted on.
    pub train: Vec<usize>,
    /// The same as it stands in the text.
    pub train_text: String,
    /// What they are scored on.
    pub held_out: Vec<usize>,
    /// The same as it stands in the text.
    pub held_out_text: String,
    /// The share of held-out tokens that are `<unk>`, 0 to 1.
    pub unknown_share: f64,
}

impl Corpus<char> {
    /// Splits a text into characters; those of the training part are the vocabulary.
    ///
    /// # Errors
    /// A text too short to be split.
    pub fn new(text: &str, hold_out: HoldOut) -> Result<Self> {
        Self::build(text, hold_out, |train| CharVocab::from_text(train, Order::Frequency))
    }
}

impl Corpus<String> {
    /// Splits a text into words, of which the `top` most frequent ones of the training part are
    /// the vocabulary.
    ///
    /// # Errors
    /// As [`Corpus::new`].
    pub fn of_words(text: &str, hold_out: HoldOut, top: usize) -> Result<Self> {
        Self::build(text, hold_out, |train| WordVocab::from_text(train, top))
    }
}

impl<T: Token> Corpus<T> {
    /// Splits a text, and encodes it with the vocabulary that `vocabulary` makes of the training
    /// text (or has from elsewhere).
    ///
    /// # Errors
    /// As [`Corpus::new`].
    pub fn build(
        text: &str,
        hold_out: HoldOut,
        vocabulary: impl FnOnce(&str) -> Vocab<T>,
    ) -> Result<Self> {
        let parts = chronological_text(text, Fractions::default())?;
        let (train, held_out) = match hold_out {
            HoldOut::Test => (parts.before_test(), parts.test.clone()),
            HoldOut::Dev => (parts.train.clone(), parts.dev.clone()),
        };
        let (train_text, held_out_text) = (text[train].to_owned(), text[held_out].to_owned());
        let vocabulary = vocabulary(&train_text);
        let held_out = vocabulary.encode(&held_out_text);
        Ok(Self {
            train: vocabulary.encode(&train_text).ids,
            train_text,
            unknown_share: held_out.unknown_share(),
            held_out: held_out.ids,
            held_out_text,
            vocabulary,
        })
    }

    /// Where in `train` the part begins that count models are chosen on: its last ninth.
    pub fn dev_start(&self) -> usize {
        self.train.len() * 8 / 9
    }

    /// The held-out part as `streams` streams, after the last token of the training text.
    ///
    /// # Errors
    /// As [`Evaluation::new`].
    pub fn evaluation(&self, streams: usize) -> Result<Evaluation> {
        let previous = *self.train.last().expect("a split leaves some training text");
        Evaluation::new(previous, self.held_out.clone(), streams, 128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_out_is_not_in_the_vocabulary() {
        let text = "abababababababababXY"; // twenty characters
        let test = Corpus::new(text, HoldOut::Test).unwrap();
        assert_eq!((test.train.len(), test.held_out_text.as_str()), (18, "XY"));
        assert_eq!((test.vocabulary.size(), test.unknown_share), (3, 1.0));
        let dev = Corpus::new(text, HoldOut::Dev).unwrap();
        assert_eq!((dev.train_text.as_str(), dev.held_out_text.as_str()), (&text[..16], "ab"));
        assert_eq!(dev.evaluation(1).unwrap().targets(), 2);
        let words = Corpus::of_words("to be or not to be at all ok", HoldOut::Test, 1).unwrap();
        assert_eq!(words.vocabulary.size(), 2); // <unk> and the space
    }
}
