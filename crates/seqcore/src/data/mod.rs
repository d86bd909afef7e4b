//! From a file to batches of token ids.
//!
//! The order matters, because it is what keeps a held-out text held out:
//!
//! 1. [`read_text`] reads the whole text;
//! 2. [`split::chronological_text`] cuts it into train, dev and validation;
//! 3. a [`CharVocab`] or [`WordVocab`] is built from the training part *only*;
//! 4. each part is encoded, and the share of `<unk>` reported;
//! 5. [`Streams`] lays out the training ids for truncated backpropagation through time,
//!    [`Evaluation`] lays out a held-out part so that every token counts exactly once.
//!
//! [`catalogue`] says where a data set lies; [`series`], [`reviews`], [`pairs`] and [`glove`] read
//! what is no running text.

pub mod catalogue;
pub mod dates;
pub mod glove;
pub(crate) mod input;
pub mod pairs;
pub mod reviews;
pub mod scaler;
pub mod series;
pub mod split;
pub mod text;
pub mod vocab;
pub mod windows;

pub use split::{Fractions, Parts};
pub use text::{Evaluation, StreamBatch, Streams, read_text};
pub use vocab::{CharVocab, Encoded, Order, UNK, Vocab, WordVocab};
