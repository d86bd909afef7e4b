//! Part *addition*: `535+61=` becomes `596`, character by character.
//!
//! Nobody tells the network what a digit is. It reads seven or so characters, and must write the
//! sum's digits from the left, though a carry comes from the right. Four networks, trained alike:
//!
//! - *one direction*: the encoder's last state is all that the decoder gets (Sutskever et al. 2014);
//! - *the same, read from the end*: their trick, which brings first things close together;
//! - *both directions*, with a bridge (S2);
//! - *attention* (S4)-(S7), which lets each step look at the digits it needs.
//!
//! Only whole sums count: 90 % of the digits right can be no sum right. A sum is unseen if neither
//! a+b nor b+a was trained on ([`sums::split`]).

mod sums;

use lesson::files::pairs::Pair;
use lesson::plot::{BarChart, Table};
use lesson::{Lesson, LessonArgs, Result};
use seqcore::metrics::translation::exact_match;
use seqcore::params::Named;
use seqcore::random::{Purpose, numbered, stream};
use seqcore::train::Length;

use crate::material::{Material, example};
use crate::percent::percent;
use crate::recipe::Seq2SeqRecipe;
use crate::task::Task;
use crate::text_to_text::TextToText;
use crate::tokens::Tokens;
use crate::training::{of_part, train};
pub use sums::{Split, carries, draw, draw_long, split, sum};

/// Digits of the numbers in training.
pub const DIGITS: u32 = 3;
/// Sums in the test.
const TEST: usize = 4000;

/// Sums for training, watching and testing.
pub fn material(recipe: &Seq2SeqRecipe) -> Material {
    let source = Tokens::characters(["0123456789+="]);
    let target = Tokens::characters(["0123456789"]);
    let pair = |split, rng: &mut _| {
        let (a, b) = draw(DIGITS, split, rng);
        sum(a, b)
    };
    let rng = &mut numbered(recipe.seed, 1);
    let dev: Vec<Pair> = (0..1000).map(|_| pair(Split::Dev, rng)).collect();
    // The same test for every seed.
    let rng = &mut numbered(0, 2);
    let mut test: Vec<Pair> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while test.len() < TEST {
        let pair = pair(Split::Test, rng);
        if seen.insert(pair.source.clone()) {
            test.push(pair);
        }
    }
    let (seed, batch, reversed) = (recipe.seed, recipe.batch, recipe.reversed);
    let of = |pair: &Pair| example(pair, &source, &target, reversed);
    let dev = dev.iter().map(of).collect();
    let (s, t) = (source.clone(), target.clone());
    let examples = move |step| {
        let rng = &mut stream(seed, Purpose::Examples { step });
        (0..batch).map(|_| example(&pair(Split::Train, rng), &s, &t, reversed)).collect()
    };
    Material { source, target, examples: Box::new(examples), dev, test, longest: 8 }
}

/// How well a network adds.
#[derive(Debug, Clone, PartialEq)]
pub struct SumResults {
    /// The share of unseen sums that are right, all digits.
    pub exact: f64,
    /// The share of digits that are right, place by place from the left.
    pub digits: f64,
    /// (carries, sums, share right).
    pub by_carries: Vec<(usize, usize, f64)>,
    /// (digits of both numbers, share right) beyond what was trained on.
    pub longer: Vec<(u32, f64)>,
    /// Sums that came out wrong: as asked, answer, truth.
    pub wrong: Vec<(String, String, String)>,
}

/// Asks a network for the test's sums, and for longer ones.
pub fn results(network: &TextToText, test: &[Pair]) -> SumResults {
    let answers = ask(network, test);
    let truth = || test.iter().map(|pair| pair.target.as_str());
    let right: Vec<bool> = answers.iter().zip(truth()).map(|(a, t)| a == t).collect();
    let by_carries = (0..=DIGITS as usize)
        .map(|n| {
            let with = test.iter().zip(&right).filter(|(pair, _)| carries_of(pair) == n);
            let (all, good) =
                with.fold((0, 0), |(all, good), (_, &r)| (all + 1, good + usize::from(r)));
            (n, all, good as f64 / all.max(1) as f64)
        })
        .collect();
    let digits = answers.iter().zip(truth()).map(|(a, t)| {
        let same = a.bytes().zip(t.bytes()).filter(|(a, t)| a == t).count();
        (same, t.len().max(a.len()))
    });
    let (same, all) = digits.fold((0, 0), |sum, (same, all)| (sum.0 + same, sum.1 + all));
    let longer = [DIGITS + 1, DIGITS + 2].map(|digits| {
        let rng = &mut numbered(0, 3);
        let sums: Vec<Pair> = (0..500)
            .map(|_| {
                let (a, b) = draw_long(digits, rng);
                sum(a, b)
            })
            .collect();
        let answers = ask(network, &sums);
        let truth = sums.iter().map(|pair| pair.target.as_str());
        (digits, exact_match(answers.iter().map(String::as_str).zip(truth)))
    });
    let wrong = test.iter().zip(&answers).filter(|(pair, a)| **a != pair.target);
    SumResults {
        exact: exact_match(answers.iter().map(String::as_str).zip(truth())),
        digits: same as f64 / all as f64,
        by_carries,
        longer: longer.to_vec(),
        wrong: wrong
            .take(5)
            .map(|(p, a)| (p.source.clone(), a.clone(), p.target.clone()))
            .collect(),
    }
}

