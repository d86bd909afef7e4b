//! The usual course of year and day, kept up to date.
//!
//! A climatology of a few years is of those years. Where later ones are warmer, every forecast that starts from it is too
//! cold. So departures are taken from a course that follows them slowly (F24): what it has lately been off by is
//! known at the origin, and stands in for what a longer record would have said.

use crate::baselines::{Climatology, decaying_average};
use chrono::TimeDelta;
use ndarray::Array2;
use seqcore::data::windows::{Shape, flat, targets};
use seqcore::models::ridge::Ridge;

use super::problem::Problem;

/// w of (F24): the share of a day in what the course is off by. Weather services take 2 % to correct their forecasts
/// (Cui et al. 2012); half of it is then younger than 34 days.
const SHARE_OF_A_DAY: f64 = 0.02;

/// One column's course.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// The climatology, at all moments.
    usual: Vec<f64>,
    /// What it has been off by of late, (T).
    lately: Vec<f64>,
}

impl Course {
    /// The course of a column; `climatology` is that column's.
    pub(super) fn new(problem: &Problem, column: usize, climatology: &Climatology) -> Self {
        let usual = climatology.at(&problem.times);
        let off = problem.inputs.column(column);
        let off = off.iter().zip(&usual).map(|(x, usual)| x - usual);
        let lately = decaying_average(off, share_of_a_step(problem));
        Self { usual, lately }
    }

    /// What moment `t` departs by, when it is `x`.
    fn departure(&self, x: f64, t: usize) -> f64 {
        x - self.usual[t] - self.lately[t]
    }

    /// What is usual `lead` steps after `origin`, as far as it is known at the origin.
    pub(super) fn ahead(&self, origin: usize, lead: usize) -> f64 {
        self.usual[origin + lead] + self.lately[origin]
    }
}

/// w for one step of the series.
fn share_of_a_step(problem: &Problem) -> f64 {
    let step = match &problem.times[..] {
        [first, second, ..] => *second - *first,
        _ => TimeDelta::days(1),
    };
    1.0 - (1.0 - SHARE_OF_A_DAY).powf(step.num_seconds() as f64 / 86_400.0)
}

/// The series, or its departures from the course of every column, (T, C).
pub(super) fn departures(problem: &Problem, climate: &[Climatology]) -> Array2<f64> {
    let mut inputs = problem.inputs.clone();
    for (c, climatology) in climate.iter().enumerate() {
        let course = Course::new(problem, c, climatology);
        let column = inputs.column_mut(c).into_iter().enumerate();
        column.for_each(|(t, x)| *x = course.departure(*x, t));
    }
    inputs
}

/// What the target's course says from these origins, (N, leads); nothing without a climate.
pub(super) fn ahead(
    problem: &Problem,
    climate: &[Climatology],
    origins: &[usize],
) -> Option<Array2<f64>> {
    let course = Course::new(problem, problem.target, climate.get(problem.target)?);
    let Shape { leads, .. } = &problem.shape;
    let of = |(n, l): (usize, usize)| course.ahead(origins[n], leads[l]);
    Some(Array2::from_shape_fn((origins.len(), leads.len()), of))
}

/// What a ridge reads: windows of departures, and the calendar. The leads' own calendars are mixtures of each other, so
/// one is enough.
pub(super) fn design(problem: &Problem, climate: &[Climatology], origins: &[usize]) -> Array2<f64> {
    let Shape { history, .. } = problem.shape;
    let last = Shape { history, leads: vec![problem.shape.horizon()] };
    flat(&departures(problem, climate), &problem.known, origins, &last)
}

/// Ridge that starts from the course, as a network does: fitted on what the course leaves over at the `seen` origins.
pub(super) fn adapted_ridge(
    problem: &Problem,
    climate: &[Climatology],
    lambda: f64,
    seen: &[usize],
) -> Ridge {
    let observed = targets(&problem.series().to_vec(), seen, &problem.shape);
    let left = match ahead(problem, climate, seen) {
        Some(course) => observed - course,
        None => observed,
    };
    Ridge::fit(&design(problem, climate, seen), &left, lambda)
}

