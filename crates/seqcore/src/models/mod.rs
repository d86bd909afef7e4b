//! Whole models that more than one lesson needs.

pub mod generator;
pub mod language;
pub mod ridge;
