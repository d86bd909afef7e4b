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
    /// Standard output could not be written, though somebody wanted it.
    #[error("cannot write to standard output: {0}. Free some space, or send the output elsewhere.")]
    Output(std::io::Error),
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
    /// The record of a run, or a trained model, cannot be used.
    #[error("{}: {what}", path.display())]
    Checkpoint {
        /// Its file or folder.
        path: PathBuf,
        /// What is wrong and what to do, as one or two sentences.
        what: String,
    },
    /// A setting that cannot work, or two that contradict each other.
    #[error("{0}")]
    Config(String),
    /// A run that stopped before its end, because someone asked it to.
    #[error("{what}")]
    Interrupted {
        /// What was saved and how to go on.
        what: String,
        /// The exit code of the binary: 130 for Ctrl-C.
        code: u8,
    },
}

/// `std::result::Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl From<seqcore::Error> for Error {
    fn from(error: seqcore::Error) -> Self {
        Error::Config(error.to_string())
    }
}

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

    /// An error in a record or a model.
    pub fn checkpoint(path: &Path, what: impl Into<String>) -> Self {
        Error::Checkpoint { path: path.to_owned(), what: what.into() }
    }

    /// An error in the settings.
    pub fn config(what: impl Into<String>) -> Self {
        Error::Config(what.into())
    }

    /// The same error where the settings are at fault because of what a file holds.
    pub fn in_file(self, path: &Path) -> Self {
        match self {
            Error::Config(what) => Error::data(path, None, what),
            other => other,
        }
    }
}
