//! What a learner may change, what is taken otherwise, and all that a run depends on.

use lesson::files::sha256;
use lesson::run::Recipe;
use lesson::{Error, LessonArgs, Result};
use seqcore::cells::Cell;
use seqcore::train::Length;
use serde::{Deserialize, Serialize};

use super::data::Station;
use crate::study::{Base, StudySettings};

/// The settings of this part that a learner may change.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings of weather")]
pub struct Options {
    /// Recurrent cells to try, separated by commas [default: gru,lstm]
    #[arg(long, value_delimiter = ',', value_name = "CELLS")]
    cell: Vec<Cell>,
    /// What the networks start from: course, the time of year and day, or ridge [default: course]
    #[arg(long, value_name = "BASE")]
    base: Option<Base>,
    /// Units in a layer [default: 32 for days, 64 for hours, 128 with --full]
    #[arg(long, value_name = "N")]
    hidden: Option<usize>,
    /// Layers [default: 1]
    #[arg(long, value_name = "N")]
    layers: Option<usize>,
    /// Share of values dropped while training [default: 0.5]
    #[arg(long, value_name = "P")]
    dropout: Option<f64>,
    /// Learning rate [default: 0.003]
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    /// Samples in a batch [default: 32 for days, 128 for hours]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Moments of the past that a sample has [default: 14 days, 72 hours; New York 48]
    #[arg(long, value_name = "N")]
    history: Option<usize>,
    /// Blocks of the training part, one network each [default: 4 for days, 6 for hours]
    #[arg(long, value_name = "K")]
    blocks: Option<usize>,
    /// Weight decay [default: 0.01]
    #[arg(long, value_name = "RATE")]
    weight_decay: Option<f64>,
    /// Which part to score: test, the last, or dev, the one before it, to choose settings with [default: test]
    #[arg(long, value_name = "PART")]
    hold_out: Option<HoldOut>,
}

/// The part that is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum HoldOut {
    /// The last part; everything before it is for training.
    Test,
    /// The part before the last; only what is before that is for training.
    Dev,
}

impl Options {
    /// How to fit on a station.
    ///
    /// # Errors
    /// Settings that cannot work.
    fn settings(&self, args: &LessonArgs, station: &Station) -> Result<StudySettings> {
        let hours = station.day > 1;
        let sizes = [
            ("--history", self.history),
            ("--batch", self.batch),
            ("--hidden", self.hidden),
            ("--layers", self.layers),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == Some(0)) {
            return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
        }
        let blocks = self.blocks.unwrap_or(if hours { 6 } else { 4 });
        if blocks < 2 {
            return Err(Error::config(
                "--blocks is at least 2: one is held out, the others are fitted on.",
            ));
        }
        // Chosen on the development parts of Seattle and of Beijing: --hold-out dev.
        let (steps, hidden) = match (hours, args.full) {
            (true, true) => (600, 128),
            (true, false) => (200, 64),
            (false, true) => (800, 32),
            (false, false) => (400, 32),
        };
        Ok(StudySettings {
            cells: if self.cell.is_empty() {
                vec![Cell::Gru, Cell::Lstm]
            } else {
                self.cell.clone()
            },
            base: self.base.unwrap_or(Base::Course),
            hidden: self.hidden.unwrap_or(hidden),
            layers: self.layers.unwrap_or(1),
            dropout: self.dropout.unwrap_or(0.5),
            learning_rate: self.learning_rate.unwrap_or(0.003),
            weight_decay: self.weight_decay.unwrap_or(0.01),
            batch: self.batch.unwrap_or(if hours { 128 } else { 32 }),
            length: args.run.length().unwrap_or(Length::Steps(steps)),
            blocks,
            seed: args.run.seed,
        })
    }
}

/// All that a run of this part depends on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WeatherRecipe {
    data: Option<String>,
    sha256: String,
    hold_out: HoldOut,
    history: usize,
    /// How to fit.
    pub study: StudySettings,
}

impl WeatherRecipe {
    /// From the arguments, for the station that they name.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub(super) fn new(args: &LessonArgs, options: &Options, station: &Station) -> Result<Self> {
        Ok(Self {
            data: args.run.data.clone(),
            sha256: sha256(&station.bytes),
            hold_out: options.hold_out.unwrap_or(HoldOut::Test),
            history: options.history.unwrap_or(station.problem.shape.history),
            study: options.settings(args, station)?,
        })
    }

    /// Whether the development part is scored.
    pub fn holds_out_dev(&self) -> bool {
        self.hold_out == HoldOut::Dev
    }

    /// The moments of the past that a sample has.
    pub(super) fn history(&self) -> usize {
        self.history
    }
}

impl Recipe for WeatherRecipe {
    const NAME: &'static str = "weather of timeseries";
    type Options = Options;

    fn command(&self) -> String {
        "timeseries --".to_owned()
    }

    fn seed(&self) -> u64 {
        self.study.seed
    }

    fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }

    fn sha256(&self) -> &str {
        &self.sha256
    }
}
