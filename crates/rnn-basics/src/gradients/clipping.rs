//! Exploding gradients, with and without clipping (R16).
//!
//! A small network is given a W_hh of large spectral radius and is trained with plain SGD and a
//! large learning rate; then the same with the gradient's norm limited. Several seeds, since an
//! explosion is a matter of luck.

use lesson::plot::{LineChart, Table};
use lesson::{Lesson, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::cells::Cell;
use seqcore::data::Streams;
use seqcore::models::language::{LanguageConfig, LanguageModel, LanguageTape};
use seqcore::optim::{Optimiser, clip_global_norm};

use crate::spectral::spectral_radius;
use crate::text::Play;

/// One kind of network and how it is trained.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// In tables.
    pub name: &'static str,
    /// In `metrics.json`.
    pub key: &'static str,
    /// tanh or relu.
    pub cell: Cell,
    /// ρ(W_hh) at the start.
    pub rho: f64,
    /// The learning rate of SGD.
    pub rate: f64,
}

/// tanh limits the state, relu does not.
pub const SETTINGS: [Setting; 3] = [
    Setting { name: "tanh", key: "tanh_mild", cell: Cell::RnnTanh, rho: 1.5, rate: 1.0 },
    Setting { name: "tanh", key: "tanh_wild", cell: Cell::RnnTanh, rho: 3.0, rate: 1.0 },
    Setting { name: "relu", key: "relu", cell: Cell::RnnRelu, rho: 1.2, rate: 1.0 },
];

/// H; the embedding has the same size.
const HIDDEN: usize = 32;

/// The limit of the norm.
pub const LIMIT: f64 = 1.0;

/// The size of the experiment.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Runs of each kind.
    pub seeds: u64,
    /// Updates of a run.
    pub updates: usize,
}

impl Size {
    /// Of the tour.
    pub const TOUR: Self = Self { seeds: 4, updates: 150 };
    /// With `--full`.
    pub const FULL: Self = Self { seeds: 8, updates: 400 };
}

/// The course of one run. A run ends early where its loss is no longer a number.
#[derive(Debug, Clone)]
pub struct Run {
    /// The gradient's norm at each update, before clipping.
    pub norms: Vec<f64>,
    /// The norm of what was stepped along.
    pub used: Vec<f64>,
    /// The loss at each update, in nats per character.
    pub losses: Vec<f64>,
    /// The share of states beyond ±0.99 at the last update: where tanh is flat.
    pub saturated: f64,
}

impl Run {
    /// The largest norm of the gradient that was a number.
    pub fn largest_norm(&self) -> f64 {
        self.norms.iter().copied().filter(|n| n.is_finite()).fold(0.0, f64::max)
    }

    /// The mean loss of the last twenty updates; NaN if the run broke off.
    pub fn final_loss(&self) -> f64 {
        if self.broke() { f64::NAN } else { mean(&self.losses[self.losses.len() - 20..]) }
    }

