//! Forecasts side by side, and how sure a difference is.

use std::ops::Range;

use crate::baselines::{DampedAnomaly, drift, moving_average, persistence, seasonal_naive};
use crate::holt_winters;
use lesson::{Error, Result};
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::windows::targets;
use seqcore::metrics::conformal;
use seqcore::metrics::forecast as metric;
use seqcore::metrics::statistics::{Interval, moving_block_bootstrap};

use super::problem::Problem;

/// The share that may fall outside an interval: 90 % intervals.
pub const ALPHA: f64 = 0.1;
/// Resamplings of a bootstrap interval.
const RESAMPLINGS: usize = 1000;

/// The forecasts of one method from all origins.
#[derive(Debug, Clone)]
pub struct Method {
    /// What it is called.
    pub name: String,
    /// Its forecasts, (N, leads).
    pub point: Array2<f64>,
    /// The lower end of its 90 % interval.
    pub low: Option<Array2<f64>>,
    /// The upper end.
    pub high: Option<Array2<f64>>,
    /// Its 50 % interval, where it has one.
    pub inner: Option<(Array2<f64>, Array2<f64>)>,
    /// The 90 % interval before calibration, where it has one.
    pub raw: Option<(Array2<f64>, Array2<f64>)>,
}

impl Method {
    /// A point forecast without intervals.
    pub fn point(name: &str, point: Array2<f64>) -> Self {
        Self { name: name.to_owned(), point, low: None, high: None, inner: None, raw: None }
    }

    /// A point forecast with an interval of this half width at each lead.
    pub fn around(name: &str, point: Array2<f64>, half: &[f64]) -> Self {
        let end =
            |sign: f64| Array2::from_shape_fn(point.dim(), |(n, l)| point[(n, l)] + sign * half[l]);
        let (low, high) = (Some(end(-1.0)), Some(end(1.0)));
        Self { low, high, ..Self::point(name, point) }
    }

    /// |error| at one lead, from all origins.
    pub fn absolute_errors(&self, observed: &Array2<f64>, lead: usize) -> Vec<f64> {
        self.point
            .column(lead)
            .iter()
            .zip(observed.column(lead))
            .map(|(f, y)| (f - y).abs())
            .collect()
    }

    /// Coverage terms, mean width and interval scores at one lead, where the method has intervals.
    pub fn intervals(
        &self,
        observed: &Array2<f64>,
        lead: usize,
    ) -> Option<(Vec<f64>, f64, Vec<f64>)> {
        let (low, high) =
            (self.low.as_ref()?.column(lead).to_vec(), self.high.as_ref()?.column(lead).to_vec());
        let observed = observed.column(lead).to_vec();
        let scores = metric::interval_scores(&observed, &low, &high, ALPHA);
        Some((metric::covered(&observed, &low, &high), metric::width(&low, &high), scores))
    }
}

/// What was observed in the test part, and what each method had forecast.
#[derive(Debug, Clone)]
pub struct Study {
    /// The test origins.
    pub origins: Vec<usize>,
    /// What was observed, (N, leads).
    pub observed: Array2<f64>,
    /// The methods, the simplest first.
    pub methods: Vec<Method>,
}

impl Study {
    /// A method by name. Panics where there is none.
    pub fn method(&self, name: &str) -> &Method {
        self.methods.iter().find(|m| m.name == name).unwrap_or_else(|| panic!("no method {name}"))
    }

    /// Another stretch of the same methods behind this one.
    pub fn append(&mut self, later: Study) {
        let join = |a: &mut Array2<f64>, b: &Array2<f64>| {
            a.append(Axis(0), b.view()).expect("as many leads")
        };
        let both = |a: &mut Option<Array2<f64>>, b: &Option<Array2<f64>>| {
            if let (Some(a), Some(b)) = (a, b) {
                join(a, b);
            }
        };
        self.origins.extend(later.origins);
        join(&mut self.observed, &later.observed);
        for (a, b) in self.methods.iter_mut().zip(&later.methods) {
            assert_eq!(a.name, b.name, "the same methods in the same order");
            join(&mut a.point, &b.point);
            both(&mut a.low, &b.low);
            both(&mut a.high, &b.high);
            for (a, b) in [(&mut a.inner, &b.inner), (&mut a.raw, &b.raw)] {
                if let (Some(a), Some(b)) = (a, b) {
                    join(&mut a.0, &b.0);
                    join(&mut a.1, &b.1);
                }
            }
        }
    }

    /// The mean absolute error of a method at one lead.
    pub fn mae(&self, name: &str, lead: usize) -> f64 {
        metric::mean(self.method(name).absolute_errors(&self.observed, lead))
    }
}

