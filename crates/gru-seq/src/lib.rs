//! Lesson 3: the GRU, and sequence to sequence.
//!
//! A gated recurrent unit decides what to keep with two gates where an LSTM has three. This lesson
//! follows it with numbers and then puts it to work: one network reads, another writes.
//!
//! 1. [`gates`]: a GRU step by step; reset before or after the product; what each cell costs.
//! 2. [`addition`]: `535+61=` becomes `596`, character by character. What has to be remembered, and
//!    what a network cannot do beyond the length it was trained on.
//! 3. [`dates`]: dates as people write them become ISO 8601, with attention that can be looked at.
//! 4. [`exposure`]: a decoder that was trained on true beginnings must live with its own.
//! 5. [`translate`]: French into English, beside a memory that only looks up.
//! 6. [`memory`]: adding and copying over many steps; what a gate's first bias decides.
//! 7. [`predict`]: the next value of a series, given the true values at each step or left alone.
//! 8. [`duel`]: RNN, GRU and LSTM on equal terms, and no winner without an interval.
//!
//! Parts 2 to 5 are about sequence to sequence: [`seq2seq`] is the model, [`recipe`] says how it is trained on a
//! [`task`], [`text_to_text`] is a trained one with its [`tokens`]. Parts 6 to 8 train a [`readout`] on a [`problem`] that
//! is drawn afresh at every step. The theory is chapters 3 and 4, `theory/03_gru_architecture.md` and
//! `theory/04_sequence_to_sequence.md`; tags such as (G4) and (S7) are their equations.
//!
//! ```text
//! seq2seq, tokens -> material, recipe -> training -> addition, dates, exposure, translate -> commands
//! readout -> problem -> memory, predict, duel
//! ```

pub mod addition;
pub mod commands;
pub mod dates;
pub mod duel;
pub mod exposure;
pub mod gates;
pub mod material;
pub mod memory;
pub mod options;
mod percent;
pub mod predict;
pub mod problem;
pub mod readout;
pub mod recipe;
pub mod seq2seq;
pub mod task;
pub mod text_to_text;
pub mod tokens;
pub mod training;
pub mod translate;
