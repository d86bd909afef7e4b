//! The figures of chapter 2: the forget bias, and the time scales of the units.

use anyhow::Result;
use lesson::plot::{Figure, LineChart};
use ndarray::{Array3, Axis, s};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rnn_basics::gradients::distance;
use rnn_basics::text::Play;
use seqcore::cells::Cell;
use seqcore::init;
use seqcore::models::language::{LanguageConfig, LanguageModel};
use seqcore::nn::RecurrentTape;
use seqcore::sequence::Input;

use crate::chapter1::every_second;
use crate::data::{Data, Series, Tolerance};
use crate::spec::{SEED, Spec, lines};

pub const FIGURES: [Spec; 2] = [
    Spec {
        name: "02_time_scales",
        how: "Networks of 64 units read 64 stretches of 100 characters of held-out text; a unit's f is the geometric mean of its forget gate after the first 20 steps; two of them trained for 300 updates",
        tolerance: Tolerance::Share(0.3),
        measure: time_scales,
        draw: draw_time_scales,
    },
    Spec {
        name: "02_forget_bias",
        how: "New networks of 64 units read 100 characters of held-out text; gradient of the last step's loss as a share of dL/dh at the last step; geometric mean of 64 places; f64",
        tolerance: Tolerance::Share(0.02),
        measure: forget_bias,
        draw: draw_forget_bias,
    },
];

/// H and E.
const HIDDEN: usize = 64;
/// Stretches of held-out text.
const PLACES: usize = 64;
/// T_max of the chrono initialisation.
const LONGEST: f64 = 100.0;
/// Updates of the short training.
const UPDATES: usize = 300;

/// A new network on the play's characters.
fn new(play: &Play, cell: Cell) -> LanguageModel<f32> {
    let config = LanguageConfig {
        vocabulary: play.vocabulary,
        embedding: HIDDEN,
        cell,
        hidden: HIDDEN,
        layers: 1,
        dropout: 0.0,
    };
    LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(SEED))
}

fn with_forget_bias(play: &Play, value: f64) -> LanguageModel<f32> {
    let mut model = new(play, Cell::Lstm);
    let bias = model.rnn.cells[0].bias_ih.as_mut().expect("a layer with bias");
    init::add_forget_bias(bias, value);
    model
}

fn with_chrono(play: &Play) -> Result<LanguageModel<f32>> {
    let mut model = new(play, Cell::Lstm);
    let cell = &mut model.rnn.cells[0];
    let (ih, hh) = (cell.bias_ih.as_mut(), cell.bias_hh.as_mut());
    let (ih, hh) = (ih.expect("a layer with bias"), hh.expect("a layer with bias"));
    init::chrono(Cell::Lstm, ih, hh, LONGEST, &mut ChaCha8Rng::seed_from_u64(SEED + 1))?;
    Ok(model)
}

/// How far the gradient reaches in new networks: an RNN, and LSTMs with four forget biases.
fn forget_bias() -> Result<Vec<Series>> {
    let play = Play::new()?;
    let rnn = distance::measure(&new(&play, Cell::RnnTanh), &play, PLACES);
    let mut all = vec![Series::new("RNN, dL/dh", every_second(&rnn.h))];
    let mut cell = |name: String, model: &LanguageModel<f32>| {
        let curve = distance::measure(model, &play, PLACES).c.expect("an LSTM has a cell");
        all.push(Series::new(name, every_second(&curve)));
    };
    for bias in [0.0, 1.0, 2.0] {
        cell(format!("LSTM, dL/dc, forget bias {bias}"), &with_forget_bias(&play, bias));
    }
    cell(format!("LSTM, dL/dc, chrono to {LONGEST}"), &with_chrono(&play)?);
    Ok(all)
}

fn draw_forget_bias(data: &Data) -> Figure {
    let chart = LineChart::new(
        "How far a new network's gradient reaches",
        "Five curves over distance on a logarithmic axis. The RNN's gradient falls fastest. The LSTM's cell gradient falls more \
         slowly the larger its forget bias, 0, 1 or 2; with chrono initialisation it loses less than a factor of ten in eighty steps.",
    )
    .x("distance k (steps back)")
    .y("norm, as a share")
    .log_y();
    lines(chart, data)
}

/// 1 / (1 − f) of every unit, the shortest first.
fn scales(model: &LanguageModel<f32>, play: &Play) -> Vec<f64> {
    let (inputs, _) = play.windows(distance::LENGTH, PLACES); // (T, B)
    let (time, batch) = inputs.dim();
    let vectors = &model.embedding.weight; // (V, E)
    let x = Array3::from_shape_fn((time, batch, HIDDEN), |(t, b, e)| vectors[[inputs[[t, b]], e]]);
    let mut tape: RecurrentTape<f32> = RecurrentTape::default();
    let start = model.zero_state(batch);
    model.rnn.forward(Input::Dense(x.view()), None, &start, None, &mut tape);
    let record = model.rnn.record(0, Input::Dense(x.view()), &tape);
    let forget = record.gates.slice(s![20.., .., HIDDEN..2 * HIDDEN]); // (T - 20, B, H) (L3)
    let logs = forget.mapv(|f| f64::from(f).ln());
    let means = logs.mean_axis(Axis(0)).and_then(|mean| mean.mean_axis(Axis(0)));
    let mut scales: Vec<f64> =
        means.expect("steps and places").iter().map(|log| 1.0 / (1.0 - log.exp())).collect();
    scales.sort_by(f64::total_cmp);
    scales
}

fn time_scales() -> Result<Vec<Series>> {
    let play = Play::new()?;
    let line = |name: &str, model: &LanguageModel<f32>| {
        let units = scales(model, &play).into_iter().enumerate().skip(1).step_by(3);
        Series::new(name, units.map(|(i, scale)| ((i + 1) as f64, scale)))
    };
    let mut one = with_forget_bias(&play, 1.0);
    let mut chrono = with_chrono(&play)?;
    let mut all = vec![
        line("new, forget bias 0", &with_forget_bias(&play, 0.0)),
        line("new, forget bias 1", &one),
        line("new, chrono to 100", &chrono),
    ];
    distance::train(&mut one, &play, UPDATES)?;
    distance::train(&mut chrono, &play, UPDATES)?;
    all.push(line("trained, began with bias 1", &one));
    all.push(line("trained, began with chrono", &chrono));
    Ok(all)
}

fn draw_time_scales(data: &Data) -> Figure {
    let chart = LineChart::new(
        "Sixty-four units, sixty-four time scales",
        "Five rising curves, the units of a network sorted by time scale, on a logarithmic axis. New networks with forget \
         bias 0 and 1 are nearly flat at 2 and at 3 to 5 steps; chrono spreads its units from 3 to 90. After training both \
         curves are steeper: from 1 to 27 steps where it began with bias 1, from 1 to several hundred where it began with chrono.",
    )
    .x("unit, sorted")
    .y("time scale 1/(1 − f), steps")
    .log_y();
    lines(chart, data)
}
