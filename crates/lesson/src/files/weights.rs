//! Trained numbers in a safetensors file, with the path in every error.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use ndarray::ArrayD;
use seqcore::Float;
use seqcore::params::Named;
pub use seqcore::weights::Writer;
use seqcore::weights::{CHECKSUM, Weights};

use super::write_atomically;
use crate::{Error, Result};

/// Writes a file, whole or not at all.
///
/// # Errors
/// [`Error::Write`] with the path.
pub fn write(path: &Path, writer: Writer) -> Result<()> {
    write_atomically(path, &writer.into_bytes())
}

/// A safetensors file that was read and checked.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    weights: Weights,
}

impl Deref for Reader {
    type Target = Weights;

    fn deref(&self) -> &Weights {
        &self.weights
    }
}

impl Reader {
    /// Reads a file. It may come from us or from PyTorch; a checksum is verified where there is
    /// one.
    ///
    /// # Errors
    /// A file that cannot be read, or is no whole safetensors file.
    pub fn open(path: &Path) -> Result<Self> {
        let content = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        let weights = Weights::from_bytes(content);
        let weights = weights.map_err(|error| Error::checkpoint(path, error.to_string()))?;
        Ok(Self { path: path.to_owned(), weights })
    }

    /// Refuses a file that carries no checksum: ours do, unless something altered them.
    ///
    /// # Errors
    /// If there is none.
    pub fn of_ours(self) -> Result<Self> {
        self.metadata(CHECKSUM)?;
        Ok(self)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As [`Weights::metadata`].
    ///
    /// # Errors
    /// As there.
    pub fn metadata(&self, key: &str) -> Result<&str> {
        self.weights.metadata(key).map_err(|error| self.error(error.to_string()))
    }

    /// As [`Weights::array`].
    ///
    /// # Errors
    /// As there.
    pub fn array<A: Float>(&self, name: &str) -> Result<ArrayD<A>> {
        self.weights.array(name).map_err(|error| self.error(error.to_string()))
    }

    /// As [`Weights::load_into`].
    ///
    /// # Errors
    /// As there.
    pub fn load_into<A: Float>(&self, prefix: &str, part: &mut impl Named<A>) -> Result<()> {
        self.weights.load_into(prefix, part).map_err(|error| self.error(error.to_string()))
    }

    /// An error about this file.
    pub fn error(&self, what: impl Into<String>) -> Error {
        Error::checkpoint(&self.path, what)
    }
}
