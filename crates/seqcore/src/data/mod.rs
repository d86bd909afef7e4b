//! From values in memory to batches of token ids.
//!
//! The order matters, because it is what keeps a held-out text held out:
//!
//! 1. [`split::chronological_text`] cuts a text into train, dev and test;
//! 2. a [`CharVocab`], [`WordVocab`] or [`Subwords`] is built from the training part *only*;
//! 3. each part is encoded, and the share of `<unk>` reported;
//! 4. [`Streams`] lays out the training ids for truncated backpropagation through time,
//!    [`Evaluation`] lays out a held-out part so that every token counts exactly once.
//!
//! Reviews and sentences are sequences of their own: [`tokenise`] cuts them into words, [`buckets`]
//! makes batches of similar length, [`batch`] pads and sorts pairs of sequences.

pub mod batch;
pub mod buckets;
pub mod corpus;
pub mod marks;
pub mod scaler;
pub mod split;
pub mod streams;
pub mod subword;
pub mod tokenise;
pub mod vocab;
pub mod windows;

pub use corpus::{Corpus, HoldOut};
pub use split::{Fractions, Parts};
pub use streams::{Evaluation, StreamBatch, Streams};
pub use subword::Subwords;
pub use vocab::{CharVocab, Encoded, Order, UNK, Vocab, WordVocab};
