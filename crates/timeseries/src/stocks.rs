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
mod walk;

use lesson::{Error, Lesson, LessonArgs, Result, catalogue};

pub use walk::WalkForward;

/// Runs the part on the embedded shares, or on `--data` where only this part is run.
///
/// # Errors
/// A table that cannot be used.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    let only = args.part.as_deref() == Some("stocks");
    let data = args.run.data.as_deref().filter(|_| only).unwrap_or("stock-prices");
    let resolved = catalogue::find(data, args.run.fetch)?;
    let bytes = std::fs::read(&resolved.path).map_err(|e| Error::read(&resolved.path, e))?;
    let (shares, short) = panel::read(&resolved.path)?;
    let mut walk = WalkForward::new(args.full, args.run.steps, args.run.seed);
    walk.progress = lesson.shows_progress();
    lesson.heading("3 · Stocks: the honest lab");
    lesson.data(&resolved.name, &bytes);
    show::before(lesson, &shares, &short, &walk);
    let forecasts = returns::walk_forward(&shares, &walk)?;
    show::returns(lesson, &forecasts, &walk);
    let losses = volatility::walk_forward(&shares, &walk)?;
    show::volatility(lesson, &losses);
    Ok(())
}