/// The forecasts that need no network, with intervals calibrated on their own training errors where those are fair.
///
/// # Errors
/// Parts that are too short for a window and a horizon.
pub fn baselines(problem: &Problem, train: &Range<usize>, test: &Range<usize>) -> Result<Study> {
    let shape = &problem.shape;
    let origins: Vec<usize> = shape.origins(test).collect();
    let seen: Vec<usize> = shape.origins(train).collect();
    if origins.is_empty() || seen.is_empty() {
        return Err(Error::config(format!(
            "a window of {} and a horizon of {} do not fit into {} moments to train on and {} to test on. Use more data or a \
             shorter horizon.",
            shape.history,
            shape.horizon(),
            train.len(),
            test.len()
        )));
    }
    let observed = targets(&problem.series().to_vec(), &origins, shape);
    let methods = baselines_from(problem, train, &origins);
    Ok(Study { origins, observed, methods })
}

/// The same forecasts from any origins, the last moment among them.
pub fn baselines_from(problem: &Problem, train: &Range<usize>, origins: &[usize]) -> Vec<Method> {
    let shape = &problem.shape;
    let series = problem.series().to_vec();
    let seen: Vec<usize> = shape.origins(train).collect();
    let seen_observed = targets(&series, &seen, shape);
    let course = problem.course(train);
    let damped = DampedAnomaly::fit(&series, &course, &seen, shape);
    let from_course = |origins: &[usize]| {
        Array2::from_shape_fn((origins.len(), shape.leads.len()), |(n, l)| {
            course[origins[n] + shape.leads[l]]
        })
    };
    let rates = holt_winters::fit(&series[train.clone()], problem.season);
    type Rule<'a> = Box<dyn Fn(&[usize]) -> Array2<f64> + 'a>;
    let rules: Vec<(&str, Rule)> = vec![
        ("persistence", Box::new(|o| persistence(&series, o, shape))),
        ("drift", Box::new(|o| drift(&series, o, shape))),
        (
            "moving average",
            Box::new(|o| moving_average(&series, o, shape, problem.season.clamp(2, 24))),
        ),
        ("seasonal naive", Box::new(|o| seasonal_naive(&series, o, shape, problem.season))),
        (
            "Holt-Winters",
            Box::new(|o| holt_winters::forecasts(&series, o, shape, problem.season, &rates)),
        ),
        ("climatology", Box::new(from_course)),
        ("damped anomaly", Box::new(|o| damped.predict(&series, &course, o, shape))),
    ];
    let methods = rules.iter().map(|(name, rule)| {
        let fitted = rule(&seen);
        let half = |l: usize| {
            let scores = conformal::point_scores(
                &seen_observed.column(l).to_vec(),
                &fitted.column(l).to_vec(),
            );
            conformal::quantile(&scores, ALPHA)
        };
        let half: Vec<f64> = (0..shape.leads.len()).map(half).collect();
        Method::around(name, rule(origins), &half)
    });
    methods.collect()
}

/// The mean of dependent terms with its 95 % moving-block bootstrap interval.
pub fn mean_interval(terms: &[f64], block: usize, seed: u64) -> Interval {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    moving_block_bootstrap(terms.len(), block, RESAMPLINGS, 0.95, &mut rng, |which| {
        metric::mean(which.iter().map(|&i| terms[i]))
    })
}

/// The mean of a − b with its interval; below zero where a is smaller.
pub fn paired_difference(a: &[f64], b: &[f64], block: usize, seed: u64) -> Interval {
    assert_eq!(a.len(), b.len(), "losses of the same forecasts");
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    mean_interval(&d, block, seed)
}

/// The skill 1 − mean a / mean b (F8) with its interval.
pub fn skill_interval(a: &[f64], b: &[f64], block: usize, seed: u64) -> Interval {
    assert_eq!(a.len(), b.len(), "losses of the same forecasts");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    moving_block_bootstrap(a.len(), block, RESAMPLINGS, 0.95, &mut rng, |which| {
        let sum = |of: &[f64]| which.iter().map(|&i| of[i]).sum::<f64>();
        metric::skill(sum(a), sum(b))
    })
}

/// |errors| of two methods averaged over all leads, one term an origin: what a verdict over the whole horizon uses.
pub fn compare_methods(study: &Study, a: &str, b: &str) -> (Vec<f64>, Vec<f64>) {
    let mean_over_leads = |name: &str| -> Vec<f64> {
        let off = (&study.method(name).point - &study.observed).mapv(f64::abs);
        off.rows().into_iter().map(|row| row.mean().unwrap_or(f64::NAN)).collect()
    };
    (mean_over_leads(a), mean_over_leads(b))
}
