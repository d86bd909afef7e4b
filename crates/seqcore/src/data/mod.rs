//! From a file to batches of token ids.
//!
//! The order matters, because it is what keeps a held-out text held out:
//!
//! 1. [`Text::find`] reads the whole text that `--data` names;
//! 2. [`split::chronological_text`] cuts it into train, dev and validation;
//! 3. a [`CharVocab`], [`WordVocab`] or [`Subwords`] is built from the training part *only*;
//! 4. each part is encoded, and the share of `<unk>` reported;
//! 5. [`Streams`] lays out the training ids for truncated backpropagation through time,
//!    [`Evaluation`] lays out a held-out part so that every token counts exactly once.
//!
//! Reviews and sentences are sequences of their own: [`tokenise`] cuts them into words, [`buckets`]
//! makes batches of similar length, [`batch`] pads and sorts pairs of sequences.
//!
//! [`catalogue::find`] says where a data set lies; [`series`], [`reviews`], [`pairs`] and [`glove`]
//! read what is no running text.

pub mod batch;
pub mod buckets;
pub mod catalogue;
pub mod corpus;
pub mod dates;
pub mod glove;
pub(crate) mod input;
pub mod marks;
pub mod pairs;
pub mod reviews;
pub mod scaler;
pub mod series;
pub mod split;
pub mod subword;
pub mod text;
pub mod tokenise;
pub mod vocab;
pub mod windows;

pub use corpus::{Corpus, HoldOut};
pub use split::{Fractions, Parts};
pub use subword::Subwords;
pub use text::{Evaluation, StreamBatch, Streams, Text, read_text};
pub use vocab::{CharVocab, Encoded, Order, UNK, Vocab, WordVocab};
