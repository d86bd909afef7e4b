//! Part *exposure*: trained on true beginnings, used on its own.
//!
//! Under teacher forcing a decoder reads the true token at every step. When it writes, it reads what
//! it wrote itself, mistakes included: it is *exposed* to beginnings it never saw in training. How
//! much that costs depends on the task. *Running totals* show it at its clearest: from `3 8 4` the
//! network writes `3 1 5`, each the sum so far without its tens. With the true total before it, a step is one
//! addition; after one mistake of its own, every later total is wrong.
//!
//! Scheduled sampling (S13; Bengio et al. 2015) lets the decoder read some of its own tokens in
//! training already.

use lesson::files::pairs::Pair;
use lesson::plot::{LineChart, Table};
use lesson::{Lesson, LessonArgs, Result};
use rand::Rng;
use seqcore::IGNORE;
use seqcore::data::batch::Batch;
use seqcore::random::{Purpose, numbered, stream};

use crate::material::{Material, example};
use crate::percent::percent;
use crate::recipe::Seq2SeqRecipe;
use crate::seq2seq::Seq2SeqTape;
use crate::task::Task;
use crate::text_to_text::TextToText;
use crate::tokens::Tokens;
use crate::training::train;

/// Digits of a source, and of its totals.
pub const LENGTH: usize = 16;
/// Sequences in the test.
const TEST: usize = 1000;

/// Digits and their totals without tens, both as text.
pub fn totals(rng: &mut impl Rng) -> Pair {
    let digits: Vec<u32> = (0..LENGTH).map(|_| rng.random_range(0..10)).collect();
    let mut total = 0;
    let sums = digits.iter().map(|digit| {
        total = (total + digit) % 10;
        total
    });
    let text = |numbers: &mut dyn Iterator<Item = u32>| {
        numbers.map(|n| char::from_digit(n, 10).expect("below ten")).collect()
    };
    let target = text(&mut sums.collect::<Vec<_>>().into_iter());
    Pair { source: text(&mut digits.into_iter()), target }
}

/// Running totals. There are 10^16 sources: what is drawn again has never been seen.
pub fn material(recipe: &Seq2SeqRecipe) -> Material {
    let digits = Tokens::characters(["0123456789"]);
    let (seed, batch) = (recipe.seed, recipe.batch);
    let d = digits.clone();
    let of = move |pair: &Pair| example(pair, &d, &d, false);
    let rng = &mut numbered(seed, 1);
    let dev = (0..200).map(|_| of(&totals(rng))).collect();
    let rng = &mut numbered(0, 2);
    let test = (0..TEST).map(|_| totals(rng)).collect();
    let examples = move |step| {
        let rng = &mut stream(seed, Purpose::Examples { step });
        (0..batch).map(|_| of(&totals(rng))).collect()
    };
    let (source, target, longest) = (digits.clone(), digits, LENGTH + 4);
    Material { source, target, examples: Box::new(examples), dev, test, longest }
}

/// The share of right tokens at each place of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ByPosition {
    /// With the true beginning before it.
    pub forced: Vec<f64>,
    /// With its own.
    pub free: Vec<f64>,
    /// The share of answers that are right as a whole.
    pub exact: f64,
}

/// Measures both ways on the same sequences.
pub fn by_position(network: &TextToText, test: &[Pair]) -> ByPosition {
    let examples: Vec<_> = test
        .iter()
        .map(|pair| example(pair, &network.source, &network.target, network.reversed))
        .collect();
    let longest = examples.iter().map(|e| e.target.len()).max().unwrap_or(0);
    let (mut forced, mut free, mut all) = (vec![0; longest], vec![0; longest], vec![0; longest]);
    for examples in examples.chunks(64) {
        let batch = Batch::new(examples, network.model.end());
        let said = network.model.predictions(&batch, &mut Seq2SeqTape::<f32>::default());
        for ((t, b), &target) in batch.targets.indexed_iter() {
            if target != IGNORE && t < examples[b].target.len() {
                all[t] += 1;
                forced[t] += usize::from(said[[t, b]] == target);
            }
        }
    }
    let texts: Vec<&str> = test.iter().map(|pair| pair.source.as_str()).collect();
    let written = network.in_parallel(&texts, |translator, source| {
        translator.greedy(source, network.longest).tokens
    });
    let mut exact = 0;
    for (example, written) in examples.iter().zip(&written) {
        exact += usize::from(example.target == *written);
        for (t, target) in example.target.iter().enumerate() {
            free[t] += usize::from(written.get(t) == Some(target));
        }
    }
    let share =
        |right: Vec<usize>| right.iter().zip(&all).map(|(&r, &n)| r as f64 / n as f64).collect();
    ByPosition { forced: share(forced), free: share(free), exact: exact as f64 / test.len() as f64 }
}

/// Runs the part.
///
/// # Errors
/// Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    lesson.heading("4 · Exposure: living with one's own mistakes");
    lesson.say(&format!(
        "The task is running totals of {LENGTH} digits, without tens: 384… becomes 315…. The network is trained too \
         briefly, on purpose, so that it still makes mistakes. The same {TEST} sequences are measured twice: each step \
         with the *true* totals before it (as in training), and with the network's *own*."
    ));
    let base = Seq2SeqRecipe::of_part(Task::Totals, args);
    let mut table = Table::new(["training", "first", "middle", "last", "all right"])
        .caption("Share of right totals at a place, with the network's own totals before it; in brackets, with the true ones.");
    for (name, key, share) in
        [("teacher forcing", "forcing", 0.0), ("a fifth its own tokens (S13)", "sampling", 0.2)]
    {
        let recipe = Seq2SeqRecipe { own_tokens: share, ..base.clone() };
        let (network, _, test) = train(&recipe, material(&recipe), None, &args.run, None)?;
        let places = by_position(&network, &test);
        let cell =
            |t: usize| format!("{} ({})", percent(places.free[t]), percent(places.forced[t]));
        table.push([
            name.to_owned(),
            cell(0),
            cell(LENGTH / 2),
            cell(LENGTH - 1),
            percent(places.exact),
        ]);
        lesson.number(&format!("exposure.{key}_forced_last"), places.forced[LENGTH - 1]);
        lesson.number(&format!("exposure.{key}_free_last"), places.free[LENGTH - 1]);
        lesson.number(&format!("exposure.{key}_exact_match"), places.exact);
        let points = |shares: &[f64]| -> Vec<(f64, f64)> {
            shares.iter().enumerate().map(|(t, &s)| ((t + 1) as f64, 100.0 * s)).collect()
        };
        let alt = format!("Right totals by place, after training with {name}.");
        let chart = LineChart::new(format!("By place: {name}"), alt)
            .x("place in the answer")
            .y("right, %")
            .from_zero()
            .series("true beginning", &points(&places.forced))
            .series("its own", &points(&places.free))
            .reference("guessing", 10.0);
        lesson.line_chart(&chart);
    }
    lesson.table(&table);
    lesson.say(
        "The gap between the two lines is exposure bias: with the true total before it a step is one addition, with its own a \
         mistake stays. Reading its own tokens in training (S13) is meant to close the gap. It has a price: early in \
         training what it wrote is mostly wrong, the answer no longer follows from what it read, and the rule itself is \
         learned more slowly. Look at both networks' last places before calling it a remedy.",
    );
    Ok(())
}
