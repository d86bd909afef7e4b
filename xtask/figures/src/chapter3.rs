//! The figures of chapter 3: gradients of the three cells, speed, and a comparison on equal budgets.

use std::sync::LazyLock;
use std::time::Instant;

use anyhow::Result;
use lesson::plot::{Figure, LineChart};
use lesson::run::{Run, train};
use ndarray::Array3;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use rnn_basics::gradients::distance::{self, Curve, Measured};
use rnn_basics::text::Play;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::init;
use seqcore::metrics::statistics::{Interval, paired_t};
use seqcore::models::language::{LanguageConfig, LanguageModel};
use seqcore::nn::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::optim::Schedule;
use seqcore::params::Named;
use seqcore::sequence::{Input, InputGradient};
use seqcore::train::language::{LanguageTask, nats_per_token};
use seqcore::train::{Keep, Length, Plan};

use crate::chapter1::every_second;
use crate::data::{Data, Series, Tolerance};
use crate::spec::{ENDS, SEED, Spec, lines, with_intervals};

pub const FIGURES: [Spec; 4] = [
    Spec {
        name: "03_new",
        how: "As 02_forget_bias, new networks of four kinds; dL/dh",
        tolerance: Tolerance::Share(0.02),
        measure: new,
        draw: draw_new,
    },
    Spec {
        name: "03_trained",
        how: "The networks of 03_new after 300 updates on the play's first nine tenths",
        tolerance: Tolerance::Share(0.5),
        measure: trained,
        draw: draw_trained,
    },
    Spec {
        name: "03_speed",
        how: "Forward and backward pass of one layer, 64 inputs, 32 steps, 16 sequences, f32, one thread; best of 60, shares of the LSTM's at equal H",
        // Another processor has another balance of products and the rest.
        tolerance: Tolerance::Share(0.5),
        measure: speed,
        draw: draw_speed,
    },
    Spec {
        name: "03_duel",
        how: "Character models of equal parameters (LSTM of 48 units with forget bias 1) trained on the play's first nine tenths, each with the best of four learning rates on the end of these; loss on its last tenth, differences between networks of the same seed, five seeds, Student's t",
        tolerance: Tolerance::Amount(0.05),
        measure: duel,
        draw: draw_duel,
    },
];

/// RNN, GRU, LSTM and LSTM with forget bias 1, each new and trained.
static MEASURED: LazyLock<Vec<Measured>> = LazyLock::new(|| {
    let play = Play::new().expect("the embedded play");
    distance::measure_all(&play, distance::Size::TOUR, SEED).expect("the embedded play")
});

fn reach(of: fn(&Measured) -> &Curve, farthest: usize) -> Vec<Series> {
    let line = |m: &Measured| Series::new(m.network.name, every_second(&of(m).h[..=farthest]));
    MEASURED.iter().map(line).collect()
}

fn new() -> Result<Vec<Series>> {
    Ok(reach(|m| &m.new, distance::FARTHEST))
}

fn draw_new(data: &Data) -> Figure {
    let chart = LineChart::new(
        "New networks: RNN, GRU, LSTM",
        "Four curves of the hidden state's gradient over distance on a logarithmic axis. All fall; the RNN's by far the \
         fastest, the LSTM's with forget bias 1 the slowest, GRU and LSTM with bias 0 between.",
    )
    .x("distance k (steps back)")
    .y("norm of dL/dh, as a share")
    .log_y();
    lines(chart, data)
}

fn trained() -> Result<Vec<Series>> {
    Ok(reach(|m| &m.trained, 40))
}

fn draw_trained(data: &Data) -> Figure {
    let chart = LineChart::new(
        "The same networks after 300 updates",
        "Four curves of the hidden state's gradient over distance on a logarithmic axis. The RNN still falls fastest. The two \
         LSTMs, which began far apart, now lie on one curve; the GRU's falls most slowly.",
    )
    .x("distance k (steps back)")
    .y("norm of dL/dh, as a share")
    .log_y();
    lines(chart, data)
}

/// Inputs, steps and sequences of the measured batch.
const INPUT: usize = 64;
const STEPS: usize = 32;
const BATCH: usize = 16;
/// Measurements, of which the best counts.
const ROUNDS: usize = 60;

/// Parameters, and time of a forward and backward pass, of RNN and GRU as shares of the LSTM's at
/// equal H.
fn speed() -> Result<Vec<Series>> {
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
        Series::new("GRU, time", time(1)),
        Series::new("GRU, parameters", size(0.75)),
        Series::new("RNN, time", time(0)),
        Series::new("RNN, parameters", size(0.25)),
    ])
}

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

fn draw_speed(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Size and time beside the LSTM at equal H",
        "Four lines over the number of hidden units, as shares of the LSTM's. Parameters are flat at 0.75 for the GRU and 0.25 \
         for the RNN; the measured times lie near these shares.",
    )
    .x("hidden units H")
    .y("share of the LSTM's")
    .from_zero()
    .reference("LSTM", 1.0);
    lines(chart, data)
}

/// Lengths of training, in updates.
const UPDATES: [usize; 4] = [100, 200, 400, 800];
/// Pairs of runs.
const SEEDS: u64 = 5;
/// H of the LSTM, and E of all networks.
const HIDDEN: usize = 48;
/// Learning rates, of which each cell gets the best on dev, after as many updates as here.
const RATES: ([f64; 4], usize) = ([2e-3, 5e-3, 1.2e-2, 3e-2], 200);

