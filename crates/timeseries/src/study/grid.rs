//! The even grid that a table's moments lie on, and its future.

use crate::calendar::Rhythm;
use chrono::{Datelike, Days, Months, NaiveDateTime, TimeDelta, Weekday};
use lesson::files::tables::Series;
use lesson::{Error, Result};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// What one step of a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grid {
    /// So many seconds.
    Seconds(i64),
    /// So many months; a year is 12.
    Months(u32),
    /// Monday to Friday; holidays are simply not there.
    Weekdays,
}

impl Grid {
    /// Looks at the moments of a series.
    ///
    /// # Errors
    /// Moments that lie on no grid: irregular steps.
    pub fn detect(series: &Series) -> Result<Self> {
        let times = &series.times;
        let month = |t: &NaiveDateTime| t.year() * 12 + t.month0() as i32;
        let same_day =
            times.iter().all(|t| t.day() == times[0].day() && t.time() == times[0].time());
        let steps: Vec<i32> =
            times.windows(2).map(|pair| month(&pair[1]) - month(&pair[0])).collect();
        let smallest = steps.iter().copied().min().unwrap_or(0);
        if same_day && smallest > 0 && steps.iter().all(|s| s % smallest == 0) {
            return Ok(Grid::Months(smallest as u32));
        }
        let step = series
            .step()
            .ok_or_else(|| Error::config("the table has one row; a series needs many."))?;
        let seconds = step.num_seconds().max(1);
        let weekend = |t: &NaiveDateTime| matches!(t.weekday(), Weekday::Sat | Weekday::Sun);
        if seconds == 86_400 && times.len() >= 10 && !times.iter().any(weekend) {
            return Ok(Grid::Weekdays);
        }
        if let Some(pair) =
            times.windows(2).find(|pair| (pair[1] - pair[0]).num_seconds() % seconds != 0)
        {
            return Err(Error::config(format!(
                "the steps are irregular: most are {} but {} follows {}. Name a grid with --freq, such as 1h or 1d; rows are then \
                 averaged onto it.",
                words(seconds),
                pair[1],
                pair[0]
            )));
        }
        Ok(Grid::Seconds(seconds))
    }

    /// From `--freq`: 15m, 1h, 1d, 1w, 1mo, 1y, or `weekdays`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::config(format!(
                "--freq {text:?}: expected a step such as 15m, 1h, 1d, 1w, 1mo, 1y or weekdays."
            ))
        };
        if text == "weekdays" {
            return Ok(Grid::Weekdays);
        }
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let count: u32 =
            if digits == 0 { 1 } else { text[..digits].parse().map_err(|_| wrong())? };
        if count == 0 || count > 10_000 {
            return Err(wrong());
        }
        let seconds = |of: i64| Ok(Grid::Seconds(i64::from(count) * of));
        match &text[digits..] {
            "s" => seconds(1),
            "m" | "min" => seconds(60),
            "h" => seconds(3600),
            "d" => seconds(86_400),
            "w" => seconds(7 * 86_400),
            "mo" => Ok(Grid::Months(count)),
            "y" => Ok(Grid::Months(12 * count)),
            _ => Err(wrong()),
        }
    }

    /// The moment `k` steps after `start`; `None` beyond the calendar.
    pub fn at(self, start: NaiveDateTime, k: usize) -> Option<NaiveDateTime> {
        match self {
            Grid::Seconds(s) => {
                start.checked_add_signed(TimeDelta::try_seconds(s.checked_mul(k as i64)?)?)
            }
            Grid::Months(m) => start.checked_add_months(Months::new(m.checked_mul(k as u32)?)),
            Grid::Weekdays => {
                let mut time = start;
                for _ in 0..k {
                    let days = match time.weekday() {
                        Weekday::Fri => 3,
                        Weekday::Sat => 2,
                        _ => 1,
                    };
                    time = time.checked_add_days(Days::new(days))?;
                }
                Some(time)
            }
        }
    }

    /// The last slot that begins at or before `time`, and whether `time` is exactly its beginning.
    fn slot(self, start: NaiveDateTime, time: NaiveDateTime) -> (usize, bool) {
        match self {
            Grid::Seconds(s) => {
                let passed = (time - start).num_seconds();
                ((passed / s) as usize, passed % s == 0)
            }
            Grid::Months(m) => {
                let month = |t: &NaiveDateTime| t.year() * 12 + t.month0() as i32;
                let passed = (month(&time) - month(&start)).max(0) as u32;
                ((passed / m) as usize, passed.is_multiple_of(m))
            }
            Grid::Weekdays => (0, true),
        }
    }

    /// Steps in the season that one would try first: a day of hours, a week of days, a year of months.
    pub fn season(self) -> usize {
        match self {
            Grid::Seconds(s) if s < 86_400 && 86_400 % s == 0 => (86_400 / s) as usize,
            Grid::Seconds(86_400) => 7,
            Grid::Seconds(604_800) => 52,
            Grid::Months(m) if m < 12 && 12 % m == 0 => (12 / m) as usize,
            Grid::Weekdays => 5,
            _ => 1,
        }
    }

    /// The rhythms of the calendar that a series of this grid over `years` can show.
    pub fn rhythms(self, years: f64) -> Vec<Rhythm> {
        let mut rhythms = match self {
            Grid::Seconds(s) if s < 86_400 => vec![Rhythm::Day, Rhythm::Week],
            Grid::Seconds(86_400) | Grid::Weekdays => vec![Rhythm::Week],
            _ => vec![],
        };
        if years >= 2.0 && self != Grid::Months(12) {
            rhythms.insert(0, Rhythm::Year);
        }
        rhythms
    }

    /// One step in words.
    pub fn words(self) -> String {
        match self {
            Grid::Seconds(s) => words(s),
            Grid::Months(12) => "1 year".to_owned(),
            Grid::Months(m) => format!("{m} month(s)"),
            Grid::Weekdays => "1 weekday".to_owned(),
        }
    }

    /// Puts a series on this grid. Lost moments get rows; several rows in one slot are averaged where `average` says
    /// that a grid was asked for. Returns how many slots had no row.
    ///
    /// # Errors
    /// A grid with more than twice as many slots as the table has rows.
    pub fn put(self, series: &mut Series, average: bool) -> Result<usize> {
        if self == Grid::Weekdays {
            return Ok(0);
        }
        let (start, last) = (series.times[0], series.times[series.times.len() - 1]);
        let slots = self.slot(start, last).0 + 1;
        if slots > 2 * series.times.len() + 10 {
            return Err(Error::config(format!(
                "on a grid of {} the table would have {slots} rows, but it has {}: most moments are missing. Name a longer step \
                 with --freq; rows are then averaged onto it.",
                self.words(),
                series.times.len()
            )));
        }
        let mut sum = Array2::<f64>::zeros((slots, series.values.ncols())); // (slots, C)
        let mut count = Array2::<f64>::zeros(sum.dim());
        for (time, row) in series.times.iter().zip(series.values.rows()) {
            let (slot, exact) = self.slot(start, *time);
            debug_assert!(exact || average, "detected grids hold every moment");
            for (c, &x) in row.iter().enumerate().filter(|(_, x)| x.is_finite()) {
                sum[(slot, c)] += x;
                count[(slot, c)] += 1.0;
            }
        }
        let empty = count.rows().into_iter().filter(|row| row.sum() == 0.0).count();
        series.values = sum / count; // 0/0 is NaN: missing
        series.times = (0..slots)
            .map(|k| self.at(start, k).expect("between two moments that exist"))
            .collect();
        Ok(empty)
    }
}

