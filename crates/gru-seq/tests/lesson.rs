//! The lesson's numbers and its commands: against PyTorch, by hand, and within stated ranges.

#[path = "lesson/cli.rs"]
mod cli;
#[path = "lesson/gates.rs"]
mod gates;
#[path = "lesson/tasks.rs"]
mod tasks;
