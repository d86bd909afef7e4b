//! What was fitted, and how it forecasts: K pairs of ridge and network, with calibrated intervals.

use crate::baselines::Climatology;
use crate::forecaster::{Forecaster, ForecasterConfig};
use ndarray::{Array2, Array3, Axis, concatenate, s};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::scaler::Scaler;
use seqcore::data::split::Parts;
use seqcore::data::windows::{Samples, Shape};
use seqcore::metrics::conformal;
use seqcore::models::ridge::Ridge;
use serde::{Deserialize, Serialize};

use super::course::{ahead, departures, ridge_forecast};
use super::problem::Problem;
use super::score::{ALPHA, Method};
use super::settings::Base;

/// The quantiles that a network gives: the median is its forecast, the outer two its 90 % interval.
pub const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// One of the K pairs.
#[derive(Debug, Clone)]
pub struct Member {
    /// The linear model, one output a lead; it starts from the course, too, where that is the base.
    pub ridge: Ridge,
    /// The course of every column, (C), where that is the base; else none.
    pub climate: Vec<Climatology>,
    /// Of the network's inputs.
    pub scaler: Scaler,
    /// The spread of what the base leaves over, (leads), on the samples it was fitted on.
    pub spread: Vec<f64>,
    /// Quantiles of that.
    pub network: Forecaster<f32>,
}

/// Intervals for one way to use ridge and network together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// w: how far the network's median is pulled towards ridge.
    pub weight: f64,
    /// By how much to widen the 90 % interval, (leads).
    pub widen: Vec<f64>,
    /// ... and the 50 % interval.
    pub widen_half: Vec<f64>,
}

/// Everything that was fitted on one training part.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The windows.
    pub shape: Shape,
    /// Ridge on the whole training part.
    pub ridge: Ridge,
    /// Its λ.
    pub lambda: f64,
    /// The K pairs.
    pub members: Vec<Member>,
    /// The network as it is, and blended with ridge where its base is another.
    pub calibrations: Vec<Calibration>,
    /// Half the width of ridge's 90 % interval, (leads).
    pub ridge_half: Vec<f64>,
    /// Steps that each network was trained.
    pub steps: usize,
}

/// The network's inputs at every moment: the scaled series, and the calendar of that moment.
pub(super) fn network_inputs(
    problem: &Problem,
    climate: &[Climatology],
    scaler: &Scaler,
) -> Array2<f32> {
    let known = problem.known.slice(s![..problem.len(), ..]).mapv(|v| v as f32);
    concatenate![Axis(1), scaler.apply(&departures(problem, climate)), known] // (T, C + K)
}

pub(super) fn samples(
    problem: &Problem,
    inputs: &Array2<f32>,
    origins: Vec<usize>,
    targets: Array2<f32>,
) -> Samples {
    let known = problem.known.mapv(|v| v as f32);
    Samples { shape: problem.shape.clone(), inputs: inputs.clone(), known, origins, targets }
}

/// Conformal scores, gathered over the blocks.
pub(super) struct ConformalScores {
    blends: Vec<Blend>,
    /// |errors| of ridge, by lead.
    ridge: Vec<Vec<f64>>,
}

/// The scores of one weight: of the 90 % and of the 50 % interval, by lead.
struct Blend {
    weight: f64,
    outer: Vec<Vec<f64>>,
    inner: Vec<Vec<f64>>,
}

impl ConformalScores {
    pub(super) fn new(base: Base, leads: usize) -> Self {
        let weights: &[f64] = if base == Base::Course { &[0.0, 0.5] } else { &[0.0] };
        let none = vec![Vec::new(); leads];
        let blend = |&weight: &f64| Blend { weight, outer: none.clone(), inner: none.clone() };
        Self { blends: weights.iter().map(blend).collect(), ridge: none.clone() }
    }

    /// What a pair makes of the block that it never saw, and what plain ridge makes of it.
    pub(super) fn add(
        &mut self,
        member: &Member,
        problem: &Problem,
        held: &[usize],
        ridge: &Array2<f64>,
        y: &Array2<f64>,
    ) {
        let linear = member.linear(problem, held);
        let plain = member.quantiles(problem, held, &linear); // (N, leads, Q)
        for l in 0..y.ncols() {
            let observed = y.column(l).to_vec();
            for Blend { weight, outer, inner } in &mut self.blends {
                let level = |q: usize| -> Vec<f64> {
                    (0..held.len())
                        .map(|n| plain[(n, l, q)] + *weight * (linear[(n, l)] - plain[(n, l, 2)]))
                        .collect()
                };
                outer[l].extend(conformal::interval_scores(&observed, &level(0), &level(4)));
                inner[l].extend(conformal::interval_scores(&observed, &level(1), &level(3)));
            }
            self.ridge[l].extend(conformal::point_scores(&observed, &ridge.column(l).to_vec()));
        }
    }

