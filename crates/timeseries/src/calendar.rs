//! The calendar as numbers that are known in advance: sines and cosines of its rhythms.

use std::f64::consts::TAU;

use chrono::{Datelike, NaiveDateTime, Timelike};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A rhythm of the calendar, as sine and cosine pairs: numbers that are known in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rhythm {
    /// The time of day.
    Day,
    /// The day of the week.
    Week,
    /// The day of the year.
    Year,
}

impl Rhythm {
    /// Where in the rhythm a moment is, from 0 to below 1.
    pub fn phase(self, time: &NaiveDateTime) -> f64 {
        let day = f64::from(time.num_seconds_from_midnight()) / 86_400.0;
        match self {
            Rhythm::Day => day,
            Rhythm::Week => (f64::from(time.weekday().num_days_from_monday()) + day) / 7.0,
            Rhythm::Year => ((f64::from(time.ordinal0()) + day) / 365.25).min(1.0 - 1e-9),
        }
    }
}

/// The calendar of moments as numbers, (T, 4 a rhythm): sine and cosine of the rhythm and of its double.
pub fn calendar(times: &[NaiveDateTime], rhythms: &[Rhythm]) -> Array2<f64> {
    Array2::from_shape_fn((times.len(), 4 * rhythms.len()), |(t, column)| {
        let angle = TAU * rhythms[column / 4].phase(&times[t]) * [1.0, 1.0, 2.0, 2.0][column % 4];
        if column % 2 == 0 { angle.sin() } else { angle.cos() }
    })
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;

    #[test]
    fn the_calendar_comes_round() {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        let times = [at("2013-03-04T06:00"), at("2013-03-05T06:00"), at("2013-12-31T23:59")];
        let table = calendar(&times, &[Rhythm::Day, Rhythm::Week, Rhythm::Year]);
        assert_eq!(table.dim(), (3, 12));
        assert!((table[(0, 0)] - 1.0).abs() < 1e-12, "six o'clock is a quarter of the day");
        assert_eq!(table.row(0).slice(s![..4]), table.row(1).slice(s![..4]));
        assert!((Rhythm::Week.phase(&times[0]) - 0.25 / 7.0).abs() < 1e-12, "a Monday");
        assert!(Rhythm::Year.phase(&at("2012-12-31T23:59")) < 1.0);
    }
}
