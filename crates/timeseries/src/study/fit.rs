//! Ridge, and networks beside or on top of it.
//!
//! The training part is cut into K blocks of consecutive moments. For each block a ridge regression and a network are
//! fitted on all samples that do not touch it (an embargo of a window on both sides). The network learns quantiles
//! of what a *base* leaves over, in units of its spread σ:
//!
//! ```text
//! base ridge    q = ridge_k(window) + σ · network_k,q(window)      for series with a trend
//! base course   q = c_k(t + h) + b  + σ · network_k,q(window)      for series with a climate; b is what c_k has lately
//!               been off by (F24), and the network reads departures from that course, too
//! blend         q + w (ridge_k − median), w = ½                    ridge and network averaged (Bates and Granger 1969);
//!               with the course as base, ridge starts from it, too
//! ```
//!
//! Each pair forecasts the block that it never saw; those errors calibrate the intervals (F12), as cross-conformal
//! prediction does (Vovk 2015; Barber et al. 2021). What is forecast beyond the training part is the mean over the K
//! pairs. So no sample calibrates a model that was fitted on it, and none is wasted.

use std::ops::Range;

use lesson::files::sha256;
use lesson::{Error, Result};
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::windows::{Samples, Shape, targets};
use seqcore::models::ridge::{Normal, Ridge};

use super::course::{adapted_ridge, design};
use super::member::{ConformalScores, Fitted, LEVELS, Member, network_inputs, samples};
use super::networks::Networks;
use super::problem::Problem;
use super::settings::{Base, StudySettings};
use crate::forecaster::task::ForecastTask;
use crate::forecaster::{Forecaster, ForecasterConfig};

/// λ of ridge, in units of standardised inputs; the one with the smallest error on the held-out blocks is taken.
const LAMBDAS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];

/// Samples that a pair is fitted on, at least.
const FEWEST: usize = 16;

/// The `k`-th of the blocks of a training part; the last one takes what is left over.
fn block(train: &Range<usize>, blocks: usize, k: usize) -> Range<usize> {
    let width = train.len() / blocks.max(1);
    let end = if k + 1 == blocks { train.end } else { train.start + (k + 1) * width };
    train.start + k * width..end
}

/// Whether a training part can be cut into so many blocks: each must hold a sample, and leave a few without it.
pub fn enough(shape: &Shape, train: &Range<usize>, blocks: usize) -> bool {
    (0..blocks).map(|k| block(train, blocks, k)).all(|block| {
        !shape.origins(&block).is_empty() && shape.origins_clear_of(train, &block).len() >= FEWEST
    })
}

