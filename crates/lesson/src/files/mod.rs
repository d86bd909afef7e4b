//! Readers of files, each with path and line in its errors, and writing whole or not at all.
//!
//! [`text`] reads running text, [`tables`] series, [`reviews`] labelled texts, [`pairs`] sentence pairs,
//! [`vectors`] word vectors, [`weights`] trained numbers. What they give is plain data for `seqcore`.

mod atomic;
pub mod dates;
pub(crate) mod lines;
pub mod pairs;
pub mod reviews;
pub mod tables;
pub mod text;
pub mod vectors;
pub mod weights;

pub use atomic::{UNFINISHED, sha256, write_atomically};
pub use text::{Text, read_text};
