//! The weather stations that this lesson knows, made ready: what is forecast, from what, and where the cuts are.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use crate::calendar::Rhythm;
use chrono::{NaiveDateTime, Timelike};
use lesson::files::tables::{self, Select, Series};
use lesson::{Error, Result, catalogue};
use ndarray::{Array2, Axis};
use seqcore::data::windows::Shape;

use crate::study::{Problem, fill_gaps};

/// A station's series with its cuts.
#[derive(Debug, Clone)]
pub struct Station {
    /// What it is called.
    pub name: String,
    /// The file's bytes, for their checksum.
    pub bytes: Vec<u8>,
    /// What is forecast from what.
    pub problem: Problem,
    /// Where training ends and the development part begins, where that ends and the test part begins.
    pub cuts: (usize, usize),
    /// Steps in a day: 24 or 1.
    pub day: usize,
    /// The lead that the headline is about, as an index into the leads.
    pub main: usize,
    /// What was done to the table, in a sentence.
    pub notes: String,
}

impl Station {
    /// Fit here, score there: before the test part and on it, or, to choose settings, before the development part
    /// and on that.
    pub fn parts(&self, dev: bool) -> (Range<usize>, Range<usize>) {
        let (first, second) = self.cuts;
        if dev { (0..first, first..second) } else { (0..second, second..self.problem.len()) }
    }

    /// Moments in a block of the bootstrap: a week of hours, a fortnight of days.
    pub fn block(&self) -> usize {
        if self.day == 1 { 14 } else { 7 * self.day }
    }

    /// What one step is called.
    pub fn step(&self) -> &'static str {
        if self.day == 1 { "day" } else { "hour" }
    }
}

/// The station that `--data` names, downloaded first where `fetch` allows it; without one the embedded Seattle.
///
/// # Errors
/// A file that cannot be read or is none of the tables this part knows.
pub fn station(data: Option<&str>, fetch: bool) -> Result<Station> {
    let resolved = catalogue::find(data.unwrap_or("seattle-weather"), fetch)?;
    let path = &resolved.path;
    let bytes = std::fs::read(path).map_err(|e| Error::read(path, e))?;
    let all = tables::read(path, &Select::default());
    // A table of several stations has every date several times: that one is New York's.
    let names = match &all {
        Ok(series) => series.names.clone(),
        Err(_) => tables::read(path, &Select::default().only("station", "EWR"))?.names,
    };
    let has = |name: &str| names.iter().any(|n| n == name);
    let mut station = match () {
        () if has("temp_max") && has("precipitation") => seattle(path)?,
        () if has("dew_point") && has("visibility") => new_york(path)?,
        () if has("DEWP") && has("Iws") => beijing(path)?,
        () if has("T (degC)") => jena(path)?,
        () => {
            let what = "the part weather knows the tables seattle-weather, nyc-weather-hourly, beijing-weather-hourly and \
                        jena-climate. For a table of your own: timeseries forecast --data FILE --target COLUMN.";
            return Err(Error::data(path, None, what));
        }
    };
    (station.name, station.bytes) = (resolved.name, bytes);
    Ok(station)
}

/// Makes numbers that no instrument can have measured missing.
fn drop_impossible(series: &mut Series, column: &str, possible: impl Fn(f64) -> bool) -> usize {
    let Some(index) = series.names.iter().position(|n| n == column) else { return 0 };
    let mut dropped = 0;
    for value in series.values.column_mut(index) {
        if value.is_finite() && !possible(*value) {
            *value = f64::NAN;
            dropped += 1;
        }
    }
    dropped
}

/// A column becomes ln(1 + x): rain and wind have long tails.
fn logarithm(series: &mut Series, column: &str) {
    let index = series.names.iter().position(|n| n == column).expect("a column that was asked for");
    series.values.column_mut(index).mapv_inplace(|x| x.max(0.0).ln_1p());
}

fn first_of_year(problem: &Problem, from_the_end: usize) -> usize {
    let starts = problem.year_starts();
    starts[starts.len().saturating_sub(from_the_end)]
}

fn notes(added: usize, filled: usize, more: &str) -> String {
    format!(
        "{added} lost moments were added and {filled} missing numbers took the last known value. {more}"
    )
}

fn seattle(path: &Path) -> Result<Station> {
    let select = Select::default().columns(["temp_max", "temp_min", "precipitation", "wind"]);
    let mut series = tables::read(path, &select)?;
    let (added, filled) = fill_gaps(&mut series)?;
    logarithm(&mut series, "precipitation");
    let problem = Problem::new(
        "highest temperature, °C",
        &series,
        "temp_max",
        &[Rhythm::Year],
        365,
        Shape::new(14, 7),
    )?;
    let cuts = (first_of_year(&problem, 2), first_of_year(&problem, 1));
    let notes = notes(added, filled, "Rain enters as ln(1 + mm).");
    Ok(Station { name: String::new(), bytes: Vec::new(), problem, cuts, day: 1, main: 0, notes })
}

