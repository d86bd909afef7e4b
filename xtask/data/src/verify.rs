//! Are the files what they should be?

use anyhow::Result;
use lesson::catalogue::{Catalogue, DataSet};

use crate::checksum;

/// The state of one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its files have the right size and checksum.
    Right,
    /// It was never fetched, which is no fault.
    NotFetched,
    /// What is wrong, and what to do.
    Wrong(String),
}

/// Checks one set.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn verify(catalogue: &Catalogue, set: &DataSet) -> Result<State> {
    let folder = catalogue.folder_of(set);
    let (expected, advice) = match &set.embedded {
        Some(embedded) => (
            vec![(set.file.clone(), embedded.bytes, embedded.sha256.clone())],
            "get it back with `git checkout -- datasets`".to_owned(),
        ),
        None if !folder.exists() => return Ok(State::NotFetched),
        None => {
            let advice =
                format!("delete {} and run `cargo xtask data fetch {}`", folder.display(), set.id);
            let Some(record) = catalogue.record(set) else {
                return Ok(State::Wrong(format!(
                    "nothing says where its files are from: {advice}"
                )));
            };
            let known = set.download.as_ref().filter(|download| download.unpack.is_empty());
            let published = known.and_then(|download| download.sha256.clone());
            let sum = |recorded: String| published.clone().unwrap_or(recorded);
            let files = record.files.into_iter().map(|f| (f.name, f.bytes, sum(f.sha256)));
            (files.collect(), advice)
        }
    };
    for (name, bytes, sha256) in expected {
        let path = folder.join(&name);
        if !path.exists() {
            return Ok(State::Wrong(format!("{} is missing: {advice}", path.display())));
        }
        let sums = checksum::of(&path)?;
        if sums.bytes != bytes || sums.sha256 != sha256 {
            return Ok(State::Wrong(format!(
                "{} has been altered ({} bytes and sha256 {}, but should be {bytes} and {sha256}): {advice}",
                path.display(),
                sums.bytes,
                sums.sha256,
            )));
        }
    }
    Ok(State::Right)
}
