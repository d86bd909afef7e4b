//! What was asked: arguments, checked and stored, so that a stopped run can go on.

use std::path::{Path, PathBuf};

use seqcore::cells::Cell;
use seqcore::files::write_atomically;
use seqcore::lesson::RunArgs;
use seqcore::train::Length;
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Data, folds_of};
use crate::study::{Base, Settings};

/// The arguments of `forecast`.
#[derive(Debug, Clone, clap::Args)]
pub struct ForecastArgs {
    /// What every command that trains takes.
    #[command(flatten)]
    pub run: RunArgs,
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

/// What is to be forecast from what, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
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
    /// The cell.
    pub cell: Cell,
    /// Units.
    pub hidden: usize,
    /// The seed.
    pub seed: u64,
}

/// Blocks of a training part, one network each.
const BLOCKS: usize = 3;

/// The file beside the checkpoints.
pub const FILE: &str = "request.json";

impl Request {
    /// From the arguments, or, with `--resume`, from the folder of the run that goes on.
    ///
    /// # Errors
    /// What is missing or cannot work.
    pub fn new(args: &ForecastArgs) -> Result<(Self, RunArgs)> {
        let mut run = args.run.clone();
        if let Some(folder) = &run.resume {
            let path = folder.join(FILE);
            let text = std::fs::read(&path).map_err(|e| Error::read(&path, e))?;
            let stored: Self = serde_json::from_slice(&text).map_err(|e| {
                Error::data(&path, e.line(), format!("this is no request of forecast ({e})."))
            })?;
            run.seed = stored.seed;
            return Ok((stored, run));
        }
        let missing = |what: &str| {
            Error::config(format!(
                "{what} is missing. Example: forecast --data table.csv --target sales --horizon 12"
            ))
        };
        let only = match &args.only {
            None => None,
            Some(text) => match text.split_once('=') {
                Some((column, value)) => Some((column.to_owned(), value.to_owned())),
                None => {
                    return Err(Error::config(format!("--only {text:?}: expected COLUMN=VALUE.")));
                }
            },
        };
        let sizes = [
            ("--horizon", args.horizon),
            ("--season", args.season),
            ("--history", args.history),
            ("--hidden", Some(args.hidden)),
        ];
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == Some(0)) {
            return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
        }
        if args.horizon.is_some_and(|h| h > 500) {
            return Err(Error::config(
                "--horizon is above 500. Choose a longer step with --freq, such as days instead of hours.",
            ));
        }
        let request = Self {
            data: run.data.clone().ok_or_else(|| missing("--data"))?,
            target: args.target.clone().ok_or_else(|| missing("--target"))?,
            time: args.time.clone(),
            horizon: args.horizon.ok_or_else(|| missing("--horizon"))?,
            covariates: args.covariates.clone(),
            known: args.known.clone(),
            only,
            freq: args.freq.clone(),
            season: args.season,
            history: args.history,
            cell: args.cell,
            hidden: args.hidden,
            seed: run.seed,
        };
        Ok((request, run))
    }

    /// Keeps it beside the checkpoints.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).expect("plain data");
        write_atomically(&folder.join(FILE), json.as_bytes())
    }

    /// How to fit.
    pub fn settings(&self, data: &Data, length: Option<Length>) -> Settings {
        let batch = 32;
        // Enough passes for a short series, not too many steps for a long one.
        let steps = (30 * data.problem.len() / batch).clamp(60, 500);
        Settings {
            cells: vec![self.cell],
            base: Base::Ridge,
            hidden: self.hidden,
            layers: 1,
            dropout: 0.3,
            learning_rate: 0.003,
            weight_decay: 0.05,
            batch,
            length: length.unwrap_or(Length::Steps(steps)),
            blocks: BLOCKS,
            seed: self.seed,
        }
    }

    /// The walk over the end of the table.
    ///
    /// # Errors
    /// A series that is too short.
    pub fn folds(&self, data: &Data) -> Result<Vec<seqcore::data::Parts>> {
        folds_of(&data.problem, BLOCKS)
    }
}

/// The folder beside a part's folder.
pub(super) fn beside(folder: &Path) -> PathBuf {
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => ".".into(),
    }
}
