//! The measurements, all by code that the lessons use.

use std::time::Instant;

use anyhow::Result;
use ndarray::Array3;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rnn_basics::bptt;
use rnn_basics::gradients::distance::{self, Curve, Network};
use rnn_basics::gradients::jacobians::{self, DISTANCES};
use rnn_basics::scratch::Rnn;
use rnn_basics::text::Play;
use seqcore::cells::Cell;
use seqcore::init;
use seqcore::nn::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::sequence::{Input, InputGradient};

use crate::data::Series;

const SEED: u64 = 1;

fn series(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Series {
    Series { name: name.into(), points: points.into_iter().collect() }
}

fn along_distances(norms: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    DISTANCES.iter().map(|&k| k as f64).zip(norms.iter().copied())
}

/// One matrix at ρ = 1.25: asymptote, bound, linear network, and tanh under quiet and loud noise.
pub fn product() -> Result<Vec<Series>> {
    let all = jacobians::measure_all(jacobians::Size::TOUR, SEED);
    let r = all.iter().find(|r| r.rho == 1.25).expect("one of the radii");
    let [asymptote, bound] = r.predictions();
    Ok(vec![
        series("bound, σ_max to the k", along_distances(&bound)),
        series("asymptote, ρ to the k", along_distances(&asymptote)),
        series("without tanh", along_distances(&r.linear)),
        series("tanh, quiet input", along_distances(&r.tanh[0].mean)),
        series("tanh, loud input", along_distances(&r.tanh[1].mean)),
    ])
}

/// The same network with tanh and quiet noise at several radii.
pub fn radii() -> Result<Vec<Series>> {
    let all = jacobians::measure_all(jacobians::Size::TOUR, SEED);
    let shown = all.iter().filter(|r| [0.5, 0.9, 1.0, 1.1, 1.5].contains(&r.rho));
    Ok(shown.map(|r| series(format!("ρ = {}", r.rho), along_distances(&r.tanh[0].mean))).collect())
}

/// The gradient of W_hh that is cut every k steps beside the full one, in a new network.
pub fn truncation() -> Result<Vec<Series>> {
    let play = Play::new()?;
    let rnn = Rnn::new(play.vocabulary, 32, &mut ChaCha8Rng::seed_from_u64(SEED));
    let size = bptt::Size { length: 64, sequences: 48, updates: 0 };
    let rows = bptt::truncation(&rnn, &play, size);
    let points = |of: fn(&bptt::Truncation) -> f64| rows.iter().map(move |r| (r.k as f64, of(r)));
    Ok(vec![
        series("direction: cosine with the full gradient", points(|r| r.cosine)),
        series("length: share of the full gradient's", points(|r| r.norm)),
    ])
}

fn reach(name: &'static str, cell: Cell, forget_bias: f64) -> Result<Curve> {
    let network = Network { name, key: name, cell, forget_bias };
    let size = distance::Size::TOUR;
    Ok(distance::measure_new(network, &Play::new()?, size, SEED))
}

fn every_second(name: &str, norms: &[f64]) -> Series {
    let points = norms.iter().enumerate().step_by(2).filter(|(_, norm)| **norm > 0.0);
    series(name, points.map(|(k, &norm)| (k as f64, norm)))
}

/// How far the gradient reaches in new networks: an RNN, and LSTMs with three forget biases.
pub fn forget_bias() -> Result<Vec<Series>> {
    let mut all = vec![every_second("RNN, dL/dh", &reach("RNN", Cell::RnnTanh, 0.0)?.h)];
    for bias in [0.0, 1.0, 2.0] {
        let curve = reach("LSTM", Cell::Lstm, bias)?;
        let cell = curve.c.expect("an LSTM has a cell");
        all.push(every_second(&format!("LSTM, dL/dc, forget bias {bias}"), &cell));
    }
    Ok(all)
}

/// The gradient of the hidden state in new networks of three kinds.
pub fn cells() -> Result<Vec<Series>> {
    let networks = [("RNN", Cell::RnnTanh), ("LSTM", Cell::Lstm), ("GRU", Cell::Gru)];
    networks
        .iter()
        .map(|&(name, cell)| Ok(every_second(name, &reach(name, cell, 0.0)?.h)))
        .collect()
}

/// Inputs, steps and sequences of the measured batch.
const INPUT: usize = 64;
const STEPS: usize = 64;
const BATCH: usize = 32;

/// Parameters, and time of a forward and backward pass, of RNN and GRU as shares of the LSTM's at
/// equal H.
pub fn speed() -> Result<Vec<Series>> {
    let hidden = [32, 64, 128, 256];
    let cells = [Cell::RnnTanh, Cell::Gru, Cell::Lstm];
    // All three in turn, so that a disturbance of the machine hits all; the best of each counts.
    let best = |h: usize| {
        let mut best = [f64::INFINITY; 3];
        for _ in 0..ROUNDS {
            for (best, cell) in best.iter_mut().zip(cells) {
                *best = best.min(seconds(cell, h));
            }
        }
        best
    };
    let times: Vec<[f64; 3]> = hidden.iter().map(|&h| best(h)).collect();
    let time = |i: usize| hidden.iter().zip(&times).map(move |(&h, t)| (h as f64, t[i] / t[2]));
    let size = |share: f64| hidden.map(|h| (h as f64, share));
    Ok(vec![
        series("GRU, parameters", size(0.75)),
        series("GRU, time", time(1)),
        series("RNN, parameters", size(0.25)),
        series("RNN, time", time(0)),
    ])
}

const ROUNDS: usize = 12;

/// The time of one forward and backward pass of one layer.
fn seconds(cell: Cell, hidden: usize) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let config = RecurrentConfig::new(cell, INPUT, hidden);
    let layer = Recurrent::<f32>::new(config, &mut rng);
    let x: Array3<f32> = init::normal((STEPS, BATCH, INPUT), &mut rng); // (T, B, I)
    let d: Array3<f32> = init::normal((STEPS, BATCH, hidden), &mut rng); // (T, B, H)
    let (mut dx, mut grads) = (Array3::zeros(x.dim()), Recurrent::zeros(config));
    let mut tape: RecurrentTape<f32> = RecurrentTape::default();
    let state = LayerState::zeros(&config, BATCH);
    let start = Instant::now();
    layer.forward(Input::Dense(x.view()), None, &state, None, &mut tape);
    let into = InputGradient::Dense(dx.view_mut());
    layer.backward(Input::Dense(x.view()), &mut tape, d.view(), None, &mut grads, into);
    start.elapsed().as_secs_f64()
}
