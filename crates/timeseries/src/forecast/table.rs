//! A user's table, made ready; every choice is named, every mistake explained.

use std::path::Path;

use crate::calendar::calendar;
use lesson::files::tables::{self, Select, Series};
use lesson::{Error, Result, catalogue};
use ndarray::{Array2, Axis, concatenate, s};
use seqcore::data::windows::Shape;

use super::recipe::ForecastRequest;
use crate::study::grid::Grid;
use crate::study::{Problem, fill};

/// A table that can be forecast.
#[derive(Debug, Clone)]
pub struct Data {
    /// What is forecast from what; its times and known numbers reach one horizon beyond the series.
    pub problem: Problem,
    /// The step.
    pub grid: Grid,
    /// The file's bytes, for their checksum.
    pub bytes: Vec<u8>,
    /// What was done to the table.
    pub notes: String,
}

impl Data {
    /// Reads the table of a request, downloaded first where `fetch` allows it.
    ///
    /// # Errors
    /// What cannot be read; a column that is not there; a target that never changes; too few moments; a known column
    /// whose future is not there.
    pub fn read(request: &ForecastRequest, fetch: bool) -> Result<Self> {
        let resolved = catalogue::find(&request.data, fetch)?;
        let path = &resolved.path;
        let bytes = std::fs::read(path).map_err(|e| Error::read(path, e))?;
        let mut series = read_columns(path, request)?;
        let wrong = |what: String| Error::data(path, None, what);
        let in_file = |error: Error| error.in_file(path);
        let sorted =
            if series.notes.sorted { " Rows were out of order and have been sorted." } else { "" };
        let grid = match &request.freq {
            Some(text) => Grid::parse(text)?,
            None => Grid::detect(&series).map_err(in_file)?,
        };
        let added = grid.put(&mut series, request.freq.is_some()).map_err(in_file)?;
        let ahead = future_rows(&mut series, request).map_err(in_file)?;
        let filled = fill(&mut series).map_err(in_file)?;
        let len = series.times.len();
        check_target(&series, &request.target).map_err(in_file)?;
        if len < 40 {
            return Err(wrong(format!(
                "the series has {len} moments; at least 40 are needed to fit and test anything."
            )));
        }

        let span = (series.times[len - 1] - series.times[0]).num_days() as f64 / 365.25;
        let rhythms = grid.rhythms(span);
        let season = match request.season {
            Some(season) if season > len / 3 => {
                return Err(wrong(format!(
                    "--season {season} is more than a third of the {len} moments."
                )));
            }
            Some(season) => season,
            None => Some(grid.season()).filter(|s| *s <= len / 4).unwrap_or(1),
        };
        let wished = (2 * season).max(request.horizon).clamp(8, 96);
        let room = (len / 6).saturating_sub(request.horizon).max(4);
        let history = request.history.unwrap_or(wished.min(room));
        if history + request.horizon > len / 6 {
            return Err(wrong(format!(
                "the series has {len} moments, too few for a window of {history} and a horizon of {}: they must fit six times. Use \
                 more data, or a shorter --horizon or --history.",
                request.horizon
            )));
        }
        let mut times = series.times.clone();
        for k in 1..=request.horizon {
            let next = grid.at(series.times[len - 1], k);
            times.push(
                next.ok_or_else(|| wrong("the forecast would leave the calendar.".to_owned()))?,
            );
        }
        let mut known = calendar(&times, &rhythms);
        if let Some(ahead) = ahead {
            known = concatenate![Axis(1), known, standardised(&ahead, len)];
        }
        let problem = Problem {
            target_name: request.target.clone(),
            times,
            target: 0,
            inputs: series.values,
            known,
            rhythms,
            season,
            shape: Shape::new(history, request.horizon),
        };
        let notes = format!(
            "{added} lost moments were added and {filled} missing numbers took the last one known.{sorted}"
        );
        Ok(Self { problem, grid, bytes, notes })
    }
}

/// The target first, then covariates, then the columns known in advance.
fn read_columns(path: &Path, request: &ForecastRequest) -> Result<Series> {
    let mut select = Select::default();
    if let Some(time) = &request.time {
        select = select.time(time);
    }
    if let Some((column, value)) = &request.only {
        select = select.only(column, value);
    }
    let mut columns = vec![request.target.clone()];
    if request.covariates == ["all"] {
        columns.extend(
            tables::read(path, &select)?.names.into_iter().filter(|n| *n != request.target),
        );
    } else {
        columns.extend(request.covariates.iter().cloned());
    }
    columns.retain(|name| !request.known.contains(name) || *name == request.target);
    columns.extend(request.known.iter().filter(|k| **k != request.target).cloned());
    if request.known.contains(&request.target) {
        return Err(Error::config("the target cannot be known in advance; that would be a leak."));
    }
    tables::read(path, &select.columns(columns))
}

/// Takes the rows behind the target's last number off the series. Where columns are known in advance, returns them for
/// all moments and one horizon beyond, (T + horizon, K).
fn future_rows(series: &mut Series, request: &ForecastRequest) -> Result<Option<Array2<f64>>> {
    let all = series.times.len();
    let len = (0..all).rev().find(|&t| series.values[(t, 0)].is_finite()).map_or(0, |t| t + 1);
    if len == 0 {
        return Err(Error::config(format!(
            "column {:?} holds no number at all. Name another target.",
            request.target
        )));
    }
    let first_known = series.values.ncols() - request.known.len();
    let mut ahead = None;
    if !request.known.is_empty() {
        let there = all - len;
        if there < request.horizon {
            return Err(Error::config(format!(
                "columns known in advance must be there for the {} moments to forecast, with the target left empty; the table has \
                 {there} such rows. Add them, or name the columns with --covariates instead.",
                request.horizon
            )));
        }
        let known = series.values.slice(s![..len + request.horizon, first_known..]).to_owned();
        if let Some(((t, c), _)) = known.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(Error::config(format!(
                "{:?} is known in advance, but missing at {}. Fill it in.",
                request.known[c], series.times[t]
            )));
        }
        ahead = Some(known);
    }
    series.times.truncate(len);
    series.values = series.values.slice(s![..len, ..first_known]).to_owned();
    series.names.truncate(first_known);
    Ok(ahead)
}

fn check_target(series: &Series, target: &str) -> Result<()> {
    let column = series.values.column(0);
    let first = column[0];
    if column.iter().all(|x| *x == first) {
        return Err(Error::config(format!(
            "column {target:?} is {first} everywhere: there is nothing to forecast."
        )));
    }
    Ok(())
}

/// Known columns in units of their own spread over the first half of the series, which every fold trains on.
fn standardised(known: &Array2<f64>, len: usize) -> Array2<f64> {
    let first = known.slice(s![..len / 2, ..]);
    let mean = first.mean_axis(Axis(0)).expect("rows");
    let deviation = first.std_axis(Axis(0), 0.0).mapv(|s| if s > 1e-9 { s } else { 1.0 });
    (known - &mean) / &deviation
}
