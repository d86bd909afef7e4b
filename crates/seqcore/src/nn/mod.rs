//! Layers.

pub mod dropout;
pub mod embedding;
pub mod recurrent;
