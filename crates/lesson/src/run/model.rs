//! A trained model as one file: its weights under PyTorch's names, and what is needed to use them.
//!
//! The metadata's `model` is JSON: `kind`, which says who can use it, beside whatever else the lesson
//! describes there (sizes, vocabularies, scalers). The format is the same for every lesson.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::files::weights::{self, Reader, Writer};
use crate::{Error, Result};

/// The file of a trained model.
pub const MODEL_FILE: &str = "model.safetensors";

const METADATA: &str = "model";

/// What a model says of itself.
pub trait Describes: Serialize + DeserializeOwned {
    /// What kind of model it is, in words: `language model of lstm-textgen`.
    const KIND: &'static str;

    /// The description with its kind, as it stands in a file.
    fn described(&self) -> Value {
        let mut value = serde_json::to_value(self).expect("plain data");
        value["kind"] = Self::KIND.into();
        value
    }
}

/// Writes a model: `description` as [`Describes::described`] gave it, and the arrays in `writer`.
///
/// # Errors
/// If the file cannot be written.
pub fn export(path: &Path, description: &Value, mut writer: Writer) -> Result<()> {
    writer.metadata(METADATA, description.to_string());
    weights::write(path, writer)
}

/// Opens the model in a folder, in the folder `below` it where the tour puts its own, or in a file.
///
/// # Errors
/// No model there, one of another kind, or one that is damaged.
pub fn open_model<D: Describes>(path: &Path, below: &str) -> Result<(D, Reader)> {
    let file = find(path, below)?;
    let reader = Reader::open(&file)?;
    let Ok(description) = reader.metadata(METADATA) else {
        let what = "it holds weights, but nothing that says how to use them. Models from elsewhere are imported.";
        return Err(reader.error(what));
    };
    let broken = |e: serde_json::Error| {
        reader.error(format!("its description cannot be read ({e}). Train again."))
    };
    let value: Value = serde_json::from_str(description).map_err(broken)?;
    match value["kind"].as_str() {
        Some(kind) if kind == D::KIND => {}
        kind => {
            let kind = kind.unwrap_or("something unknown");
            return Err(reader.error(format!("this is a {kind}; a {} is needed.", D::KIND)));
        }
    }
    let description = serde_json::from_value(value).map_err(broken)?;
    Ok((description, reader))
}

fn find(path: &Path, below: &str) -> Result<PathBuf> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let places = [path.join(MODEL_FILE), path.join(below).join(MODEL_FILE)];
    if let Some(file) = places.into_iter().find(|file| file.is_file()) {
        return Ok(file);
    }
    if !path.exists() {
        return Err(Error::read(path, std::io::ErrorKind::NotFound.into()));
    }
    let what = if path.join(super::RECORD_FILE).exists() {
        format!(
            "its run has not been evaluated yet, so it has no {MODEL_FILE}. Go on with --resume {} first.",
            path.display()
        )
    } else {
        format!(
            "there is no {MODEL_FILE} in it, so it holds no model. Name the folder that a training run wrote (--out)."
        )
    };
    Err(Error::checkpoint(path, what))
}
