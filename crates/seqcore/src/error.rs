//! Everything a user can do wrong, as one error type.
//!
//! A message says what happened, where (path and, for text, line) and what to do. What only a
//! programmer can get wrong (shapes that do not fit) is an `assert!` naming both shapes instead.

use std::path::{Path, PathBuf};

/// What can go wrong through a user's input. Binaries print it and exit with code 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}: {source}. {advice}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
        /// What the user can do about it.
        advice: &'static str,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}: {source}. Choose another folder with --out, or free the path.", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The content of a file is not what it should be.
    #[error("{}{}: {what}", path.display(), line.map(|l| format!(", line {l}")).unwrap_or_default())]
    Data {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, where there is one.
        line: Option<usize>,
        /// What is wrong and what to do, as one or two sentences.
        what: String,
    },
    /// A checkpoint cannot be used.
    #[error("{}: {what}", path.display())]
    Checkpoint {
        /// The checkpoint's file or folder.
        path: PathBuf,
        /// What is wrong and what to do, as one or two sentences.
        what: String,
    },
    /// A setting that cannot work, or two that contradict each other.
    #[error("{0}")]
    Config(String),
    /// The user pressed Ctrl-C; the sentence says what was saved. Binaries exit with code 130.
    #[error("{0}")]
    Interrupted(String),
}

/// `std::result::Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A reading error with the usual advice.
    pub fn read(path: &Path, source: std::io::Error) -> Self {
        let advice = match source.kind() {
            std::io::ErrorKind::NotFound => "Check the path and its spelling.",
            std::io::ErrorKind::PermissionDenied => "Check that you may read it.",
            std::io::ErrorKind::IsADirectory => "Name a file, not a folder.",
            _ => "Check the path.",
        };
        Error::Read { path: path.to_owned(), source, advice }
    }

    /// A writing error.
    pub fn write(path: &Path, source: std::io::Error) -> Self {
        Error::Write { path: path.to_owned(), source }
    }

    /// An error in a file's content; `line` counts from 1.
    pub fn data(path: &Path, line: impl Into<Option<usize>>, what: impl Into<String>) -> Self {
        Error::Data { path: path.to_owned(), line: line.into(), what: what.into() }
    }

    /// An error in a checkpoint.
    pub fn checkpoint(path: &Path, what: impl Into<String>) -> Self {
        Error::Checkpoint { path: path.to_owned(), what: what.into() }
    }

    /// An error in the settings.
    pub fn config(what: impl Into<String>) -> Self {
        Error::Config(what.into())
    }
}
