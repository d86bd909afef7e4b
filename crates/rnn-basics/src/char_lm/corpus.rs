//! The text of *char-lm*, split and encoded.

use seqcore::Result;
use seqcore::data::split::{Fractions, chronological_text};
use seqcore::data::{CharVocab, Evaluation, Order};

use super::settings::HoldOut;

/// The text, split and encoded.
pub(super) struct Corpus {
    pub(super) vocabulary: CharVocab,
    /// What the reported models are fitted on.
    pub(super) train: Vec<usize>,
    /// What they are scored on.
    pub(super) held_out: Vec<usize>,
    /// The same as it stands in the text.
    pub(super) held_out_text: String,
    /// Where in `train` the part begins that the n-gram's order is chosen on.
    pub(super) dev_start: usize,
    pub(super) unknown_share: f64,
}

impl Corpus {
    pub(super) fn new(text: &str, hold_out: HoldOut) -> Result<Self> {
        let parts = chronological_text(text, Fractions::default())?;
        let (train, held_out) = match hold_out {
            HoldOut::Val => (parts.before_validation(), parts.validation.clone()),
            HoldOut::Dev => (parts.train.clone(), parts.dev.clone()),
        };
        let vocabulary = CharVocab::from_text(&text[train.clone()], Order::Frequency);
        let held_out_text = text[held_out].to_owned();
        let held_out = vocabulary.encode(&held_out_text);
        let train = vocabulary.encode(&text[train]).ids;
        Ok(Self {
            // The last ninth of what may be fitted on.
            dev_start: train.len() * 8 / 9,
            train,
            unknown_share: held_out.unknown_share(),
            held_out: held_out.ids,
            held_out_text,
            vocabulary,
        })
    }

    pub(super) fn evaluation(&self, streams: usize) -> Result<Evaluation> {
        let previous = *self.train.last().expect("a split leaves some training text");
        Evaluation::new(previous, self.held_out.clone(), streams, 128)
    }
}
