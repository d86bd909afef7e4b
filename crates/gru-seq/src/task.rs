//! What the lesson's encoders and decoders learn to do.

use serde::{Deserialize, Serialize};

/// What a network is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Sums such as 535+61=
    Addition,
    /// Dates to ISO 8601
    Dates,
    /// French to English
    Translate,
    /// Running totals of digits
    #[value(skip)]
    Totals,
}

impl Task {
    /// Those that the command `train` knows, and whose networks are kept.
    pub const KEPT: [Self; 3] = [Task::Addition, Task::Dates, Task::Translate];

    /// Its name in arguments, folders and `metrics.json`.
    pub fn name(self) -> &'static str {
        match self {
            Task::Addition => "addition",
            Task::Dates => "dates",
            Task::Translate => "translate",
            Task::Totals => "exposure",
        }
    }

    /// Something to ask a network of this task.
    pub fn example(self) -> &'static str {
        match self {
            Task::Addition => "535+61=",
            Task::Dates => "the 3rd of March, 1998",
            Task::Translate => "Le chat dort.",
            Task::Totals => "384",
        }
    }
}
