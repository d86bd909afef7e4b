//! Time series from CSV tables.
//!
//! A table has a header, one row a moment, a date and numbers: values (T, C) with T moments and C
//! columns. [`Rows`] streams it; [`read`] collects it, puts it in order and says what it did.
//!
//! What is decided here, on purpose:
//!
//! | in the file | what happens |
//! |---|---|
//! | plain or gzip, byte order mark, `\r\n`, quoted commas and newlines | read |
//! | date forms, offsets, daylight saving | see [`dates`](super::dates); with an offset: UTC |
//! | date in columns `year, month, day[, hour]`, or `date` and `time` | joined |
//! | empty, `NA`, `N/A`, `NaN`, `null` | missing: NaN here, counted |
//! | infinite, or too large for f64 | an error: no instrument measures it |
//! | anything else that is no number, in a numeric column | an error with line and column |
//! | a column of texts | left out and named, unless asked for: then an error |
//! | rows out of order | sorted, and said |
//! | a row that is there twice, the same | dropped and counted |
//! | a date that is there twice with other values | an error: which one is right? |
//! | gaps, such as weekends | no error; [`Series::gaps`] counts them |

mod rows;
#[cfg(test)]
mod tests;

use std::path::Path;

use chrono::{NaiveDateTime, TimeDelta};
use ndarray::{Array2, ArrayView1};

pub use rows::{Row, Rows, Select, distinct};
pub(crate) use rows::{csv_error, find_column, line_of, place};

use crate::{Error, Result};

/// A series in order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The moments, (T), strictly increasing.
    pub times: Vec<NaiveDateTime>,
    /// The names of the columns, (C).
    pub names: Vec<String>,
    /// The numbers, (T, C); NaN where one is missing.
    pub values: Array2<f64>,
    /// What was done to the file's rows.
    pub notes: Notes,
}

/// What [`read`] did, to be told to the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Whether the rows had to be sorted.
    pub sorted: bool,
    /// Rows that were there twice, the same, and were dropped.
    pub duplicates: usize,
    /// Missing numbers in each column, (C).
    pub missing: Vec<usize>,
    /// Columns that were left out because they hold texts, or nothing.
    pub left_out: Vec<String>,
}

/// Reads a table and puts it in order.
///
/// ```
/// use lesson::catalogue;
/// use lesson::files::tables;
/// let prices = catalogue::resolve("stock-prices")?;
/// let ibm = tables::read(&prices.path, &tables::Select::default().only("Ticker", "IBM"))?;
/// assert_eq!(ibm.names, ["Open", "High", "Low", "Close", "Volume"]);
/// assert_eq!(ibm.values.dim(), (3270, 5)); // (T, C)
/// assert_eq!(ibm.times[0].to_string(), "2000-03-01 00:00:00");
/// # Ok::<(), lesson::Error>(())
/// ```
///
/// # Errors
/// As [`Rows::open`]; a row that is malformed; a date that is there twice with other values; no
/// row at all.
pub fn read(path: impl AsRef<Path>, select: &Select) -> Result<Series> {
    let path = path.as_ref();
    let mut rows = Rows::open(path, select)?;
    let names = rows.names();
    let left_out = rows.left_out().to_vec();
    let mut all = rows.by_ref().collect::<Result<Vec<Row>>>()?;
    if all.is_empty() {
        return Err(no_rows(path, select)?);
    }
    let sorted = !all.is_sorted_by_key(|row| row.time);
    if sorted {
        all.sort_by_key(|row| row.time); // stable: rows of one date stay in the file's order
    }
    let read = all.len();
    drop_repeated_rows(path, &mut all, &left_out)?;

    let mut values = Array2::zeros((all.len(), names.len())); // (T, C)
    for (mut row, source) in values.outer_iter_mut().zip(&all) {
        row.assign(&ArrayView1::from(&source.values));
    }
    let count = |column: ArrayView1<f64>| column.iter().filter(|x| x.is_nan()).count();
    let notes = Notes {
        sorted,
        duplicates: read - all.len(),
        missing: values.columns().into_iter().map(count).collect(),
        left_out,
    };
    Ok(Series { times: all.iter().map(|row| row.time).collect(), names, values, notes })
}

impl Series {
    /// The numbers of one column, (T).
    ///
    /// # Errors
    /// No column of that name; the message lists those there are.
    pub fn column(&self, name: &str) -> Result<ArrayView1<'_, f64>> {
        match self.names.iter().position(|n| n == name) {
            Some(index) => Ok(self.values.column(index)),
            None => Err(Error::config(format!(
                "there is no column {name:?}. There are: {}.",
                self.names.join(", ")
            ))),
        }
    }

    /// The usual step from one moment to the next: the most frequent one (the shorter of two that
    /// are equally frequent). `None` for fewer than two moments.
    pub fn step(&self) -> Option<TimeDelta> {
        let mut steps: Vec<TimeDelta> = self.times.windows(2).map(|w| w[1] - w[0]).collect();
        steps.sort();
        let runs = steps.chunk_by(|a, b| a == b);
        runs.rev().max_by_key(|run| run.len()).map(|run| run[0])
    }

    /// How many steps are clearly longer (more than half as long again) than the usual one:
    /// weekends, lost hours. That months and years differ in length makes no gap.
    pub fn gaps(&self) -> usize {
        let Some(step) = self.step() else { return 0 };
        self.times.windows(2).filter(|w| w[1] - w[0] > step + step / 2).count()
    }

    /// Puts the last known number where one is missing, as one would have had to at the time: no
    /// later number is used. Missing numbers at the beginning stay NaN. Returns how many were
    /// filled.
    pub fn fill_forward(&mut self) -> usize {
        let mut filled = 0;
        for mut column in self.values.columns_mut() {
            let mut last = f64::NAN;
            for value in &mut column {
                match value.is_nan() {
                    true if last.is_nan() => {}
                    true => {
                        *value = last;
                        filled += 1;
                    }
                    false => last = *value,
                }
            }
        }
        filled
    }
}

/// Drops rows that repeat the row before; of two that differ nobody knows which one is right.
fn drop_repeated_rows(path: &Path, rows: &mut Vec<Row>, left_out: &[String]) -> Result<()> {
    let same = |a: &Row, b: &Row| {
        a.values.iter().zip(&b.values).all(|(x, y)| x == y || (x.is_nan() && y.is_nan()))
    };
    for pair in rows.windows(2) {
        if pair[0].time == pair[1].time && !same(&pair[0], &pair[1]) {
            let several = match left_out.first() {
                Some(column) => format!(
                    "If the table holds several series, choose one by what {column:?} says. "
                ),
                None => String::new(),
            };
            let what = format!(
                "the date {} was there before, in line {}, with other values. {several}If the times follow clocks that are put back in autumn, give them an offset such as -05:00 or use UTC. Otherwise delete the wrong row.",
                pair[1].time, pair[0].line
            );
            return Err(Error::data(path, pair[1].line, what));
        }
    }
    rows.dedup_by_key(|row| row.time);
    Ok(())
}

/// The error for a table without rows: because nothing was there, or nothing that was wanted.
fn no_rows(path: &Path, select: &Select) -> Result<Error> {
    Ok(match select.wanted() {
        None => Error::data(path, None, "there is no row below the header. Is the file cut off?"),
        Some((column, value)) => {
            let found = distinct(path, column)?;
            let some = found.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
            let what = format!("no row has {value:?} in column {column:?}. It holds: {some}.");
            Error::data(path, None, what)
        }
    })
}
