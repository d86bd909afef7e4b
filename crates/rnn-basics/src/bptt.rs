//! Part 2, **bptt**: the network of [`scratch`](crate::scratch), proved right in two ways, and
//! what backpropagation through time loses when it is cut.
//!
//! 1. Against the derivative of the loss itself (finite differences), and against `seqcore`.
//! 2. The gradient that is cut every k steps against the full one, on the play: the cosine
//!    between the two, and how long the one is beside the other, for dW_hh.

use lesson::plot::{LineChart, Table};
use lesson::{Lesson, Result};
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::cells::unroll::Reference;
use seqcore::cells::{Cell, CellParams};
use seqcore::fused::Fused;
use seqcore::gradcheck::{self, Report};
use seqcore::models::language::{LanguageConfig, LanguageGradient, LanguageModel, LanguageTape};
use seqcore::nn::Linear;
use seqcore::optim::{Optimiser, clip_global_norm};
use seqcore::sequence::Engine;

use crate::scratch::{Rnn, loss};
use crate::text::{PLAY, PLAY_NAME, Play};

seqcore::named!(Rnn { weight_ih, weight_hh, bias, weight_hy, bias_y });

/// What the check reads; it should say the same, one letter ahead.
pub const CHECK_TEXT: &str = "THE TONGUELESS BELL";
/// Where the check's second gradient is cut.
pub const CHECK_CUT: usize = 6;

/// The gradients of a small network, held against finite differences.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The mean loss, in nats per character.
    pub loss: f64,
    /// The full gradient.
    pub full: Report,
    /// The gradient that was cut every [`CHECK_CUT`] steps.
    pub cut: Report,
}

/// Checks every gradient of a network of 8 units that reads [`CHECK_TEXT`].
pub fn check(seed: u64) -> Checked {
    let mut letters: Vec<char> = CHECK_TEXT.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let number = |c| letters.binary_search(&c).expect("a letter of the text");
    let ids: Vec<usize> = CHECK_TEXT.chars().map(number).collect();
    let (inputs, targets) = (&ids[..ids.len() - 1], &ids[1..]);

    let mut rnn = Rnn::new(letters.len(), 8, &mut ChaCha8Rng::seed_from_u64(seed));
    let h = rnn.zero_state();
    let steps = rnn.forward(inputs, &h);
    let loss_of = |rnn: &Rnn| loss(&rnn.forward(inputs, &h), targets);
    let full = rnn.backward(&steps, targets, inputs.len());
    let cut = rnn.backward(&steps, targets, CHECK_CUT);
    Checked {
        loss: loss(&steps, targets),
        full: gradcheck::check(&mut rnn, &full, loss_of),
        cut: gradcheck::check(&mut rnn, &cut, loss_of),
    }
}

/// The largest differences between the network from scratch and `seqcore`'s, weights and text
/// being the same; gradients as a share of the largest number of their array.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Of the loss, in nats per character.
    pub loss: f64,
    /// Of the gradient, by array.
    pub gradients: Vec<(&'static str, f64)>,
}

impl Difference {
    /// The largest of the gradients' differences.
    pub fn worst(&self) -> f64 {
        self.gradients.iter().map(|g| g.1).fold(0.0, f64::max)
    }
}

/// Compares the network with `seqcore`'s language model, run by the engine `E`, on the first
/// `length` characters of the play's held-out text.
pub fn against_seqcore<E: Engine<f64>>(play: &Play, length: usize, seed: u64) -> Difference {
    let rnn = Rnn::new(play.vocabulary, HIDDEN, &mut ChaCha8Rng::seed_from_u64(seed));
    let (inputs, targets) = (&play.held_out[..length], &play.held_out[1..=length]);
    let steps = rnn.forward(inputs, &rnn.zero_state());
    let ours = rnn.backward(&steps, targets, length);

    let model = as_language_model(&rnn);
    let column = |ids: &[usize]| Array2::from_shape_vec((length, 1), ids.to_vec()).expect("(T, 1)");
    let mut theirs = model.zero_gradient();
    let their_loss = model.loss_and_gradient(
        column(inputs).view(),
        column(targets).view(),
        length,
        &model.zero_state(1),
        None,
        &mut LanguageTape::<f64, E>::default(),
        &mut theirs,
    );
    Difference {
        loss: (loss(&steps, targets) - their_loss.mean()).abs(),
        gradients: differences(&ours, &theirs),
    }
}

