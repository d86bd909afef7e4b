//! A run is one object: what it was told, how far it is, what it has learned.
//!
//! ```text
//! DIR/run.safetensors       the record: settings, data, progress, carried state, the optimiser's memory,
//!                           current and kept weights. One file, replaced whole: a run that is killed at
//!                           any moment leaves the old record or the new one.
//! DIR/model.safetensors     the kept weights with what is needed to use them   } written from the record
//! DIR/history.csv           one row an evaluation                              }
//! DIR/previous/run-N.safetensors     the records of earlier runs in this folder
//! ```
//!
//! A run of several networks has a folder of such folders, `DIR/networks/`, kept by one rename as well.
//!
//! - [`folder`]: a folder is ours, for one run at a time, or left alone.
//! - [`record`]: the one file.
//! - [`resume`]: what was given on the command line and what the record says become settings, or one refusal.
//! - [`train`]: drives a [`seqcore::train::Trainer`] with a clock, a progress bar, checkpoints and signals.
//! - [`model`]: a trained model as a file, the same format for every lesson.

mod budget;
pub mod folder;
mod history;
pub mod model;
pub mod record;
pub mod resume;
mod training;

pub use folder::OutputFolder;
pub use model::{MODEL_FILE, export, open_model};
pub use record::{RECORD_FILE, Record, Stage, keep};
pub use resume::{Given, Recipe, Resume, resumed};
pub use training::{HISTORY_FILE, Outcome, Run, train};
