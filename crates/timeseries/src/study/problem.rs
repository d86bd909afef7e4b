//! What is to be forecast from what.

use std::ops::Range;

use crate::baselines::Climatology;
use crate::calendar::{Rhythm, calendar};
use chrono::NaiveDateTime;
use lesson::files::tables::Series;
use lesson::{Error, Result};
use ndarray::{Array2, ArrayView1, Axis};
use seqcore::data::windows::Shape;

use super::grid::Grid;

/// A series, what is asked of it, and what is known in advance.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What the figures call the target, with its unit.
    pub target_name: String,
    /// Moments, (at least T); those beyond T are the future that is to be forecast.
    pub times: Vec<NaiveDateTime>,
    /// The series without missing numbers, (T, C).
    pub inputs: Array2<f64>,
    /// The column to forecast.
    pub target: usize,
    /// What is known in advance of every moment, (as many as times, K).
    pub known: Array2<f64>,
    /// Rhythms that the climatology follows.
    pub rhythms: Vec<Rhythm>,
    /// Steps in a season, for the seasonal naive forecast.
    pub season: usize,
    /// The windows.
    pub shape: Shape,
}

impl Problem {
    /// A problem whose only knowledge of the future is the calendar.
    pub fn new(
        target_name: &str,
        series: &Series,
        target: &str,
        rhythms: &[Rhythm],
        season: usize,
        shape: Shape,
    ) -> Result<Self> {
        let index = series.names.iter().position(|name| name == target).ok_or_else(|| {
            Error::config(format!(
                "there is no column {target:?}. There are: {}.",
                series.names.join(", ")
            ))
        })?;
        Ok(Self {
            target_name: target_name.to_owned(),
            times: series.times.clone(),
            inputs: series.values.clone(),
            target: index,
            known: calendar(&series.times, rhythms),
            rhythms: rhythms.to_vec(),
            season,
            shape,
        })
    }

    /// T, moments that are over.
    pub fn len(&self) -> usize {
        self.inputs.nrows()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The target's series, (T).
    pub fn series(&self) -> ArrayView1<'_, f64> {
        self.inputs.column(self.target)
    }

    /// Its course over the year and the day, fitted on `train`, at all moments.
    pub fn course(&self, train: &Range<usize>) -> Vec<f64> {
        let values = self.series().to_vec();
        let climatology =
            Climatology::fit(&values[train.clone()], &self.times[train.clone()], &self.rhythms);
        climatology.at(&self.times)
    }

    /// The usual course of every column over the year and the day, (C), fitted on the `seen` moments.
    pub fn climate(&self, seen: &[usize]) -> Vec<Climatology> {
        let times: Vec<_> = seen.iter().map(|&t| self.times[t]).collect();
        let fit = |column: ArrayView1<f64>| {
            let values = column.select(Axis(0), seen).to_vec();
            Climatology::fit(&values, &times, &self.rhythms)
        };
        self.inputs.columns().into_iter().map(fit).collect()
    }

    /// Where each year begins, as the first moment of it.
    pub fn year_starts(&self) -> Vec<usize> {
        use chrono::Datelike;
        let year = |t: usize| self.times[t].year();
        (0..self.len()).filter(|&t| t == 0 || year(t) != year(t - 1)).collect()
    }
}

/// Puts a series on its grid: lost moments get rows, and every missing number the last one that was known, never a later
/// one. Numbers that are missing from the beginning take the first one there is. Returns how many rows were added
/// and how many numbers filled, those of the new rows among them.
///
/// # Errors
/// A column without a single number, or moments on no grid.
pub fn fill_gaps(series: &mut Series) -> Result<(usize, usize)> {
    let added = Grid::detect(series)?.put(series, false)?;
    Ok((added, fill(series)?))
}

/// The second half of [`fill_gaps`]: missing numbers in a series that lies on its grid.
///
/// # Errors
/// A column without a single number.
pub fn fill(series: &mut Series) -> Result<usize> {
    let missing = series.values.iter().filter(|x| x.is_nan()).count();
    series.fill_forward();
    for (name, mut column) in series.names.iter().zip(series.values.columns_mut()) {
        let Some(first) = column.iter().copied().find(|x| x.is_finite()) else {
            return Err(Error::config(format!(
                "column {name:?} holds no number at all. Leave it out."
            )));
        };
        column.iter_mut().take_while(|x| x.is_nan()).for_each(|x| *x = first);
    }
    Ok(missing)
}
