//! How far back a gradient reaches: ‖dL/dh_{T−k}‖ over the distance k, where L is the loss of the
//! last step T alone.
//!
//! The way back is walked step by step, so that the gradient can be looked at in between. An
//! LSTM's state is a pair: beside h there is the cell state c, with a path of its own, on which
//! (L13) multiplies by the forget gate and by no matrix. Its gradient dL/dc is measured too.

use lesson::plot::{LineChart, Table};
use lesson::{Lesson, Result};
use ndarray::{Array2, ArrayView1, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::cells::unroll::{step, step_backward};
use seqcore::cells::{Cell, CellParams, State};
use seqcore::data::{Evaluation, Streams};
use seqcore::loss::cross_entropy;
use seqcore::models::language::{LanguageConfig, LanguageModel, LanguageTape};
use seqcore::optim::{Optimiser, clip_global_norm};
use seqcore::train::language::nats_per_token;
use seqcore::{Float, init};

use crate::text::Play;

/// The size of the experiment.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// H; the embedding has the same size.
    pub hidden: usize,
    /// Updates of the training.
    pub updates: usize,
    /// Places in the held-out text over which the norms are averaged.
    pub windows: usize,
}

impl Size {
    /// Of the tour.
    pub const TOUR: Self = Self { hidden: 64, updates: 300, windows: 64 };
    /// With `--full`.
    pub const FULL: Self = Self { hidden: 64, updates: 1500, windows: 128 };
}

/// T: how many characters are read before the loss. The state has settled long before the place
/// that the gradient is followed back to.
pub const LENGTH: usize = 100;
/// How far back it is followed.
pub const FARTHEST: usize = 80;

/// The networks that are compared: a cell, and what is added to its forget gate's bias.
pub const NETWORKS: [Network; 4] = [
    Network { name: "RNN", key: "rnn", cell: Cell::RnnTanh, forget_bias: 0.0 },
    Network { name: "GRU", key: "gru", cell: Cell::Gru, forget_bias: 0.0 },
    Network { name: "LSTM", key: "lstm", cell: Cell::Lstm, forget_bias: 0.0 },
    Network { name: "LSTM b_f+1", key: "lstm_forget", cell: Cell::Lstm, forget_bias: 1.0 },
];

/// A network to measure.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    /// In tables.
    pub name: &'static str,
    /// In `metrics.json`.
    pub key: &'static str,
    /// Its cell.
    pub cell: Cell,
    /// Added to the LSTM's forget bias.
    pub forget_bias: f64,
}

/// Norms at the distances 0, 1, ... [`FARTHEST`], as shares of ‖dL/dh_T‖: geometric means over
/// the windows.
#[derive(Debug, Clone)]
pub struct Curve {
    /// ‖dL/dh_{T−k}‖ / ‖dL/dh_T‖.
    pub h: Vec<f64>,
    /// ‖dL/dc_{T−k}‖ / ‖dL/dh_T‖, for an LSTM. At distance 0 it is zero: L sees c_T through h_T only.
    pub c: Option<Vec<f64>>,
}

/// What was measured of one network.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Which.
    pub network: Network,
    /// As initialised.
    pub new: Curve,
    /// After the training.
    pub trained: Curve,
    /// Its loss on the held-out text then, in nats per character.
    pub nats: f64,
}

impl Curve {
    /// By which factor the norm of dL/dh changes in one step, on average between the distances
    /// 10 and 40.
    pub fn factor(&self) -> f64 {
        (self.h[40] / self.h[10]).powf(1.0 / 30.0)
    }
}

/// Measures all of [`NETWORKS`], each new and trained.
///
/// # Errors
/// None with the embedded text.
pub fn measure_all(play: &Play, size: Size, seed: u64) -> Result<Vec<Measured>> {
    let measure = |network: &Network| {
        let mut model = new_model(*network, play.vocabulary, size.hidden, seed);
        let new = measure(&model, play, size.windows);
        let nats = train(&mut model, play, size.updates)?;
        let trained = measure(&model, play, size.windows);
        Ok(Measured { network: *network, new, trained, nats })
    };
    NETWORKS.par_iter().map(measure).collect()
}

fn new_model(network: Network, vocabulary: usize, hidden: usize, seed: u64) -> LanguageModel<f32> {
    let Network { cell, forget_bias, .. } = network;
    let (embedding, layers, dropout) = (hidden, 1, 0.0);
    let config = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout };
    let mut model = LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(seed));
    if let (true, Some(bias)) = (forget_bias != 0.0, &mut model.rnn.cells[0].bias_ih) {
        init::add_forget_bias(bias, forget_bias);
    }
    model
}

