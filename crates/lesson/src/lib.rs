//! What a lesson binary stands on: arguments, the run folder, files, plots, the terminal, the report.
//!
//! `seqcore` computes; whatever touches the disk or the screen is here. A lesson's `main` is a few lines:
//!
//! ```no_run
//! use lesson::{Lesson, LessonArgs, Part, Syllabus};
//!
//! const SYLLABUS: Syllabus = Syllabus {
//!     name: "rnn-basics",
//!     title: "Recurrent networks from the ground up",
//!     about: "From one equation to a character model that you train yourself.",
//!     parts: &[Part { name: "recurrence", about: "a 3-unit RNN, every number printed" }],
//!     examples: &[("--part recurrence", "only the first part")],
//! };
//!
//! #[derive(clap::Parser)]
//! struct Cli {
//!     #[command(flatten)]
//!     lesson: LessonArgs,
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     lesson::run_binary(|| {
//!         let cli: Cli = lesson::parse(&SYLLABUS);
//!         let mut lesson = Lesson::new(&SYLLABUS, &cli.lesson.run)?;
//!         if cli.lesson.wants("recurrence") {
//!             lesson.heading("Recurrence");
//!             lesson.say("A recurrent network reads one character at a time.");
//!             lesson.number("recurrence.loss", 1.25);
//!         }
//!         lesson.finish()
//!     })
//! }
//! ```
//!
//! # How it fits together
//!
//! ```text
//! files, catalogue -> (seqcore) -> run -> plot -> terminal, report -> presentation
//! ```
//!
//! - [`args`]: the arguments of every lesson, with what was typed told from what is a default.
//! - [`catalogue`] and [`files`]: `--data` becomes a file, a file becomes values.
//! - [`run`]: a training run as one object, in a folder that is its own.
//! - [`plot`], [`terminal`], [`report`]: a chart as SVG, as characters, in a page.
//! - [`Lesson`]: what a part writes to; everything said goes to the terminal and into the report at once.

pub mod args;
pub mod catalogue;
pub mod error;
mod exit;
pub mod files;
pub mod interrupt;
pub mod plot;
mod presentation;
pub mod report;
pub mod run;
pub mod terminal;
mod text;

pub use args::{LessonArgs, Part, RunArgs, Syllabus, command, parse, parse_duration};
pub use error::{Error, Result};
pub use exit::run_binary;
pub use presentation::Lesson;
pub use run::OutputFolder;
pub use terminal::{Screen, Terminal};

/// Says something on standard error that nobody asked for and everybody should know.
pub fn note(what: &str) {
    use std::io::Write;
    // Standard error may be closed; then nothing is left to do.
    _ = writeln!(std::io::stderr(), "note: {what}");
}

// The chapters' listings are compiled and run with the tests.
#[cfg(doctest)]
mod chapters {
    #[doc = include_str!("../../../theory/00_notation.md")]
    mod notation {}
    #[doc = include_str!("../../../theory/01_rnn_fundamentals.md")]
    mod rnn_fundamentals {}
    #[doc = include_str!("../../../theory/02_lstm_architecture.md")]
    mod lstm_architecture {}
    #[doc = include_str!("../../../theory/03_gru_architecture.md")]
    mod gru_architecture {}
    #[doc = include_str!("../../../theory/04_sequence_to_sequence.md")]
    mod sequence_to_sequence {}
    #[doc = include_str!("../../../theory/05_forecasting.md")]
    mod forecasting {}
    #[doc = include_str!("../../../theory/06_text_classification.md")]
    mod text_classification {}
    #[doc = include_str!("../../../theory/next_steps.md")]
    mod next_steps {}
}
