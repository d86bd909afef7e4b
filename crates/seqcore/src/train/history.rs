//! What a training run did, evaluation by evaluation.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::write_atomically;
use crate::{Error, Result};

/// One evaluation and the steps that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Steps done.
    pub step: usize,
    /// Mean training loss since the entry before.
    pub train_loss: f64,
    /// Loss on the development part.
    pub dev_loss: f64,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Mean global norm of the gradients before clipping, since the entry before.
    pub gradient_norm: f64,
    /// Training time so far, in seconds; evaluation aside.
    pub seconds: f64,
}

/// Writes the entries as CSV with a header.
pub fn write_csv(path: &Path, history: &[Entry]) -> Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for entry in history {
        csv.serialize(entry).map_err(|e| Error::write(path, std::io::Error::other(e)))?;
    }
    let content =
        csv.into_inner().map_err(|e| Error::write(path, std::io::Error::other(e.to_string())))?;
    write_atomically(path, &content)
}