/// Trains on the play and returns the loss on its held-out part, in nats per character.
///
/// # Errors
/// None with the embedded text.
pub fn train(model: &mut LanguageModel<f32>, play: &Play, updates: usize) -> Result<f64> {
    let streams = Streams::new(play.train.clone(), 16, 64)?;
    let mut optimiser = Optimiser::new("adam".parse()?, model)?;
    let mut gradient = model.zero_gradient();
    let mut tape = LanguageTape::<f32>::default();
    let mut state = model.zero_state(streams.streams());
    for update in 0..updates {
        let batch = streams.batch(update);
        if batch.starts_epoch {
            state = model.zero_state(streams.streams());
        }
        let (inputs, targets) = (batch.inputs.view(), batch.targets.view());
        gradient.set_zero();
        model.loss_and_gradient(
            inputs,
            targets,
            targets.len(),
            &state,
            None,
            &mut tape,
            &mut gradient,
        );
        state = tape.rnn.last().clone();
        clip_global_norm(&mut gradient, 1.0); // (R16)
        let rate = 6e-3 * (1.0 - 0.9 * update as f64 / updates as f64);
        optimiser.step(model, &gradient, rate);
    }
    let previous = *play.train.last().expect("the play is not empty");
    Ok(nats_per_token(model, &Evaluation::new(previous, play.held_out.clone(), 8, 128)?))
}

/// Follows the gradient of the last step's loss back through `windows` stretches of held-out text.
pub fn measure(model: &LanguageModel<f32>, play: &Play, windows: usize) -> Curve {
    let (cell, hidden) = (model.rnn.config.cell, model.rnn.config.hidden);
    let params = in_f64(&model.rnn.cells[0]);
    let (inputs, targets) = play.windows(LENGTH, windows); // (T, B)
    let mut state = State::zeros(cell, windows, hidden);
    let mut tapes = Vec::new();
    for ids in inputs.outer_iter() {
        let x = model.embedding.weight.select(Axis(0), &ids.to_vec()).mapv(f64::from); // (B, E)
        let (next, tape) = step(cell, &params, x.view(), &state);
        state = next;
        tapes.push(tape);
    }
    // Each window is judged by its own last step, so nothing is divided by their number.
    let h = state.h.mapv(|v| v as f32); // (B, H)
    let logits = model.linear.forward(&h).mapv(f64::from); // (B, V) (R3)
    let loss = cross_entropy(logits, &targets.row(LENGTH - 1).to_vec(), 1);
    let dh = loss.gradient.dot(&model.linear.weight.mapv(f64::from)); // (B, H) (R7)

    let last: Vec<f64> = dh.outer_iter().map(norm).collect(); // (B)
    // The geometric mean, so that a few windows with large gradients do not stand for all.
    let share = |d: &Array2<f64>| {
        let logs = d.outer_iter().zip(&last).map(|(row, last)| (norm(row) / last).ln());
        (logs.sum::<f64>() / windows as f64).exp()
    };
    let mut d = State { h: dh, ..State::zeros(cell, windows, hidden) };
    let mut curve = Curve { h: vec![1.0], c: d.c.as_ref().map(|_| vec![0.0]) };
    let mut unused = CellParams::zeros(cell, params.input(), hidden, true);
    for tape in tapes.iter().rev().take(FARTHEST) {
        (_, d) = step_backward(&params, tape, &d, &mut unused); // (R8) (R10)
        curve.h.push(share(&d.h));
        if let (Some(curve), Some(dc)) = (&mut curve.c, &d.c) {
            curve.push(share(dc));
        }
    }
    curve
}

fn norm(v: ArrayView1<f64>) -> f64 {
    v.dot(&v).sqrt()
}

/// The norms fall below what `f32` can hold, so they are followed in `f64`.
fn in_f64(p: &CellParams<f32>) -> CellParams<f64> {
    CellParams {
        weight_ih: p.weight_ih.mapv(Float::as_f64),
        weight_hh: p.weight_hh.mapv(Float::as_f64),
        bias_ih: p.bias_ih.as_ref().map(|b| b.mapv(Float::as_f64)),
        bias_hh: p.bias_hh.as_ref().map(|b| b.mapv(Float::as_f64)),
    }
}

/// Distances in the tables.
const SHOWN: [usize; 6] = [1, 5, 10, 20, 40, 80];

