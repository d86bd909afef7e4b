//! Part *stocks*: the honest lab. Returns cannot be forecast from past prices, at least not by this; how much a share
//! will move can.
//!
//! Everything walks forward: each year is forecast by models that were fitted on all days before it. The baseline for a
//! return is zero (a random walk in the logarithm of the price) and the drift, not yesterday's return, which
//! anything beats.

pub mod panel;
pub mod returns;
mod show;
pub mod volatility;

use seqcore::Result;
use seqcore::data::catalogue;
use seqcore::lesson::{Lesson, LessonArgs};

/// Days in a block of the bootstrap: a month.
pub const BLOCK: usize = 21;

/// How to walk.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The first day of each of these years, models are fitted again.
    pub years: Vec<i32>,
    /// Steps of training for each network.
    pub steps: usize,
    /// What a change of position costs, as a share of its value.
    pub cost: f64,
    /// Seed.
    pub seed: u64,
    /// Whether to show progress bars.
    pub progress: bool,
}

impl Settings {
    /// The tour's, or the long version's.
    pub fn new(full: bool, steps: Option<usize>, seed: u64) -> Self {
        let steps = steps.unwrap_or(if full { 1000 } else { 250 });
        Self { years: (2008..=2012).collect(), steps, cost: 0.001, seed, progress: false }
    }
}

/// Lags of a HAC variance: the usual 4 (n/100)^(2/9), rounded down (Newey and West 1994).
pub fn lags(n: usize) -> usize {
    (4.0 * (n as f64 / 100.0).powf(2.0 / 9.0)) as usize
}

/// Runs the part on the embedded shares, or on `--data` where only this part is run.
///
/// # Errors
/// A table that cannot be used.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    let only = args.part.as_deref() == Some("stocks");
    let data = args.run.data.as_deref().filter(|_| only).unwrap_or("stock-prices");
    let resolved = catalogue::find(data, args.run.fetch)?;
    let bytes =
        std::fs::read(&resolved.path).map_err(|e| seqcore::Error::read(&resolved.path, e))?;
    let (shares, short) = panel::read(&resolved.path)?;
    let mut settings = Settings::new(args.full, args.run.steps, args.run.seed);
    settings.progress = lesson.shows_progress();
    lesson.heading("3 · Stocks: the honest lab");
    lesson.data(&resolved.name, &bytes);
    show::before(lesson, &shares, &short, &settings);
    let forecasts = returns::walk_forward(&shares, &settings)?;
    show::returns(lesson, &forecasts, &settings);
    let losses = volatility::walk_forward(&shares, &settings)?;
    show::volatility(lesson, &losses);
    Ok(())
}
