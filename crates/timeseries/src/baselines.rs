//! Forecasts that cost nothing: what every model is shown beside.
//!
//! For origin t, lead h and a season of m steps:
//!
//! ```text
//! persistence               x_t
//! drift                     x_t + h (x_t − x_0) / t
//! moving average            mean of the last w values
//! (F15) seasonal naive      x_{t + h − m ⌈h/m⌉}            the same moment of the last whole season
//! climatology               c(t + h), a smooth curve over the year and the day, fitted on training
//! (F16) damped anomaly      c(t + h) + φ_h (x_t − c(t))    φ_h fitted on training, one a lead
//! (F24) decaying average    b_t = (1 − w) b_{t−1} + w (x_t − c(t))    what c has been off by of late
//! ```
//!
//! Forecasts are (N, leads), one row an origin. What needs more past than there is takes the last value.

use chrono::NaiveDateTime;
use ndarray::Array2;

use crate::calendar::{Rhythm, calendar};
use seqcore::data::windows::Shape;
use seqcore::models::ridge::Ridge;

fn each(origins: &[usize], shape: &Shape, forecast: impl Fn(usize, usize) -> f64) -> Array2<f64> {
    Array2::from_shape_fn((origins.len(), shape.leads.len()), |(n, l)| {
        forecast(origins[n], shape.leads[l])
    })
}

/// The last value.
pub fn persistence(series: &[f64], origins: &[usize], shape: &Shape) -> Array2<f64> {
    each(origins, shape, |t, _| series[t])
}

/// The line through the first and the last value.
pub fn drift(series: &[f64], origins: &[usize], shape: &Shape) -> Array2<f64> {
    each(origins, shape, |t, h| series[t] + h as f64 * (series[t] - series[0]) / t.max(1) as f64)
}

/// The mean of the last `width` values.
pub fn moving_average(
    series: &[f64],
    origins: &[usize],
    shape: &Shape,
    width: usize,
) -> Array2<f64> {
    assert!(width > 0, "a mean of no values");
    let mean = |t: usize| {
        let last = &series[(t + 1).saturating_sub(width)..=t];
        last.iter().sum::<f64>() / last.len() as f64
    };
    each(origins, shape, |t, _| mean(t))
}

/// (F15)
///
/// ```
/// use seqcore::data::windows::Shape;
/// use timeseries::baselines::seasonal_naive;
/// let series = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
/// let forecast = seasonal_naive(&series, &[6], &Shape::new(1, 4), 3);
/// assert_eq!(forecast.row(0).to_vec(), [5.0, 6.0, 7.0, 5.0]);
/// ```
pub fn seasonal_naive(
    series: &[f64],
    origins: &[usize],
    shape: &Shape,
    season: usize,
) -> Array2<f64> {
    assert!(season > 0, "a season has at least one step");
    each(origins, shape, |t, h| {
        let back = season * h.div_ceil(season);
        if t + h >= back { series[t + h - back] } else { series[t] } // (F15)
    })
}

/// A smooth yearly and daily course of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Climatology {
    rhythms: Vec<Rhythm>,
    curve: Ridge,
}

impl Climatology {
    /// Fits sines and cosines of the rhythms, and their products (summer days warm up more than winter days), to
    /// the `training` values at `times`; missing ones are left out.
    pub fn fit(training: &[f64], times: &[NaiveDateTime], rhythms: &[Rhythm]) -> Self {
        assert_eq!(training.len(), times.len(), "as many moments as values");
        let there: Vec<usize> = (0..training.len()).filter(|&t| training[t].is_finite()).collect();
        let moments: Vec<NaiveDateTime> = there.iter().map(|&t| times[t]).collect();
        let y = Array2::from_shape_fn((there.len(), 1), |(n, _)| training[there[n]]);
        Self {
            rhythms: rhythms.to_vec(),
            curve: Ridge::fit(&features(&moments, rhythms), &y, 1e-3),
        }
    }

    /// c at these moments.
    pub fn at(&self, times: &[NaiveDateTime]) -> Vec<f64> {
        self.curve.predict(&features(times, &self.rhythms)).into_raw_vec_and_offset().0
    }
}

/// The calendar and the products of its rhythms' first pairs.
fn features(times: &[NaiveDateTime], rhythms: &[Rhythm]) -> Array2<f64> {
    let table = calendar(times, rhythms);
    let mut pairs = Vec::new();
    for a in 0..rhythms.len() {
        for b in a + 1..rhythms.len() {
            pairs.extend([0, 1].into_iter().flat_map(|i| [0, 1].map(|j| (4 * a + i, 4 * b + j))));
        }
    }
    let plain = table.ncols();
    Array2::from_shape_fn((times.len(), plain + pairs.len()), |(t, c)| match c.checked_sub(plain) {
        None => table[(t, c)],
        Some(k) => table[(t, pairs[k].0)] * table[(t, pairs[k].1)],
    })
}