    /// Calibrations, and half the width of ridge's 90 % interval.
    pub(super) fn quantiles(&self) -> (Vec<Calibration>, Vec<f64>) {
        let of = |scores: &[Vec<f64>], alpha: f64| {
            scores.iter().map(|s| conformal::quantile(s, alpha)).collect()
        };
        let calibration = |blend: &Blend| Calibration {
            weight: blend.weight,
            widen: of(&blend.outer, ALPHA),
            widen_half: of(&blend.inner, 0.5),
        };
        (self.blends.iter().map(calibration).collect(), of(&self.ridge, ALPHA))
    }
}

impl Member {
    /// All but the network, which is a placeholder; the scaler is fitted on the `seen` moments.
    pub(super) fn without_network(
        problem: &Problem,
        ridge: Ridge,
        climate: Vec<Climatology>,
        seen: &[usize],
    ) -> Self {
        let rows = departures(problem, &climate).select(Axis(0), seen);
        let parts = Parts { train: 0..rows.nrows(), dev: 0..0, test: 0..0 };
        let scaler = Scaler::fit(&parts.training(&rows));
        let levels = vec![0.5];
        let placeholder = ForecasterConfig {
            cell: Cell::Gru,
            inputs: 1,
            known: 0,
            hidden: 1,
            layers: 1,
            dropout: 0.0,
            leads: 1,
            levels,
        };
        let network = Forecaster::new(&placeholder, &mut ChaCha8Rng::seed_from_u64(0));
        Self { ridge, climate, scaler, spread: Vec::new(), network }
    }

    /// Ridge's forecast, (N, leads).
    fn linear(&self, problem: &Problem, origins: &[usize]) -> Array2<f64> {
        ridge_forecast(&self.ridge, problem, &self.climate, origins)
    }

    /// What the network's quantiles are added to, (N, leads): the course, or ridge's forecast `linear`.
    pub(super) fn base(
        &self,
        problem: &Problem,
        origins: &[usize],
        linear: &Array2<f64>,
    ) -> Array2<f64> {
        ahead(problem, &self.climate, origins).unwrap_or_else(|| linear.clone())
    }

    /// Quantiles in the target's units, (N, leads, Q).
    fn quantiles(&self, problem: &Problem, origins: &[usize], linear: &Array2<f64>) -> Array3<f64> {
        let inputs = network_inputs(problem, &self.climate, &self.scaler);
        let base = self.base(problem, origins, linear);
        let samples = samples(problem, &inputs, origins.to_vec(), Array2::zeros(base.dim()));
        let raw = self.network.predict(&samples);
        Array3::from_shape_fn(raw.dim(), |(n, l, q)| {
            base[(n, l)] + self.spread[l] * f64::from(raw[(n, l, q)])
        })
    }
}

impl Fitted {
    /// Ridge's forecasts (N, leads) from these origins, and half the width of its 90 % interval, (leads).
    pub fn ridge_forecast(&self, problem: &Problem, origins: &[usize]) -> (Array2<f64>, Vec<f64>) {
        (ridge_forecast(&self.ridge, problem, &[], origins), self.ridge_half.clone())
    }

    /// Forecasts with calibrated intervals from these origins: the network, then its blend with ridge where there is one.
    pub fn methods(&self, name: &str, problem: &Problem, origins: &[usize]) -> Vec<Method> {
        let leads = self.shape.leads.len();
        let mut sums = vec![
            Array3::<f64>::zeros((origins.len(), leads, LEVELS.len()));
            self.calibrations.len()
        ];
        for member in &self.members {
            let linear = member.linear(problem, origins);
            let plain = member.quantiles(problem, origins, &linear);
            for (sum, calibration) in sums.iter_mut().zip(&self.calibrations) {
                for ((n, l, q), into) in sum.indexed_iter_mut() {
                    let pull = calibration.weight * (linear[(n, l)] - plain[(n, l, 2)]);
                    *into += (plain[(n, l, q)] + pull) / self.members.len() as f64;
                }
            }
        }
        let method = |(quantiles, calibration): (&Array3<f64>, &Calibration)| {
            let level = |q: usize, widen: &dyn Fn(usize) -> f64| {
                Array2::from_shape_fn((origins.len(), leads), |(n, l)| {
                    quantiles[(n, l, q)] + widen(l)
                })
            };
            let Calibration { weight, widen, widen_half } = calibration;
            Method {
                name: if *weight > 0.0 { format!("{name} + ridge") } else { name.to_owned() },
                point: level(2, &|_| 0.0),
                low: Some(level(0, &|l| -widen[l])),
                high: Some(level(4, &|l| widen[l])),
                inner: Some((level(1, &|l| -widen_half[l]), level(3, &|l| widen_half[l]))),
                raw: Some((level(0, &|_| 0.0), level(4, &|_| 0.0))),
            }
        };
        sums.iter().zip(&self.calibrations).map(method).collect()
    }
}
