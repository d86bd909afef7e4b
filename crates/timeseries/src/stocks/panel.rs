//! Daily prices of several shares, and windows over all of them.

use std::path::Path;

use chrono::{Datelike, NaiveDateTime};
use lesson::files::tables::{self, Select, distinct};
use lesson::{Error, Result};
use ndarray::Array2;
use seqcore::data::windows::{Samples, Shape};

/// A share needs so many days: eight years, of which the first are for training.
pub const FEWEST_DAYS: usize = 2000;

/// One share, adjusted for splits and dividends.
#[derive(Debug, Clone)]
pub struct Share {
    /// Its ticker.
    pub name: String,
    /// Trading days, (T).
    pub days: Vec<NaiveDateTime>,
    /// Close, (T).
    pub close: Vec<f64>,
    /// Log return of each day, (T); 0 on the first (F18).
    pub returns: Vec<f64>,
    /// Garman and Klass's variance of each day, (T), above zero (F19).
    pub variance: Vec<f64>,
}

/// The shares of a table; those with too few days are named apart.
///
/// # Errors
/// A table that cannot be read, lacks a column, or has no share with enough days.
pub fn read(path: &Path) -> Result<(Vec<Share>, Vec<String>)> {
    let tickers = distinct(path, "Ticker")?;
    let (mut shares, mut short) = (Vec::new(), Vec::new());
    for ticker in tickers {
        let all = tables::read(path, &Select::default().only("Ticker", &*ticker))?;
        let mut columns = Vec::new();
        for name in ["Open", "High", "Low", "Close"] {
            columns.push(all.column(name)?.to_vec());
        }
        // Prices as traded, with an adjusted close beside them: adjust all four.
        if let Ok(adjusted) = all.column("Adj Close") {
            let factor: Vec<f64> = adjusted.iter().zip(&columns[3]).map(|(a, c)| a / c).collect();
            columns
                .iter_mut()
                .for_each(|column| column.iter_mut().zip(&factor).for_each(|(x, f)| *x *= f));
        }
        let whole = |t: &usize| columns.iter().all(|c| c[*t].is_finite() && c[*t] > 0.0);
        let kept: Vec<usize> = (0..all.times.len()).filter(whole).collect();
        if kept.len() < FEWEST_DAYS {
            short.push(ticker);
            continue;
        }
        let take = |c: usize| -> Vec<f64> { kept.iter().map(|&t| columns[c][t]).collect() };
        let days = kept.iter().map(|&t| all.times[t]).collect();
        shares.push(Share::new(ticker, days, &take(0), &take(1), &take(2), take(3)));
    }
    if shares.is_empty() {
        let what = format!(
            "no share has {FEWEST_DAYS} days. Expected columns Ticker, Date, Open, High, Low, Close."
        );
        return Err(Error::data(path, None, what));
    }
    Ok((shares, short))
}

impl Share {
    fn new(
        name: String,
        days: Vec<NaiveDateTime>,
        open: &[f64],
        high: &[f64],
        low: &[f64],
        close: Vec<f64>,
    ) -> Self {
        let change = |t: usize| if t == 0 { 0.0 } else { (close[t] / close[t - 1]).ln() }; // (F18)
        let returns = (0..close.len()).map(change).collect();
        let daily = |t: usize| {
            let (range, body) = ((high[t] / low[t]).ln(), (close[t] / open[t]).ln());
            let v = 0.5 * range * range - (2.0 * std::f64::consts::LN_2 - 1.0) * body * body; // (F19)
            v.max(1e-7) // a day without movement would have the logarithm of zero
        };
        let variance = (0..close.len()).map(daily).collect();
        Self { name, days, close, returns, variance }
    }

    /// The first day of this year or later.
    pub fn start_of(&self, year: i32) -> usize {
        self.days.partition_point(|day| day.year() < year)
    }
}

/// Windows over several shares as one table: rows of one share follow those of another, and no window crosses.
pub fn stack(
    tables: &[Array2<f64>],
    shape: &Shape,
    origins: &[Vec<usize>],
    targets: &[Vec<f64>],
) -> Samples {
    let columns = tables[0].ncols();
    let rows: usize = tables.iter().map(Array2::nrows).sum();
    let mut inputs = Array2::zeros((rows, columns)); // (all days, C)
    let (mut start, mut all, mut wanted) = (0, Vec::new(), Vec::new());
    for ((table, origins), targets) in tables.iter().zip(origins).zip(targets) {
        let here = ndarray::s![start..start + table.nrows(), ..];
        inputs.slice_mut(here).assign(&table.mapv(|v| v as f32));
        all.extend(origins.iter().map(|t| start + t));
        wanted.extend(targets.iter().map(|&y| y as f32));
        start += table.nrows();
    }
    let targets = Array2::from_shape_vec((wanted.len(), 1), wanted).expect("one target a sample");
    // A forecast for the day after the last one reads a row that is never used: no knowledge of the future here.
    Samples {
        shape: shape.clone(),
        inputs,
        known: Array2::zeros((rows + 1, 0)),
        origins: all,
        targets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garman_and_klass_by_hand() {
        let day =
            chrono::NaiveDate::from_ymd_opt(2001, 1, 2).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let share = Share::new(
            "A".into(),
            vec![day; 2],
            &[10.0, 11.0],
            &[12.0, 11.0],
            &[9.0, 11.0],
            vec![11.0, 11.0],
        );
        // 0.5 ln(12/9)² − (2 ln 2 − 1) ln(11/10)² = 0.04138 − 0.38629 · 0.009084
        assert!((share.variance[0] - (0.5 * 0.0827609 - 0.38629436 * 0.00908403)).abs() < 1e-6);
        assert_eq!(share.variance[1], 1e-7);
        assert_eq!(share.returns, [0.0, 0.0]);
    }
}
