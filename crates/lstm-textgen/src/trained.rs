//! A trained model, ready to use, as its file holds it.

use std::path::{Path, PathBuf};

use lesson::Result;
use lesson::files::weights::Writer;
use lesson::run::model::Describes;
use lesson::run::{export, open_model};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::models::language::LanguageModel;
use serde::{Deserialize, Serialize};

use crate::model::{Shape, TextModel};
use crate::text::Vocabulary;

/// What is known of a model beside its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Sizes, cell and dropout.
    pub shape: Shape,
    /// The name or path of the text it was trained on; `None` is the embedded play.
    pub data: Option<String>,
    /// That text's sha256; empty where nobody knows.
    pub sha256: String,
    /// Its tokens.
    pub vocabulary: Vocabulary,
}

impl Describes for About {
    const KIND: &'static str = "language model of lstm-textgen";
}

/// A trained model, ready to use.
#[derive(Debug, Clone)]
pub struct Trained {
    /// What is known of it.
    pub about: About,
    /// The model with all arrays in their places.
    pub model: LanguageModel<f32>,
    /// Where its weights lie.
    pub path: PathBuf,
}

impl Trained {
    /// Opens the model in `folder`, or in the folder `char` below it, where the tour puts its own.
    ///
    /// # Errors
    /// No model there, or a file that is damaged or contradicts itself.
    pub fn open(folder: &Path) -> Result<Self> {
        let (about, reader) = open_model::<About>(folder, "char")?;
        let broken = |why: String| {
            reader.error(format!("it does not describe a model ({why}). Train again."))
        };
        about.shape.validate().map_err(|e| broken(e.to_string()))?;
        let (rows, tokens) = (about.shape.language.vocabulary, about.vocabulary.size());
        if rows != tokens {
            return Err(broken(format!("{tokens} tokens for {rows} vectors")));
        }
        let mut model = TextModel::new(&about.shape, 0.0, &mut ChaCha8Rng::seed_from_u64(0));
        reader.load_into("", &mut model)?;
        let path = reader.path().to_owned();
        Ok(Self { model: model.untied().into_owned(), about, path })
    }
}

/// Writes a model and its description to `path`.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, about: &About, model: &TextModel) -> Result<()> {
    let mut writer = Writer::default();
    writer.named("", model);
    export(path, &about.described(), writer)
}
