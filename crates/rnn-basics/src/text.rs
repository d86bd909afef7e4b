//! The text of the lesson: the embedded play, whole for `char_lm`, and split and encoded for the
//! parts that study gradients on it.

use lesson::Result;
use ndarray::Array2;
use seqcore::data::split::{Fractions, chronological_text};
use seqcore::data::{CharVocab, Order};

/// The play of the course, embedded so that the tour needs no download.
pub const PLAY: &str = include_str!("../../../datasets/the_tongueless_bell.txt");
/// Its name in reports and `metrics.json`.
pub const PLAY_NAME: &str = "the_tongueless_bell.txt";

/// The play as character numbers: the first nine tenths to train on, the last tenth held out.
#[derive(Debug, Clone)]
pub struct Play {
    /// V, with `<unk>`; built from the training text.
    pub vocabulary: usize,
    /// To train on.
    pub train: Vec<usize>,
    /// To measure on.
    pub held_out: Vec<usize>,
}

impl Play {
    /// Splits and encodes it.
    ///
    /// # Errors
    /// None with the embedded text, which is long enough to be split.
    pub fn new() -> Result<Self> {
        let parts = chronological_text(PLAY, Fractions::default())?;
        let train = &PLAY[parts.before_test()];
        let vocabulary = CharVocab::from_text(train, Order::Frequency);
        Ok(Self {
            vocabulary: vocabulary.size(),
            train: vocabulary.encode(train).ids,
            held_out: vocabulary.encode(&PLAY[parts.test.clone()]).ids,
        })
    }

    /// `count` stretches of `length` characters each, spread evenly over the held-out text, one a
    /// column: inputs and targets (T, B).
    pub fn windows(&self, length: usize, count: usize) -> (Array2<usize>, Array2<usize>) {
        let room = self.held_out.len() - length - 1;
        let at = |t: usize, b: usize| b * room / count + t;
        let ids = |ahead| {
            Array2::from_shape_fn((length, count), |(t, b)| self.held_out[at(t, b) + ahead])
        };
        (ids(0), ids(1)) // (T, B) each
    }
}
