//! What the file of a trained model says of it: shape and words, beside the weights.

use std::path::Path;

use lesson::files::weights::Reader;
use lesson::run::model::Describes;
use lesson::run::open_model;
use lesson::{Error, Result};
use seqcore::data::WordVocab;
use serde::{Deserialize, Serialize};

use crate::model::Config;

/// What is said of a classifier, or of several that decide together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifierDescription {
    /// The shape of each network.
    pub config: Config,
    /// Their words: id 1 first.
    pub words: WordVocab,
    /// How many networks of this shape it is.
    pub networks: usize,
    /// The counts of n-grams that the networks are given ([`crate::ratios`]), if any, as CSV.
    pub ratios: Option<String>,
}

impl Describes for ClassifierDescription {
    const KIND: &'static str = "classifier of sentiment";
}

impl ClassifierDescription {
    /// What stands before the names of the `k`-th network's arrays, from 0. A single network has the names alone.
    pub fn prefix(&self, k: usize) -> String {
        if self.networks == 1 { String::new() } else { format!("network.{}.", k + 1) }
    }

    /// Opens a classifier: a folder that `train` or the tour wrote, or a file.
    ///
    /// # Errors
    /// No classifier there, or one whose words and shape do not belong together.
    pub fn open(path: &Path) -> Result<(Self, Reader)> {
        let (description, reader) = open_model::<Self>(path, "lstm")?;
        let Self { config, words, networks, ratios } = &description;
        check(config, words, &reader)?;
        if *networks == 0 || ratios.is_some() != (config.ratios > 0) {
            return Err(reader.error("its description contradicts itself. Train again."));
        }
        Ok((description, reader))
    }
}

/// What is said of a language model that a classifier can begin with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageDescription {
    /// The shape of such a classifier.
    pub config: Config,
    /// Its words: id 1 first.
    pub words: WordVocab,
}

impl Describes for LanguageDescription {
    const KIND: &'static str = "language model of sentiment";
}

impl LanguageDescription {
    /// Opens a language model: a folder that `pretrain` or the tour wrote, or a file.
    ///
    /// # Errors
    /// As [`ClassifierDescription::open`].
    pub fn open(path: &Path) -> Result<(Self, Reader)> {
        let (description, reader) = open_model::<Self>(path, "language")?;
        check(&description.config, &description.words, &reader)?;
        Ok((description, reader))
    }
}

/// Refuses a shape that cannot work, or has not as many words as there are.
fn check(config: &Config, words: &WordVocab, reader: &Reader) -> Result<()> {
    config.validate().map_err(|error: Error| error.in_file(reader.path()))?;
    if words.size() != config.vocabulary {
        return Err(reader.error("its words and its shape do not belong together. Train again."));
    }
    Ok(())
}