/// Differences of the loss to the LSTM's, with their intervals.
fn duel() -> Result<Vec<Series>> {
    let play = Play::new()?;
    // Rates are chosen on the end of the training text; then all of it is trained on.
    let (fit, dev) = play.train.split_at(play.train.len() / 9 * 8);
    let chosen = |cell: Cell| -> Result<f64> {
        let (rates, updates) = RATES;
        let tried = rates.par_iter().map(|&rate| {
            let model = contestant(&play, cell, 0);
            Ok((trained_loss(model, [fit, dev], updates, rate)?, rate))
        });
        let tried: Vec<(f64, f64)> = tried.collect::<Result<_>>()?;
        Ok(tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).expect("several rates").1)
    };
    let losses = |cell: Cell, updates: usize, rate: f64| -> Result<Vec<f64>> {
        let run = |seed| {
            let model = contestant(&play, cell, seed);
            trained_loss(model, [&play.train, &play.held_out], updates, rate)
        };
        (1..=SEEDS).into_par_iter().map(run).collect()
    };
    let lstm_rate = chosen(Cell::Lstm)?;
    let lstm: Vec<Vec<f64>> =
        UPDATES.iter().map(|&n| losses(Cell::Lstm, n, lstm_rate)).collect::<Result<_>>()?;
    let mut all = Vec::new();
    for (name, cell) in [("RNN minus LSTM", Cell::RnnTanh), ("GRU minus LSTM", Cell::Gru)] {
        let rate = chosen(cell)?;
        let mut points = Vec::new();
        for (&updates, lstm) in UPDATES.iter().zip(&lstm) {
            let pairs = paired_t(&losses(cell, updates, rate)?, lstm, 0.95);
            points.push((updates as f64, pairs.difference));
        }
        let line = |of: fn(&Interval) -> f64| points.iter().map(move |(n, i)| (*n, of(i)));
        all.push(Series::new(name, line(|i| i.estimate)));
        all.push(Series::new(format!("{name}{}", ENDS[0]), line(|i| i.low)));
        all.push(Series::new(format!("{name}{}", ENDS[1]), line(|i| i.high)));
        // Not drawn: which rates were the best.
        all.push(Series::new(format!("{name}, learning rates"), [(rate, lstm_rate)]));
    }
    Ok(all)
}

/// Trains on the first text and returns the loss on the second, in nats per character.
fn trained_loss(
    mut model: LanguageModel<f32>,
    [fit, judge]: [&[usize]; 2],
    updates: usize,
    learning_rate: f64,
) -> Result<f64> {
    let last = *fit.last().expect("a text");
    let evaluation = || Evaluation::new(last, judge.to_vec(), 8, 128);
    let streams = Streams::new(fit.to_vec(), 16, 64)?;
    let mut task = LanguageTask::new(&model, streams, evaluation()?, SEED);
    let plan = Plan {
        length: Length::Steps(updates),
        learning_rate,
        optimiser: "adam".parse()?,
        schedule: Schedule::Cosine { warmup: 0.05, floor: 0.05 },
        clip: Some(1.0),
        evaluations: 1,
        keep: Keep::Last,
        patience: None,
    };
    train(&mut task, &mut model, &plan, &Run::in_memory(false), None, |_, _| {})?;
    Ok(nats_per_token(&model, &evaluation()?))
}

/// A network with as many parameters as the LSTM, or hardly fewer.
fn contestant(play: &Play, cell: Cell, seed: u64) -> LanguageModel<f32> {
    let of = |cell, hidden| {
        let config = LanguageConfig {
            vocabulary: play.vocabulary,
            embedding: HIDDEN,
            cell,
            hidden,
            layers: 1,
            dropout: 0.0,
        };
        LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(seed))
    };
    let mut lstm = of(Cell::Lstm, HIDDEN);
    if cell == Cell::Lstm {
        init::add_forget_bias(lstm.rnn.cells[0].bias_ih.as_mut().expect("with bias"), 1.0);
        return lstm;
    }
    let budget = lstm.count();
    let fits = (HIDDEN..).take_while(|&hidden| of(cell, hidden).count() <= budget).last();
    of(cell, fits.expect("the LSTM is the largest at its own H"))
}

fn draw_duel(data: &Data) -> Figure {
    let (_, last) = data.line("GRU minus LSTM").last().copied().unwrap_or_default();
    let end = |end: &str| data.line(&format!("GRU minus LSTM{end}")).last().map_or(0.0, |p| p.1);
    let [low, high] = ENDS.map(end);
    let alt = format!(
        "Two lines with bands over the number of updates: the loss of RNN and GRU minus that of the LSTM, at equal parameters. \
         After the longest training the GRU's difference is {last:+.3} nats, with an interval from {low:+.3} to {high:+.3}.",
    )
    .replace('-', "−");
    let chart = LineChart::new("Equal parameters, tuned alike, five seeds", alt)
        .x("updates of training")
        .y("loss minus the LSTM's (nats per character)")
        .reference("LSTM", 0.0);
    with_intervals(chart, data, &["RNN minus LSTM", "GRU minus LSTM"]).render()
}