/// What a course has been off by of late, (F24; Cui et al. 2012): b_t for each of its departures x_t − c(t), from 0 on.
/// `share` is w, what a new departure counts.
///
/// ```
/// use timeseries::baselines::decaying_average;
/// assert_eq!(decaying_average([4.0, 4.0, 0.0], 0.5), [2.0, 3.0, 1.5]);
/// ```
pub fn decaying_average(departures: impl IntoIterator<Item = f64>, share: f64) -> Vec<f64> {
    let mut average = 0.0;
    let step = |departure: f64| {
        average += share * (departure - average); // (F24)
        average
    };
    departures.into_iter().map(step).collect()
}

/// Climatology with a part φ_h of today's departure from it.
#[derive(Debug, Clone, PartialEq)]
pub struct DampedAnomaly {
    /// φ_h, one a lead.
    pub factors: Vec<f64>,
}

impl DampedAnomaly {
    /// Fits φ_h by least squares over the training `origins`; `course` is c over the whole series.
    pub fn fit(series: &[f64], course: &[f64], origins: &[usize], shape: &Shape) -> Self {
        let anomaly = |t: usize| series[t] - course[t];
        let factor = |&lead: &usize| {
            let (mut top, mut bottom) = (0.0, 0.0);
            for &t in origins {
                top += anomaly(t) * anomaly(t + lead);
                bottom += anomaly(t).powi(2);
            }
            if bottom > 0.0 { top / bottom } else { 0.0 }
        };
        Self { factors: shape.leads.iter().map(factor).collect() }
    }

    /// (F16); `course` must reach as far as the forecasts.
    pub fn predict(
        &self,
        series: &[f64],
        course: &[f64],
        origins: &[usize],
        shape: &Shape,
    ) -> Array2<f64> {
        Array2::from_shape_fn((origins.len(), shape.leads.len()), |(n, l)| {
            let t = origins[n];
            course[t + shape.leads[l]] + self.factors[l] * (series[t] - course[t]) // (F16)
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    #[test]
    fn forecasts_by_hand() {
        let series = [2.0, 4.0, 3.0, 8.0];
        let (origins, shape) = ([1, 3], Shape { history: 1, leads: vec![1, 3] });
        let rows = |a: Array2<f64>| a.rows().into_iter().map(|r| r.to_vec()).collect::<Vec<_>>();
        assert_eq!(rows(persistence(&series, &origins, &shape)), [[4.0, 4.0], [8.0, 8.0]]);
        assert_eq!(rows(drift(&series, &origins, &shape)), [[6.0, 10.0], [10.0, 14.0]]);
        assert_eq!(rows(moving_average(&series, &origins, &shape, 3)), [[3.0, 3.0], [5.0, 5.0]]);
        assert_eq!(rows(seasonal_naive(&series, &origins, &shape, 2)), [[2.0, 2.0], [3.0, 3.0]]);
    }

    #[test]
    fn a_climatology_finds_the_course_and_the_damping_of_what_departs_from_it() {
        // A year's and a day's wave, and an anomaly that halves at every step from a known start.
        let start = NaiveDate::from_ymd_opt(2011, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let times: Vec<_> = (0..3 * 365 * 8).map(|k| start + TimeDelta::hours(3 * k)).collect();
        let wave = |t: &NaiveDateTime| {
            let (year, day) = (Rhythm::Year.phase(t), Rhythm::Day.phase(t));
            10.0 + 9.0 * (std::f64::consts::TAU * year).cos()
                + (3.0 + (std::f64::consts::TAU * year).sin()) * (std::f64::consts::TAU * day).sin()
        };
        let course: Vec<f64> = times.iter().map(wave).collect();
        let climatology = Climatology::fit(&course, &times, &[Rhythm::Year, Rhythm::Day]);
        let found = climatology.at(&times);
        assert!(found.iter().zip(&course).all(|(a, b)| (a - b).abs() < 1e-3));

        let anomaly = |k: usize| 4.0 * 0.5_f64.powi((k % 40) as i32);
        let series: Vec<f64> = course.iter().enumerate().map(|(k, c)| c + anomaly(k)).collect();
        let shape = Shape { history: 1, leads: vec![1, 2] };
        let origins: Vec<usize> = (0..8000).filter(|k| k % 40 < 30).collect();
        let damped = DampedAnomaly::fit(&series, &course, &origins, &shape);
        assert!((damped.factors[0] - 0.5).abs() < 1e-9 && (damped.factors[1] - 0.25).abs() < 1e-9);
        let forecast = damped.predict(&series, &course, &[43], &shape);
        assert!((forecast[(0, 1)] - series[45]).abs() < 1e-9);
    }
}