/// Measures and shows.
pub(super) fn run(lesson: &mut Lesson, play: &Play, size: Size, seed: u64) -> Result<()> {
    lesson.subheading("How far back does a gradient reach?");
    let all = measure_all(play, size, seed)?;
    let [rnn, gru, lstm, remembering] = &all[..] else { unreachable!("four networks") };
    lesson.say(&format!(
        "{LENGTH} characters are read, and the loss of the last one is followed back. In a new RNN, the gradient that \
         arrives 20 steps earlier is {:.0e} of what it was. It lost more than half of its length in every step: the \
         factor per step is {:.2}. Chapter 1 predicts 0.58 from the default weights, before tanh takes its share. \
         {} units; geometric means over {} places in held-out text.",
        rnn.new.h[20],
        rnn.new.factor(),
        size.hidden,
        size.windows,
    ));
    show_curves(lesson, "new", "New network", &all, |m| &m.new);
    lesson.say(&format!(
        "An LSTM's state has two parts, and so has its gradient. dL/dh passes through the gates and W_hh, as in an RNN; \
         dL/dc is multiplied by the forget gate alone, and by no matrix. That is the path that can last, and dL/dh lives \
         on what leaks from it. But a new LSTM forgets: its forget gate stands near σ(0) = 0.5, and its gradient vanishes too, \
         by a factor of {:.2} a step. Adding 1 to the gate's bias, σ(1) = 0.73, makes it {:.2}. (The units whose gates stand open \
         widest rule at long distances, so both lie above the gate's middle value.) In the GRU the gate z plays that role: \
         {:.2}. The cell alone does not save the gradient; the value of its gate does.",
        lstm.new.factor(),
        remembering.new.factor(),
        gru.new.factor(),
    ));
    show_curves(lesson, "trained", "Trained network", &all, |m| &m.trained);
    let losses: Vec<_> = all.iter().map(|m| format!("{} {:.2}", m.network.name, m.nats)).collect();
    let gap = |factor: fn(&Measured) -> f64| (factor(remembering) - factor(lstm)).abs();
    lesson.say(&format!(
        "After {} updates the losses on held-out text, in nats per character, are: {}. Forty steps back the LSTM's gradient is now \
         {:.0e} times the RNN's. Training has moved the gates: with the raised bias the factor went from {:.2} to {:.2} a step, without it \
         from {:.2} to {:.2}. The two end {} than they began: a gate stays open for what the data make useful, and most of what \
         predicts a character stands near it. That is also why the losses say so little about the reach. The far end hangs on a few slow units: \
         try --seed 2 and 3 and see the GRU's factor change.",
        size.updates,
        losses.join(", "),
        lstm.trained.h[40] / rnn.trained.h[40],
        remembering.new.factor(),
        remembering.trained.factor(),
        lstm.new.factor(),
        lstm.trained.factor(),
        if gap(|m| m.trained.factor()) < gap(|m| m.new.factor()) { "closer together" } else { "farther apart" },
    ));
    for m in &all {
        lesson.number(&format!("gradients.{}_nats_per_char", m.network.key), m.nats);
    }
    Ok(())
}

/// A table and a figure of one state of all networks.
fn show_curves(
    lesson: &mut Lesson,
    key: &str,
    title: &str,
    all: &[Measured],
    of: fn(&Measured) -> &Curve,
) {
    let columns = SHOWN.map(|k| format!("k={k}"));
    let header = [title.into(), "gradient".into()].into_iter().chain(columns);
    let mut table = Table::new(header.chain(["per step".into()])).caption(
        "Norm of the gradient k steps before the last, as a share of that of dL/dh at the last step. Per step: the mean \
         factor between the distances 10 and 40.",
    );
    let alt = format!(
        "Lines: the norm of the gradient over the distance, {}; all fall, the RNN's by far the steepest.",
        title.to_lowercase()
    );
    let mut chart =
        LineChart::new(format!("How far the gradient reaches: {}", title.to_lowercase()), alt)
            .x("distance k, steps back")
            .y("norm, as a share of that at k = 0")
            .log_y()
            .caption("Logarithmic: a straight line is a constant factor per step.");
    for m in all {
        let (name, curve) = (m.network.name, of(m));
        let row = |gradient: &str, norms: &[f64], factor: String| {
            let shares = SHOWN.map(|k| format!("{:.0e}", norms[k]));
            let ends = ([name.to_owned(), gradient.to_owned()], [factor]);
            ends.0.into_iter().chain(shares).chain(ends.1).collect::<Vec<_>>()
        };
        table.push(row("dL/dh", &curve.h, format!("{:.3}", curve.factor())));
        chart = chart.series(name, &points(&curve.h));
        if let Some(c) = &curve.c {
            table.push(row("dL/dc", c, String::new()));
        }
        lesson.number(&format!("gradients.{}_{key}_factor", m.network.key), curve.factor());
        for k in SHOWN {
            lesson.number(&format!("gradients.{}_{key}_dh_k{k}", m.network.key), curve.h[k]);
            if let Some(c) = &curve.c {
                lesson.number(&format!("gradients.{}_{key}_dc_k{k}", m.network.key), c[k]);
            }
        }
    }
    if let Some(c) = all.iter().find(|m| m.network.key == "lstm").and_then(|m| of(m).c.as_ref()) {
        chart = chart.series("LSTM, dL/dc", &points(c));
    }
    lesson.table(&table);
    lesson.line_chart(&chart);
}

fn points(norms: &[f64]) -> Vec<(f64, f64)> {
    norms.iter().enumerate().map(|(k, &norm)| (k as f64, norm)).collect()
}