/// Fits ridge and the K pairs on the training part, with networks of this cell.
///
/// # Errors
/// A training part that is too short for its blocks; records that cannot be written or do not fit; Ctrl-C.
pub fn fit(
    problem: &Problem,
    train: &Range<usize>,
    settings: &StudySettings,
    cell: Cell,
    networks: &mut Networks,
) -> Result<Fitted> {
    let shape = &problem.shape;
    let series = problem.series().to_vec();
    let block = |k: usize| block(train, settings.blocks, k);
    let seen = |k: usize| shape.origins_clear_of(train, &block(k));
    let held = |k: usize| shape.origins(&block(k)).collect::<Vec<_>>();
    if !enough(shape, train, settings.blocks) {
        return Err(Error::config(format!(
            "{} moments to train on are too few for a window of {} and a horizon of {} with {} blocks. Use more data, \
             a shorter window or a shorter horizon.",
            train.len(),
            shape.history,
            shape.horizon(),
            settings.blocks
        )));
    }
    let all: Vec<usize> = shape.origins(train).collect();
    let x = design(problem, &[], &all);
    let y = targets(&series, &all, shape);
    let rows = |origins: &[usize]| -> Vec<usize> { origins.iter().map(|t| t - all[0]).collect() };

    let (x_of, y_of) =
        (|o: &[usize]| x.select(Axis(0), &rows(o)), |o: &[usize]| y.select(Axis(0), &rows(o)));
    let normals: Vec<Normal> =
        (0..settings.blocks).map(|k| Normal::new(&x_of(&seen(k)), &y_of(&seen(k)))).collect();
    let error = |lambda: f64| -> f64 {
        let of_block = |k: usize| {
            (normals[k].solve(lambda).predict(&x_of(&held(k))) - &y_of(&held(k)))
                .mapv(f64::abs)
                .sum()
        };
        (0..settings.blocks).map(of_block).sum()
    };
    let errors = LAMBDAS.map(error);
    let lambda =
        (0..LAMBDAS.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).map(|k| LAMBDAS[k]);
    let lambda = lambda.expect("some λ");

    let (mut members, mut steps) = (Vec::new(), 0);
    let mut scores = ConformalScores::new(settings.base, shape.leads.len());
    for (k, normal) in normals.iter().enumerate() {
        let (seen, held) = (seen(k), held(k));
        let plain = normal.solve(lambda);
        let ridge_held = plain.predict(&x_of(&held));
        let outside: Vec<usize> = train.clone().filter(|t| !block(k).contains(t)).collect();
        let (climate, ridge) = match settings.base {
            Base::Ridge => (Vec::new(), plain.clone()),
            Base::Course => {
                let climate = problem.climate(&outside);
                let ridge = adapted_ridge(problem, &climate, lambda, &seen);
                (climate, ridge)
            }
        };
        let mut member = Member::without_network(problem, ridge, climate, &outside);
        let inputs = network_inputs(problem, &member.climate, &member.scaler);
        let left = |origins: &[usize]| {
            y_of(origins) - member.base(problem, origins, &plain.predict(&x_of(origins)))
        };
        let (left_seen, left_held) = (left(&seen), left(&held));
        let spread: Vec<f64> =
            left_seen.std_axis(Axis(0), 0.0).iter().map(|s| s.max(1e-9)).collect();
        let scaled = |left: &Array2<f64>| {
            Array2::from_shape_fn(left.dim(), |(n, l)| (left[(n, l)] / spread[l]) as f32)
        };
        let train_samples = samples(problem, &inputs, seen, scaled(&left_seen));
        let held_samples = samples(problem, &inputs, held.clone(), scaled(&left_held));
        let network;
        (network, steps) =
            train_network(settings, cell, k, (train_samples, held_samples), networks)?;
        (member.spread, member.network) = (spread, network);
        scores.add(&member, problem, &held, &ridge_held, &y_of(&held));
        members.push(member);
    }
    let ridge = Ridge::fit(&x, &y, lambda);
    let (calibrations, ridge_half) = scores.quantiles();
    Ok(Fitted { shape: shape.clone(), ridge, lambda, members, calibrations, ridge_half, steps })
}

/// What tells these samples from others.
fn digest(samples: &Samples) -> String {
    let numbers = samples.inputs.iter().chain(&samples.targets);
    sha256(&numbers.flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}

/// Trains the k-th network on the first of these samples and evaluates it on the second; returns it and its number
/// of steps.
fn train_network(
    settings: &StudySettings,
    cell: Cell,
    k: usize,
    (train, held): (Samples, Samples),
    networks: &mut Networks,
) -> Result<(Forecaster<f32>, usize)> {
    let config = ForecasterConfig {
        cell,
        inputs: train.inputs.ncols(),
        known: train.known.ncols() * train.shape.leads.len(),
        hidden: settings.hidden,
        layers: settings.layers,
        dropout: settings.dropout,
        leads: train.shape.leads.len(),
        levels: LEVELS.to_vec(),
    };
    config.validate()?;
    let (name, seed) = (format!("{cell}-{}", k + 1), settings.seed_of(k));
    let mut model = Forecaster::new(&config, &mut ChaCha8Rng::seed_from_u64(seed));
    let samples = digest(&train);
    let mut task = ForecastTask::new(&model, train, held, settings.batch, seed);
    let steps = networks.train(&name, samples, &mut task, &mut model, &settings.plan())?;
    Ok((model, steps))
}
