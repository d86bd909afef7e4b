//! What can go wrong with numbers that a user chose, or with bytes that came from elsewhere.
//!
//! Nothing here knows of files: who read the bytes adds the path. What only a programmer can get wrong
//! (shapes that do not fit) is an `assert!` naming both shapes instead.

/// What can go wrong through a user's input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A setting that cannot work, or two that contradict each other.
    #[error("{0}")]
    Config(String),
    /// Weights that cannot be used: what is wrong and what to do, as one or two sentences.
    #[error("{0}")]
    Weights(String),
}

/// `std::result::Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error in the settings.
    pub fn config(what: impl Into<String>) -> Self {
        Error::Config(what.into())
    }

    /// An error in weights.
    pub fn weights(what: impl Into<String>) -> Self {
        Error::Weights(what.into())
    }
}