fn words(seconds: i64) -> String {
    match seconds {
        s if s % 86_400 == 0 => format!("{} day(s)", s / 86_400),
        s if s % 3600 == 0 => format!("{} hour(s)", s / 3600),
        s if s % 60 == 0 => format!("{} minute(s)", s / 60),
        s => format!("{s} second(s)"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(y, m, d).unwrap().and_hms_opt(0, 0, 0).unwrap()
    }

    fn series(times: Vec<NaiveDateTime>) -> Series {
        let values = Array2::from_shape_fn((times.len(), 1), |(t, _)| t as f64);
        Series { times, names: vec!["x".into()], values, notes: Default::default() }
    }

    #[test]
    fn grids_are_found() {
        let months = series((0..20).map(|k| day(2001 + k / 12, 1 + k as u32 % 12, 1)).collect());
        assert_eq!(Grid::detect(&months).unwrap(), Grid::Months(1));
        let years = series((1700..1730).map(|y| day(y, 1, 1)).collect());
        assert_eq!(Grid::detect(&years).unwrap(), Grid::Months(12));
        let weekdays =
            series((0..20).map(|k| Grid::Weekdays.at(day(2024, 1, 1), k).unwrap()).collect());
        assert_eq!(Grid::detect(&weekdays).unwrap(), Grid::Weekdays);
        let days = series((0..20).map(|k| day(2024, 1, 1) + TimeDelta::days(k)).collect());
        assert_eq!(Grid::detect(&days).unwrap(), Grid::Seconds(86_400));
        let mut odd = days.clone();
        odd.times[7] += TimeDelta::minutes(7);
        let error = Grid::detect(&odd).unwrap_err().to_string();
        assert!(error.contains("irregular") && error.contains("--freq"), "{error}");
    }

    #[test]
    fn lost_moments_get_rows_and_several_are_averaged() {
        let mut lost = series([0, 1, 4, 5].map(|k| day(2024, 1, 1) + TimeDelta::days(k)).to_vec());
        assert_eq!(Grid::Seconds(86_400).put(&mut lost, false).unwrap(), 2);
        assert_eq!(lost.times.len(), 6);
        assert!(lost.values[(2, 0)].is_nan() && lost.values[(4, 0)] == 2.0);
        let mut fine = series((0..48).map(|k| day(2024, 1, 1) + TimeDelta::hours(k)).collect());
        assert_eq!(Grid::parse("1d").unwrap().put(&mut fine, true).unwrap(), 0);
        assert_eq!(fine.values.column(0).to_vec(), [11.5, 35.5]);
        assert!(
            Grid::Seconds(1)
                .put(&mut fine, true)
                .unwrap_err()
                .to_string()
                .contains("most moments are missing")
        );
    }

    #[test]
    fn steps_are_read() {
        for (text, grid) in [
            ("15m", Grid::Seconds(900)),
            ("h", Grid::Seconds(3600)),
            ("1mo", Grid::Months(1)),
            ("1y", Grid::Months(12)),
        ] {
            assert_eq!(Grid::parse(text).unwrap(), grid);
        }
        for text in ["", "1", "0h", "x", "1 h", "99999999999h"] {
            assert!(Grid::parse(text).is_err(), "{text}");
        }
        assert_eq!(Grid::Months(1).at(day(2024, 1, 31), 1).unwrap(), day(2024, 2, 29));
        assert_eq!(Grid::Weekdays.at(day(2024, 1, 5), 2).unwrap(), day(2024, 1, 9));
    }
}