/// The same network in `seqcore`'s layers. A one-hot vector is what an embedding with the
/// identity for its table looks up.
fn as_language_model(rnn: &Rnn) -> LanguageModel<f64> {
    let (vocabulary, hidden) = rnn.weight_hy.dim();
    let (embedding, cell, layers) = (vocabulary, Cell::RnnTanh, 1);
    let config = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout: 0.0 };
    let mut model = LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(0));
    model.embedding.weight = Array2::eye(vocabulary);
    model.rnn.cells[0] = CellParams {
        weight_ih: rnn.weight_ih.clone(),
        weight_hh: rnn.weight_hh.clone(),
        bias_ih: Some(rnn.bias.clone()),
        bias_hh: Some(Array1::zeros(hidden)),
    };
    model.linear = Linear { weight: rnn.weight_hy.clone(), bias: Some(rnn.bias_y.clone()) };
    model
}

fn differences(ours: &Rnn, theirs: &LanguageGradient<f64>) -> Vec<(&'static str, f64)> {
    let cell = &theirs.rnn.cells[0];
    let bias = |bias: &Option<Array1<f64>>| bias.clone().expect("a layer with bias").into_dyn();
    let pairs = [
        ("weight_ih", &ours.weight_ih.clone().into_dyn(), cell.weight_ih.clone().into_dyn()),
        ("weight_hh", &ours.weight_hh.clone().into_dyn(), cell.weight_hh.clone().into_dyn()),
        ("bias", &ours.bias.clone().into_dyn(), bias(&cell.bias_ih)),
        ("weight_hy", &ours.weight_hy.clone().into_dyn(), theirs.linear.weight.clone().into_dyn()),
        ("bias_y", &ours.bias_y.clone().into_dyn(), bias(&theirs.linear.bias)),
    ];
    let largest =
        |values: ndarray::ArrayD<f64>| values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    pairs.map(|(name, a, b)| (name, largest(a - &b) / largest(b))).to_vec()
}

/// H in the experiment on the play.
const HIDDEN: usize = 64;

/// The size of the experiment on the play.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// T, characters in a sequence; a power of two.
    pub length: usize,
    /// Over how many sequences the gradient is averaged.
    pub sequences: usize,
    /// Updates of the short training.
    pub updates: usize,
}

impl Size {
    /// Of the tour.
    pub const TOUR: Self = Self { length: 128, sequences: 48, updates: 1000 };
    /// With `--full`.
    pub const FULL: Self = Self { length: 256, sequences: 256, updates: 4000 };
}

/// Characters of an update, and steps after which its gradient is cut.
pub const TRAIN_STEPS: usize = 64;

/// Trains `rnn` on the play, one stretch of [`TRAIN_STEPS`] characters after the other, the
/// state carried on. Returns the mean loss of the last hundred updates.
///
/// # Errors
/// None: the optimiser's settings are its defaults.
pub fn train(rnn: &mut Rnn, play: &Play, updates: usize) -> Result<f64> {
    let mut optimiser = Optimiser::new("adam".parse()?, rnn)?;
    let mut h = rnn.zero_state();
    let mut recent = Vec::new();
    let stretches = (play.train.len() - 1) / TRAIN_STEPS;
    for update in 0..updates {
        let start = update % stretches * TRAIN_STEPS;
        let steps = rnn.forward(&play.train[start..start + TRAIN_STEPS], &h);
        let targets = &play.train[start + 1..=start + TRAIN_STEPS];
        let mut gradient = rnn.backward(&steps, targets, TRAIN_STEPS);
        clip_global_norm(&mut gradient, 1.0); // (R16)
        optimiser.step(rnn, &gradient, 3e-3 * (1.0 - 0.9 * update as f64 / updates as f64));
        h.assign(&steps[TRAIN_STEPS - 1].h);
        if update + 100 >= updates {
            recent.push(loss(&steps, targets));
        }
    }
    Ok(recent.iter().sum::<f64>() / recent.len() as f64)
}

/// The cut gradient beside the full one, for one k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truncation {
    /// The gradient is cut every k steps.
    pub k: usize,
    /// The cosine between the two dW_hh: 1 where they point the same way.
    pub cosine: f64,
    /// The norm of the cut dW_hh as a share of the full one's.
    pub norm: f64,
}

