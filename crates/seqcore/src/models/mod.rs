//! Whole models that more than one lesson needs.

pub mod baselines;
pub mod forecaster;
pub mod generator;
pub mod holt_winters;
pub mod language;
pub mod ridge;
pub mod seq2seq;
pub mod translator;