/// Leads of an hourly forecast for the next day.
fn hourly(history: usize) -> Shape {
    Shape { history, leads: vec![1, 3, 6, 9, 12, 15, 18, 21, 24] }
}

fn new_york(path: &Path) -> Result<Station> {
    let columns = ["temp", "dew_point", "humidity", "wind_speed", "pressure"];
    let mut series =
        tables::read(path, &Select::default().columns(columns).only("station", "EWR"))?;
    let impossible = drop_impossible(&mut series, "wind_speed", |v| v < 100.0);
    let (added, filled) = fill_gaps(&mut series)?;
    let problem = Problem::new("temperature, °C", &series, "temp", &[Rhythm::Day], 24, hourly(48))?;
    let cuts = (problem.len() * 7 / 10, problem.len() * 8 / 10);
    let main = problem.shape.leads.len() - 1;
    let notes = notes(
        added,
        filled,
        &format!("{impossible} wind speed above 100 m/s was taken as missing."),
    );
    Ok(Station { name: String::new(), bytes: Vec::new(), problem, cuts, day: 24, main, notes })
}

fn beijing(path: &Path) -> Result<Station> {
    let mut series =
        tables::read(path, &Select::default().columns(["TEMP", "DEWP", "PRES", "Iws"]))?;
    let mut directions = Vec::new();
    for direction in ["NW", "NE", "SE", "cv"] {
        let rows =
            tables::read(path, &Select::default().columns(["TEMP"]).only("cbwd", direction))?;
        directions.push(rows.times.into_iter().collect::<HashSet<NaiveDateTime>>());
    }
    let blows = |time: &NaiveDateTime| directions.iter().position(|moments| moments.contains(time));
    let from: Vec<Option<usize>> = series.times.iter().map(blows).collect();
    // The table adds the wind speed up while its direction stays: back to the hour's own.
    let summed = series.values.column(3).to_vec();
    for t in 0..summed.len() {
        let goes_on = t > 0 && from[t] == from[t - 1] && summed[t] >= summed[t - 1];
        series.values[(t, 3)] = if goes_on { summed[t] - summed[t - 1] } else { summed[t] };
    }
    logarithm(&mut series, "Iws");
    let indicators =
        Array2::from_shape_fn((series.times.len(), 3), |(t, d)| f64::from(from[t] == Some(d)));
    series.values.append(Axis(1), indicators.view()).expect("as many rows");
    series.names.extend(["NW", "NE", "SE"].map(String::from));
    let (added, filled) = fill_gaps(&mut series)?;
    let rhythms = [Rhythm::Year, Rhythm::Day];
    let problem = Problem::new("temperature, °C", &series, "TEMP", &rhythms, 24, hourly(72))?;
    let cuts = (first_of_year(&problem, 2), first_of_year(&problem, 1));
    let main = problem.shape.leads.len() - 1;
    let notes = notes(
        added,
        filled,
        "The summed wind speed was taken apart into hours, its direction into three columns of 0 and 1.",
    );
    Ok(Station { name: String::new(), bytes: Vec::new(), problem, cuts, day: 24, main, notes })
}

fn jena(path: &Path) -> Result<Station> {
    let columns = ["T (degC)", "Tdew (degC)", "p (mbar)", "rh (%)", "wv (m/s)"];
    let mut series = tables::read(path, &Select::default().columns(columns))?;
    drop_impossible(&mut series, "wv (m/s)", |v| v >= 0.0);
    let full: Vec<usize> =
        (0..series.times.len()).filter(|&t| series.times[t].minute() == 0).collect();
    series.times = full.iter().map(|&t| series.times[t]).collect();
    series.values = series.values.select(Axis(0), &full);
    let (added, filled) = fill_gaps(&mut series)?;
    let rhythms = [Rhythm::Year, Rhythm::Day];
    let problem = Problem::new("temperature, °C", &series, "T (degC)", &rhythms, 24, hourly(72))?;
    let cuts = (first_of_year(&problem, 3), first_of_year(&problem, 2));
    let main = problem.shape.leads.len() - 1;
    let notes = notes(added, filled, "Of six rows an hour the one at the full hour was kept.");
    Ok(Station { name: String::new(), bytes: Vec::new(), problem, cuts, day: 24, main, notes })
}