/// Compares dW_hh, averaged over stretches of held-out text, for k = 1, 2, 4, ... up to their length.
pub fn truncation(rnn: &Rnn, play: &Play, size: Size) -> Vec<Truncation> {
    let (inputs, targets) = play.windows(size.length, size.sequences); // (T, B)
    let ks: Vec<usize> = (0..=size.length.ilog2()).map(|power| 1 << power).collect();
    // One gradient for every k of every sequence; collected, and so added up, in order.
    let each: Vec<Vec<Array2<f64>>> = (0..size.sequences)
        .into_par_iter()
        .map(|b| {
            let (inputs, targets) = (inputs.column(b).to_vec(), targets.column(b).to_vec());
            let steps = rnn.forward(&inputs, &rnn.zero_state());
            ks.iter().map(|&k| rnn.backward(&steps, &targets, k).weight_hh).collect()
        })
        .collect();
    let total =
        |i: usize| each.iter().fold(Array2::zeros(rnn.weight_hh.dim()), |sum, g| sum + &g[i]);
    let full = total(ks.len() - 1);
    let dot = |a: &Array2<f64>, b: &Array2<f64>| (a * b).sum();
    let norm = |a: &Array2<f64>| dot(a, a).sqrt();
    let compare = |(i, &k)| {
        let cut = total(i);
        let cosine = dot(&cut, &full) / (norm(&cut) * norm(&full));
        Truncation { k, cosine, norm: norm(&cut) / norm(&full) }
    };
    ks.iter().enumerate().map(compare).collect()
}

/// Runs the part.
///
/// # Errors
/// None with the embedded text.
pub fn run(lesson: &mut Lesson, seed: u64, full: bool) -> Result<()> {
    lesson.heading("2 · Backpropagation through time, from scratch");
    lesson.data(PLAY_NAME, PLAY.as_bytes());
    let play = Play::new()?;
    lesson.say(
        "The file crates/rnn-basics/src/scratch.rs is a whole recurrent network in plain arrays: forwards, backwards, \
         each line with its equation. It uses no layer of the library. Read it first; it is short. Is it right? \
         Two proofs.",
    );
    show_check(lesson, &check(seed));
    show_comparison(lesson, &play, seed);

    lesson.subheading("What does cutting cost?");
    let size = if full { Size::FULL } else { Size::TOUR };
    let mut rnn = Rnn::new(play.vocabulary, HIDDEN, &mut ChaCha8Rng::seed_from_u64(seed));
    let before = truncation(&rnn, &play, size);
    let trained_loss = train(&mut rnn, &play, size.updates)?;
    let after = truncation(&rnn, &play, size);
    lesson.number("bptt.trained_nats_per_char", trained_loss);
    show_truncation(lesson, size, trained_loss, &before, &after);
    Ok(())
}

fn show_check(lesson: &mut Lesson, checked: &Checked) {
    lesson.subheading("Against the derivative of the loss");
    lesson.say(&format!(
        "A network of 8 units reads \"{CHECK_TEXT}\"; its loss is {:.4} nats per character. Each weight in turn is \
         nudged up and down by 0.00001, and the derivative of the loss is compared with what backpropagation says. In \
         the last column the way back was cut every {CHECK_CUT} steps.",
        checked.loss
    ));
    let mut table =
        Table::new(["array", "shape", "backprop", "measured", "error", "error, cut"]).caption(
            "For each array the number with the largest relative error of the full gradient, and the largest error of the cut one.",
        );
    for (full, cut) in checked.full.arrays.iter().zip(&checked.cut.arrays) {
        let shape: Vec<_> = full.shape.iter().map(usize::to_string).collect();
        table.push([
            full.name.clone(),
            shape.join(" × "),
            format!("{:.8}", full.analytic),
            format!("{:.8}", full.numeric),
            format!("{:.0e}", full.error),
            format!("{:.0e}", cut.error),
        ]);
    }
    lesson.table(&table);
    lesson.say(
        "Errors far below 1e-6 are rounding: the gradient is right. The cut gradient passes for weight_hy and bias_y, \
         through which nothing goes back in time, and fails for the rest: an error of 1 means that not even the size or the sign \
         is right somewhere.",
    );
    lesson.number("bptt.check_loss", checked.loss);
    lesson.number("bptt.check_worst_error", checked.full.worst());
    lesson.number("bptt.check_worst_error_cut", checked.cut.worst());
}

