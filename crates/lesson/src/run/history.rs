//! What a training run did, evaluation by evaluation, as a table.

use std::path::Path;

use seqcore::train::Entry;

use crate::files::write_atomically;
use crate::{Error, Result};

/// Writes the entries as CSV with a header.
///
/// # Errors
/// If the file cannot be written.
pub fn write_csv(path: &Path, history: &[Entry]) -> Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for entry in history {
        csv.serialize(entry).map_err(|e| Error::write(path, std::io::Error::other(e)))?;
    }
    let content =
        csv.into_inner().map_err(|e| Error::write(path, std::io::Error::other(e.to_string())))?;
    write_atomically(path, &content)
}
