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
//!
//! [`task`] says how all of them are trained, [`trained`] what is kept, [`tokens`] how text becomes
//! numbers. The theory is chapters 3 and 4, `theory/03_gru_architecture.md` and
//! `theory/04_sequence_to_sequence.md`; tags such as (G4) and (S7) are their equations.

pub mod addition;
pub mod commands;
pub mod dates;
pub mod exposure;
pub mod gates;
pub mod task;
pub mod tokens;
pub mod trained;
pub mod translate;
