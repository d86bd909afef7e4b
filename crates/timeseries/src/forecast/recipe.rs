//! What was asked: the arguments, the request that they make, and all that a run depends on.

use std::path::PathBuf;

use lesson::files::sha256;
use lesson::run::Recipe;
use lesson::{Error, Result, RunArgs};
use seqcore::cells::Cell;
use seqcore::train::Length;
use serde::{Deserialize, Serialize};

use crate::study::{Base, StudySettings};

/// Blocks of a training part, one network each.
const BLOCKS: usize = 3;

/// The arguments of `forecast`.
#[derive(Debug, Clone, clap::Args)]
pub struct ForecastArgs {
    /// What every command that trains takes.
    #[command(flatten)]
    pub run: RunArgs,
    /// What is to be forecast, and how.
    #[command(flatten)]
    pub options: ForecastOptions,
}

/// What is to be forecast, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct ForecastOptions {
    /// The column to forecast
    #[arg(long, value_name = "COL")]
    pub target: Option<String>,
    /// The column of dates [default: found by name, else the first]
    #[arg(long, value_name = "COL")]
    pub time: Option<String>,
    /// Steps ahead
    #[arg(long, value_name = "N")]
    pub horizon: Option<usize>,
    /// Further columns to learn from, known up to now only [default: none; all: every numeric column]
    #[arg(long, value_delimiter = ',', value_name = "COLS")]
    pub covariates: Vec<String>,
    /// Columns whose future is known, such as holidays; the table must hold it, with the target left empty
    #[arg(long, value_delimiter = ',', value_name = "COLS")]
    pub known: Vec<String>,
    /// Rows with this value only, where a table holds several series
    #[arg(long, value_name = "COL=VALUE")]
    pub only: Option<String>,
    /// The step: 15m, 1h, 1d, 1w, 1mo, 1y, weekdays; rows are averaged onto it [default: found]
    #[arg(long, value_name = "STEP")]
    pub freq: Option<String>,
    /// Steps in a season [default: a day of hours, a week of days, a year of months]
    #[arg(long, value_name = "N")]
    pub season: Option<usize>,
    /// Steps of the past to read [default: two seasons, at least the horizon, as far as the data allow]
    #[arg(long, value_name = "N")]
    pub history: Option<usize>,
    /// The recurrent cell
    #[arg(long, default_value = "gru")]
    pub cell: Cell,
    /// Units in the recurrent layer
    #[arg(long, value_name = "N", default_value_t = 24)]
    pub hidden: usize,
}

/// The arguments of `predict`.
#[derive(Debug, Clone, clap::Args)]
pub struct PredictArgs {
    /// The folder that `forecast` wrote its model to
    #[arg(long, value_name = "DIR")]
    pub model: PathBuf,
    /// A table with the same columns, up to the moment to forecast from
    #[arg(long, value_name = "NAME|PATH")]
    pub data: String,
    /// Folder for forecasts.csv, metrics.json and report.html
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print only where the results are
    #[arg(long)]
    pub quiet: bool,
}

/// What is to be forecast from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastRequest {
    /// The table: a name from the catalogue or a path.
    pub data: String,
    /// The column to forecast.
    pub target: String,
    /// The column of dates.
    pub time: Option<String>,
    /// Steps ahead.
    pub horizon: usize,
    /// Columns known up to now.
    pub covariates: Vec<String>,
    /// Columns known in advance.
    pub known: Vec<String>,
    /// Column and value of the rows wanted.
    pub only: Option<(String, String)>,
    /// The step that was asked for.
    pub freq: Option<String>,
    /// Steps in a season.
    pub season: Option<usize>,
    /// Steps of the past.
    pub history: Option<usize>,
}

impl ForecastRequest {
    /// From the arguments.
    ///
    /// # Errors
    /// What is missing or cannot work.
    pub fn new(args: &ForecastArgs) -> Result<Self> {
        let options = &args.options;
        let missing = |what: &str| {
            Error::config(format!(
                "{what} is missing. Example: forecast --data table.csv --target sales --horizon 12"
            ))
        };
        let only = match &options.only {
            None => None,
            Some(text) => match text.split_once('=') {
                Some((column, value)) => Some((column.to_owned(), value.to_owned())),
                None => {
                    return Err(Error::config(format!("--only {text:?}: expected COLUMN=VALUE.")));
                }
            },
        };
        let sizes = [
            ("--horizon", options.horizon),
            ("--season", options.season),
            ("--history", options.history),
            ("--hidden", Some(options.hidden)),
        ];
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == Some(0)) {
            return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
        }
        if options.horizon.is_some_and(|h| h > 500) {
            return Err(Error::config(
                "--horizon is above 500. Choose a longer step with --freq, such as days instead of hours.",
            ));
        }
        Ok(Self {
            data: args.run.data.clone().ok_or_else(|| missing("--data"))?,
            target: options.target.clone().ok_or_else(|| missing("--target"))?,
            time: options.time.clone(),
            horizon: options.horizon.ok_or_else(|| missing("--horizon"))?,
            covariates: options.covariates.clone(),
            known: options.known.clone(),
            only,
            freq: options.freq.clone(),
            season: options.season,
            history: options.history,
        })
    }

    /// The same of another table.
    pub fn of_table(&self, data: &str) -> Self {
        Self { data: data.to_owned(), ..self.clone() }
    }
}

/// All that a run depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastRecipe {
    /// What was asked.
    pub request: ForecastRequest,
    sha256: String,
    /// How to fit.
    pub study: StudySettings,
}

impl ForecastRecipe {
    /// For a table of these bytes and so many `moments`.
    pub fn new(
        request: ForecastRequest,
        args: &ForecastArgs,
        table: &[u8],
        moments: usize,
    ) -> Self {
        let batch = 32;
        // Enough passes for a short series, not too many steps for a long one.
        let steps = (30 * moments / batch).clamp(60, 500);
        let study = StudySettings {
            cells: vec![args.options.cell],
            base: Base::Ridge,
            hidden: args.options.hidden,
            layers: 1,
            dropout: 0.3,
            learning_rate: 0.003,
            weight_decay: 0.05,
            batch,
            length: args.run.length().unwrap_or(Length::Steps(steps)),
            blocks: BLOCKS,
            seed: args.run.seed,
        };
        Self { request, sha256: sha256(table), study }
    }
}

impl Recipe for ForecastRecipe {
    const NAME: &'static str = "forecast of timeseries";
    type Options = ForecastOptions;

    fn command(&self) -> String {
        "timeseries -- forecast".to_owned()
    }

    fn seed(&self) -> u64 {
        self.study.seed
    }

    fn data(&self) -> Option<&str> {
        Some(&self.request.data)
    }

    fn sha256(&self) -> &str {
        &self.sha256
    }
}