/// What a ridge forecasts, (N, leads): on top of the course, where it has one.
pub(super) fn ridge_forecast(
    ridge: &Ridge,
    problem: &Problem,
    climate: &[Climatology],
    origins: &[usize],
) -> Array2<f64> {
    let left = ridge.predict(&design(problem, climate, origins));
    match ahead(problem, climate, origins) {
        Some(course) => left + course,
        None => left,
    }
}

#[cfg(test)]
mod tests {
    use crate::calendar::Rhythm;
    use chrono::NaiveDate;
    use lesson::files::tables::Series;
    use ndarray::Array1;

    use super::*;

    fn hours(offset: impl Fn(usize) -> f64) -> Problem {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let times: Vec<_> = (0..24 * 400).map(|h| start + TimeDelta::hours(h)).collect();
        let day = |t: usize| (std::f64::consts::TAU * t as f64 / 24.0).sin();
        let values = Array1::from_shape_fn(times.len(), |t| 10.0 + day(t) + offset(t));
        let values = values.insert_axis(ndarray::Axis(1));
        let series = Series { names: vec!["x".into()], times, values, notes: Default::default() };
        let shape = Shape { history: 24, leads: vec![24] };
        Problem::new("x", &series, "x", &[Rhythm::Day], 24, shape).unwrap()
    }

    fn climatology(problem: &Problem) -> Climatology {
        let end = 24 * 100;
        let values = problem.series().to_vec();
        Climatology::fit(&values[..end], &problem.times[..end], &problem.rhythms)
    }

    #[test]
    fn a_course_follows_a_shift_and_knows_no_future() {
        let shifted = hours(|t| if t < 24 * 100 { 0.0 } else { 4.0 });
        let climate = climatology(&shifted);
        let course = Course::new(&shifted, 0, &climate);
        let off = |day: usize| shifted.series()[24 * day + 24] - course.ahead(24 * day, 24);
        assert!(off(50).abs() < 0.01);
        // 4 · 0.98^n after n days.
        assert!((off(134) - 4.0 * 0.98_f64.powi(34)).abs() < 0.05, "{}", off(134));
        assert!(off(399 - 1).abs() < 0.02);

        let later = hours(|t| {
            if t < 24 * 100 {
                0.0
            } else if t < 24 * 200 {
                4.0
            } else {
                -9.0
            }
        });
        let [a, b] = [&shifted, &later].map(|p| departures(p, std::slice::from_ref(&climate)));
        assert_eq!(a.slice(ndarray::s![..24 * 200, ..]), b.slice(ndarray::s![..24 * 200, ..]));
        let origins = [24 * 200 - 1];
        let [a, b] =
            [&shifted, &later].map(|p| ahead(p, std::slice::from_ref(&climate), &origins).unwrap());
        assert_eq!(a, b);
    }

    #[test]
    fn ridge_that_adapts_is_nearer_after_a_shift() {
        let problem = hours(|t| {
            let noise = ((t * 7919) % 1000) as f64 / 1000.0;
            noise + if t < 24 * 100 { 0.0 } else { 4.0 }
        });
        let climate = [climatology(&problem)];
        let seen: Vec<usize> = problem.shape.origins(&(0..24 * 100)).collect();
        let origins: Vec<usize> = (24 * 200..24 * 300).collect();
        let observed = targets(&problem.series().to_vec(), &origins, &problem.shape);
        let error = |climate: &[Climatology]| {
            let ridge = adapted_ridge(&problem, climate, 1.0, &seen);
            let forecast = ridge_forecast(&ridge, &problem, climate, &origins);
            (forecast - &observed).mapv(f64::abs).mean().unwrap()
        };
        let (adapted, plain) = (error(&climate), error(&[]));
        assert!(adapted < 0.5 && adapted < plain, "{adapted}, {plain}");
    }
}