fn ask(network: &TextToText, sums: &[Pair]) -> Vec<String> {
    network.answers(&sums.iter().map(|pair| pair.source.as_str()).collect::<Vec<_>>())
}

fn carries_of(pair: &Pair) -> usize {
    let mut numbers = pair.source.trim_end_matches('=').split('+').map(|n| n.parse().unwrap_or(0));
    carries(numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The networks that are compared; the last is the one that is reported.
pub fn variants(args: &LessonArgs) -> Vec<(&'static str, Seq2SeqRecipe)> {
    let base = Seq2SeqRecipe::of_part(Task::Addition, args);
    let plain = Seq2SeqRecipe { attention: None, bidirectional: false, ..base.clone() };
    // The others show the order of things; they get a third of the steps.
    let shorter = |recipe: Seq2SeqRecipe| match recipe.plan.length {
        Length::Steps(n) if args.full => recipe.with_steps((n / 3).max(1)),
        _ => recipe,
    };
    vec![
        ("one direction", shorter(plain.clone())),
        ("the same, read from the end", shorter(Seq2SeqRecipe { reversed: true, ..plain.clone() })),
        ("both directions", shorter(Seq2SeqRecipe { bidirectional: true, ..plain })),
        ("attention", base),
    ]
}

/// Runs the part.
///
/// # Errors
/// A folder that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    lesson.heading("2 · Addition, character by character");
    lesson.say(&format!(
        "A network reads “535+61=” and is to write “596”. It is trained on sums of numbers up to {DIGITS} digits, drawn \
         anew in every step; one pair of numbers in twenty is kept for the test, whichever of the two stands first. \
         Only whole answers count."
    ));
    let mut table = Table::new(["network", "parameters", "steps", "time", "digits right", "exact"])
        .caption(format!("{TEST} unseen sums. The networks differ in nothing else."));
    let mut last = None;
    for (name, recipe) in variants(args) {
        let key = name.replace(", ", "_").replace(' ', "_");
        let folder = (name == "attention").then(|| lesson.folder_of("addition")).transpose()?;
        let run = of_part(args, "addition");
        let (network, outcome, test) =
            train(&recipe, material(&recipe), folder.as_ref(), &run, None)?;
        let results = results(&network, &test);
        table.push([
            name.to_owned(),
            network.model.count().to_string(),
            outcome.progress.total.to_string(),
            format!("{:.0} s", outcome.progress.seconds),
            percent(results.digits),
            percent(results.exact),
        ]);
        lesson.number(&format!("addition.{key}.exact_match"), results.exact);
        last = Some((network, results));
    }
    lesson.table(&table);
    let (network, results) = last.expect("there are variants");
    report(lesson, &results);
    if let Some(figure) = network.answer("535+61=")?.figure("Where the decoder looks while it adds")
    {
        lesson.figure(&figure.render());
    }
    Ok(())
}

/// Shows a network's results and books them.
pub fn report(lesson: &mut Lesson, results: &SumResults) {
    lesson.number("addition.exact_match", results.exact);
    lesson.number("addition.digits", results.digits);
    lesson.say(&format!(
        "With attention {} of the unseen sums are right, and {} of the digits. More carries are harder, since each must \
         travel from the right while the answer is written from the left:",
        percent(results.exact),
        percent(results.digits),
    ));
    let mut chart =
        BarChart::new("Right answers by number of carries", "Bars for 0 to 3 carries.").unit("%");
    for &(n, sums, share) in &results.by_carries {
        chart = chart.bar(format!("{n} ({sums} sums)"), 100.0 * share);
        lesson.number(&format!("addition.exact_match_carries_{n}"), share);
    }
    lesson.bar_chart(&chart);
    if !results.wrong.is_empty() {
        let mut table = Table::new(["asked", "answer", "right"]);
        results.wrong.iter().for_each(|(asked, answer, right)| table.push([asked, answer, right]));
        lesson.table(&table);
    }
    for &(digits, share) in &results.longer {
        lesson.number(&format!("addition.exact_match_{digits}_digits"), share);
    }
    let longer: Vec<String> = results
        .longer
        .iter()
        .map(|(digits, share)| format!("{digits} digits {}", percent(*share)))
        .collect();
    lesson.say(&format!(
        "And beyond the trained length? {}. The network has learned places, not addition: where no training sum had a \
         fourth digit, it has no idea of one. A rule that holds for any length was never asked for.",
        longer.join(", "),
    ));
}
