//! A trained model's folder: `model.safetensors`, and `model.json` with all that is needed to use
//! it.

use std::fs;
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::checkpoint::{Reader, Writer};
use seqcore::files::write_atomically;
use seqcore::models::language::LanguageModel;
use seqcore::train::MODEL_FILE;
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::model::{Shape, TextModel};
use crate::text::Vocabulary;

/// The file beside the weights.
pub const ABOUT_FILE: &str = "model.json";

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

impl About {
    /// Writes it to `folder`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string(self).expect("plain values serialise");
        write_atomically(&folder.join(ABOUT_FILE), json.as_bytes())
    }
}

/// A trained model, ready to use.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What is known of it.
    pub about: About,
    /// The model with all arrays in their places.
    pub model: LanguageModel<f32>,
    /// Where its weights lie.
    pub path: PathBuf,
}

impl Bundle {
    /// Opens the model in `folder`, or in the folder `char` below it, where the tour puts its own.
    ///
    /// # Errors
    /// No model there, or files that are damaged or do not belong together.
    pub fn open(folder: &Path) -> Result<Self> {
        let below = folder.join("char");
        let folder = if !folder.join(ABOUT_FILE).exists() && below.join(ABOUT_FILE).exists() {
            &below
        } else {
            folder
        };
        let file = folder.join(ABOUT_FILE);
        if !file.exists() {
            let what = format!(
                "there is no {ABOUT_FILE} in it, so it holds no model. Name the folder that `train` wrote (--out), or \
                 run the tour first."
            );
            return Err(Error::checkpoint(folder, what));
        }
        let broken = |why: String| {
            Error::checkpoint(&file, format!("it does not describe a model ({why}). Train again."))
        };
        let json = fs::read_to_string(&file).map_err(|e| Error::read(&file, e))?;
        let about: About = serde_json::from_str(&json).map_err(|e| broken(e.to_string()))?;
        about.shape.validate().map_err(|e| broken(e.to_string()))?;
        let (rows, tokens) = (about.shape.language.vocabulary, about.vocabulary.size());
        if rows != tokens {
            return Err(broken(format!("{tokens} tokens for {rows} vectors")));
        }
        let path = folder.join(MODEL_FILE);
        let mut model = TextModel::new(&about.shape, 0.0, &mut ChaCha8Rng::seed_from_u64(0));
        Reader::open(&path)?.load_into("", &mut model)?;
        Ok(Self { model: model.untied().into_owned(), about, path })
    }

    /// Writes weights and description to `folder`, which is made if need be.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(folder: &Path, about: &About, model: &TextModel) -> Result<()> {
        fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
        about.write(folder)?;
        let mut writer = Writer::default();
        writer.named("", model);
        writer.write(&folder.join(MODEL_FILE))
    }
}
