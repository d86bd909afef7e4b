//! Lesson 1: recurrence you can follow, gradients you can see.
//!
//! A recurrent network reads a sequence one element at a time and keeps what it needs in a
//! *state*. This lesson follows that state: forwards, backwards and through real text.
//!
//! 1. [`recurrence`]: three units, four letters, every number printed.
//! 2. [`bptt`]: a network from scratch ([`scratch`]), proved right, and what truncation leaves out.
//! 3. [`gradients`]: how far a gradient reaches, why, and what clipping does.
//! 4. [`char_lm`]: a character language model on a whole text, measured against counting, and how
//!    much text it needs to win ([`amount`]).
//! 5. [`inside`]: what moved a prediction, where states lie, what single units follow.
//!
//! The theory is chapter 1, `theory/01_rnn_fundamentals.md`; tags such as (R2) are its equations.

pub mod amount;
pub mod bptt;
pub mod char_lm;
pub mod gradients;
pub mod inside;
pub mod recurrence;
pub mod scratch;
pub mod spectral;
pub mod text;
