//! The lesson as a learner meets it.

#[path = "lesson/cli.rs"]
mod cli;
