//! Lesson 2: text that an LSTM wrote, and proof of what it learned.
//!
//! A plain recurrent network forgets. The LSTM keeps a second state, c, to which each step adds and
//! from which a gate lets go: that is all, and it is enough to write text. This lesson trains one,
//! lets it write, and then asks what it knows.
//!
//! 1. [`gates`]: every number of a small LSTM, and how far its gradients reach.
//! 2. [`mod@char`]: a character LSTM beside counting, compressors, an RNN and a GRU.
//! 3. [`decode`]: one prompt, eight ways to choose what comes next.
//! 4. [`word`]: words in place of characters, compared per character.
//! 5. [`inside`]: which unit follows what, and what is lost when it is switched off.
//! 6. [`compress`]: the model as a compressor, exact to the byte.
//! 7. [`memorised`]: how much of what it writes stands in its training text.
//!
//! Beside the parts: [`generate`] writes, [`eval`] scores, [`explore`] makes a page to look into a
//! model with, [`exchange`] takes it to PyTorch and back.
//!
//! [`model`] is the model and its training step, [`train`] the run that all parts share. The theory
//! is chapter 2, `theory/02_lstm_architecture.md`; tags such as (L6) are its equations.

pub mod char;
pub mod compress;
pub mod decode;
pub mod eval;
pub mod exchange;
pub mod explore;
pub mod gates;
pub mod generate;
pub mod inside;
pub mod loss;
pub mod memorised;
pub mod model;
pub mod recipe;
pub mod spelling;
pub mod text;
pub mod train;
pub mod trained;
pub mod word;