fn show_comparison(lesson: &mut Lesson, play: &Play, seed: u64) {
    lesson.subheading("Against the library");
    let length = 200;
    let reference = against_seqcore::<Reference>(play, length, seed);
    let fused = against_seqcore::<Fused>(play, length, seed);
    lesson.say(&format!(
        "The same weights in seqcore's layers, once step by step (cells) and once by its fast path (fused), {length} \
         characters of the play. The losses agree to {:.0e} nats. The gradients:",
        reference.loss.max(fused.loss).max(1e-16)
    ));
    let mut table = Table::new(["gradient of", "cells", "fused"])
        .caption("The largest difference, as a share of the largest number of the array.");
    for (a, b) in reference.gradients.iter().zip(&fused.gradients) {
        table.push([a.0.to_owned(), format!("{:.0e}", a.1), format!("{:.0e}", b.1)]);
    }
    lesson.table(&table);
    lesson.say("Three programs, one result: what is left is the order in which numbers are added.");
    lesson.number("bptt.largest_difference_cells", reference.worst());
    lesson.number("bptt.largest_difference_fused", fused.worst());
}

fn show_truncation(
    lesson: &mut Lesson,
    size: Size,
    trained_loss: f64,
    before: &[Truncation],
    after: &[Truncation],
) {
    let Size { length, sequences, updates } = size;
    let (first, last) = (before[0], after[0]);
    lesson.say(&format!(
        "Cut at every step (k = 1), the gradient of W_hh of an untrained network has a cosine of {:.2} with the full \
         one: {:.0} degrees off. After {updates} updates ({trained_loss:.2} nats per character) it is {:.2}: {:.0} degrees. \
         Below, {HIDDEN} units, {sequences} stretches of {length} held-out characters, their gradients averaged.",
        first.cosine,
        first.cosine.acos().to_degrees(),
        last.cosine,
        last.cosine.acos().to_degrees(),
    ));
    let mut table = Table::new(["cut every k", "cosine, new", "norm, new", "cosine, trained", "norm, trained"])
        .caption("dW_hh of the cut gradient beside the full one: direction (cosine) and length (share of the full norm).");
    for (new, trained) in before.iter().zip(after) {
        let cells = [new.cosine, new.norm, trained.cosine, trained.norm];
        table.push([new.k.to_string()].into_iter().chain(cells.map(|v| format!("{v:.4}"))));
        for (state, v) in [("new", new), ("trained", trained)] {
            lesson.number(&format!("bptt.cosine_{state}_k{}", v.k), v.cosine);
            lesson.number(&format!("bptt.norm_{state}_k{}", v.k), v.norm);
        }
    }
    lesson.table(&table);
    let curve = |of: &[Truncation], f: fn(&Truncation) -> f64| -> Vec<(f64, f64)> {
        of.iter().map(|t| (f64::from(t.k.ilog2()), f(t))).collect()
    };
    let error = |of: &[Truncation]| curve(of, |t| (1.0 - t.cosine).max(1e-12));
    lesson.line_chart(
        &LineChart::new(
            "How far the cut gradient points from the full one",
            "Lines: one minus the cosine of cut and full gradient over the length of the window, falling to zero; \
             the trained network's line lies above that of the new one.",
        )
        .x("k = 2 to the power of x")
        .y("1 − cosine")
        .log_y()
        .series("trained", &error(&after[..after.len() - 1]))
        .series("new", &error(&before[..before.len() - 1]))
        .caption("Lower is better. The full gradient itself, at the right end, would be 0 and is left out."),
    );
    let reaches = |of: &[Truncation]| of.iter().find(|t| t.cosine > 0.99).map_or(length, |t| t.k);
    let (new, trained) = (reaches(before), reaches(after));
    lesson.number("bptt.window_new", new as f64);
    lesson.number("bptt.window_trained", trained as f64);
    lesson.say(&format!(
        "A cosine above 0.99 needs windows of {new} characters before training and of {trained} after it. {}\n\n\
         More text does not mend this. A mini-batch's gradient is noisy and averages out to the true one; a cut gradient \
         averages out to something else. It is biased.",
        if trained > new {
            "The untrained network is easy to cut, because its gradient hardly reaches back anyway: the next part calls \
             that vanishing. As the network learns to use the past, the cut begins to matter."
        } else {
            "Usually training makes the past matter more; here the two need the same window."
        }
    ));
}