    /// Whether loss or gradient stopped being a number.
    pub fn broke(&self) -> bool {
        [&self.losses, &self.norms].iter().any(|list| list.iter().any(|v| !v.is_finite()))
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The same start without and with clipping.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The seed of its weights.
    pub seed: u64,
    /// Without.
    pub free: Run,
    /// With.
    pub clipped: Run,
}

/// Trains from `size.seeds` starts, each without and with clipping.
///
/// # Errors
/// None with the embedded text.
pub fn measure(play: &Play, setting: Setting, size: Size, seed: u64) -> Result<Vec<Pair>> {
    (0..size.seeds)
        .into_par_iter()
        .map(|k| {
            let seed = seed.wrapping_add(k);
            let free = train(play, setting, size.updates, seed, None)?;
            let clipped = train(play, setting, size.updates, seed, Some(LIMIT))?;
            Ok(Pair { seed, free, clipped })
        })
        .collect()
}

fn train(
    play: &Play,
    setting: Setting,
    updates: usize,
    seed: u64,
    limit: Option<f64>,
) -> Result<Run> {
    let (cell, hidden) = (setting.cell, HIDDEN);
    let (vocabulary, layers, dropout) = (play.vocabulary, 1, 0.0);
    let config = LanguageConfig { vocabulary, embedding: HIDDEN, cell, hidden, layers, dropout };
    let mut model = LanguageModel::<f64>::new(&config, &mut ChaCha8Rng::seed_from_u64(seed));
    let weight_hh = &mut model.rnn.cells[0].weight_hh;
    let factor = setting.rho / spectral_radius(weight_hh.view());
    *weight_hh *= factor;

    let streams = Streams::new(play.train.clone(), 8, 64)?;
    let mut optimiser = Optimiser::new("sgd".parse()?, &model)?;
    let mut gradient = model.zero_gradient();
    let mut tape = LanguageTape::<f64>::default();
    let mut state = model.zero_state(streams.streams());
    let mut run = Run { norms: Vec::new(), used: Vec::new(), losses: Vec::new(), saturated: 0.0 };
    for update in 0..updates {
        let batch = streams.batch(update);
        if batch.starts_epoch {
            state = model.zero_state(streams.streams());
        }
        let (inputs, targets) = (batch.inputs.view(), batch.targets.view());
        gradient.set_zero();
        let loss = model.loss_and_gradient(
            inputs,
            targets,
            targets.len(),
            &state,
            None,
            &mut tape,
            &mut gradient,
        );
        state = tape.rnn.last().clone();
        let norm = clip_global_norm(&mut gradient, limit.unwrap_or(f64::INFINITY)); // (R16)
        run.losses.push(loss.mean());
        run.norms.push(norm);
        run.used.push(norm.min(limit.unwrap_or(norm)));
        if !loss.mean().is_finite() || !norm.is_finite() {
            break;
        }
        optimiser.step(&mut model, &gradient, setting.rate);
    }
    let states = tape.rnn.output();
    run.saturated = states.iter().filter(|h| h.abs() > 0.99).count() as f64 / states.len() as f64;
    Ok(run)
}

/// Measures and shows.
pub(super) fn run(lesson: &mut Lesson, play: &Play, size: Size, seed: u64) -> Result<()> {
    lesson.subheading("Exploding gradients, and clipping");
    let mut all = Vec::new();
    for setting in SETTINGS {
        all.push((setting, measure(play, setting, size, seed)?));
    }
    let [_, (wild, pairs), _] = &all[..] else { unreachable!("three settings") };
    let first = &pairs[0];
    lesson.say(&format!(
        "A tanh network of {HIDDEN} units with a spectral radius of {}: the norm of its very first gradient is {:.0e}. One step \
         along it with learning rate {} throws the weights that far. Scaled to a norm of at most {LIMIT} (R16), the same gradient makes a \
         step like any other. After {} updates of SGD the losses are {:.2} without clipping and {:.2} with it.",
        wild.rho, first.free.norms[0], wild.rate, size.updates, first.free.final_loss(), first.clipped.final_loss(),
    ));
    let mut table = Table::new(["network", "seed", "norm, free", "loss, free", "norm, clipped", "loss, clipped"]).caption(
        "The largest norm of the gradient in a run (before it was clipped, if it was) and the mean loss of the last twenty updates, in nats per \
         character. NaN: loss or gradient stopped being a number at that update.",
    );
    for (setting, pairs) in &all {
        for Pair { seed, free, clipped } in pairs {
            let loss = |run: &Run| match run.broke() {
                true => format!("NaN at {}", run.losses.len()),
                false => format!("{:.2}", run.final_loss()),
            };
            table.push([
                format!("{}, ρ={}", setting.name, setting.rho),
                seed.to_string(),
                format!("{:.0e}", free.largest_norm()),
                loss(free),
                format!("{:.0e}", clipped.largest_norm()),
                loss(clipped),
            ]);
        }
        report(lesson, setting, pairs);
    }
    lesson.table(&table);
    lesson.line_chart(&chart(
        format!("Gradient norm, tanh with ρ = {}", wild.rho),
        "Lines: the gradient's norm over the updates. Without clipping it begins very high and stays near one \
         after a single step; with clipping it comes down over several steps. What is used lies at or below the limit.",
        "norm of the gradient",
        [("free", &first.free.norms), ("clipped, before", &first.clipped.norms), ("clipped, used", &first.clipped.used)],
    ));
    lesson.line_chart(&chart(
        format!("Loss, tanh with ρ = {}", wild.rho),
        "Lines: the loss over the updates. Without clipping it falls at once and ends on a plateau; with clipping it falls \
         later and further.",
        "nats/char",
        [("free", &first.free.losses), ("clipped", &first.clipped.losses)],
    ));
    conclude(lesson, &all);
    Ok(())
}

/// The numbers of one setting.
fn report(lesson: &mut Lesson, setting: &Setting, pairs: &[Pair]) {
    let over = |f: &dyn Fn(&Pair) -> f64| mean(&pairs.iter().map(f).collect::<Vec<_>>());
    let largest = |f: &dyn Fn(&Pair) -> f64| pairs.iter().map(f).fold(0.0, f64::max);
    let numbers = [
        ("free_loss", over(&|p| p.free.final_loss())),
        ("clipped_loss", over(&|p| p.clipped.final_loss())),
        ("free_broken", over(&|p| f64::from(p.free.broke()))),
        ("clipped_broken", over(&|p| f64::from(p.clipped.broke()))),
        ("free_largest_norm", largest(&|p| p.free.largest_norm())),
        ("clipped_largest_norm", largest(&|p| p.clipped.largest_norm())),
    ];
    for (what, value) in numbers {
        lesson.number(&format!("gradients.{}_{what}", setting.key), value);
    }
}

fn chart<const N: usize>(
    title: String,
    alt: &str,
    y: &str,
    curves: [(&str, &Vec<f64>); N],
) -> LineChart {
    let chart = LineChart::new(title, alt)
        .x("update")
        .y(y)
        .log_y()
        .caption("The first seed; the table has the others.");
    curves.into_iter().fold(chart, |chart, (name, values)| {
        let points: Vec<_> = values.iter().enumerate().map(|(k, &v)| (k as f64, v)).collect();
        chart.series(name, &points)
    })
}

/// What the runs say.
fn conclude(lesson: &mut Lesson, all: &[(Setting, Vec<Pair>)]) {
    let [(mild, calm), (wild, stuck), (relu, broken)] = all else { unreachable!("three settings") };
    let highest = calm.iter().map(|p| p.free.largest_norm()).fold(0.0, f64::max);
    let over =
        |pairs: &[Pair], f: &dyn Fn(&Pair) -> f64| mean(&pairs.iter().map(f).collect::<Vec<_>>());
    let early = [
        over(stuck, &|p| mean(&p.free.losses[10..30])),
        over(stuck, &|p| mean(&p.clipped.losses[10..30])),
    ];
    let late = [over(stuck, &|p| p.free.final_loss()), over(stuck, &|p| p.clipped.final_loss())];
    let breaks = |f: fn(&Pair) -> bool| broken.iter().filter(|p| f(p)).count();
    lesson.say(&format!(
        "With tanh and ρ = {} {}: saturation holds the gradient, as above.\n\n\
         With tanh and ρ = {} the loss does not become NaN, since states stay between −1 and 1. There is no warning either: over the \
         updates 11 to 30 the mean loss is {:.2} without clipping and {:.2} with it, {}. But at the end {:.0} % \
         of its states lie beyond ±0.99, where tanh is flat and W_hh hardly learns ({:.0} % with clipping). From the second update on its gradient has \
         a norm of {:.1} on average, which looks healthy; only the last losses, on average {:.2} and {:.2}, tell what the first step cost.\n\n\
         With relu and ρ = {} nothing holds the state. Of {} runs, {} end in NaN without clipping and {} with it. Clipping limits \
         the step, not the forward pass: a matrix so large that the state itself explodes needs smaller weights.",
        mild.rho,
        if highest < 3.0 {
            format!("nothing explodes (largest norm {highest:.1}) and clipping has nothing to do")
        } else {
            format!("the largest norm is {highest:.0e}")
        },
        wild.rho,
        early[0],
        early[1],
        if early[0] < early[1] { "so the exploded run is even ahead" } else { "a small difference" },
        100.0 * over(stuck, &|p| p.free.saturated),
        100.0 * over(stuck, &|p| p.clipped.saturated),
        over(stuck, &|p| mean(&p.free.norms[1..])),
        late[0],
        late[1],
        relu.rho,
        broken.len(),
        breaks(|p| p.free.broke()),
        breaks(|p| p.clipped.broke()),
    ));
}
