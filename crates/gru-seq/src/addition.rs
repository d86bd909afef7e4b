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
//! a+b nor b+a was trained on ([`sums::part`]).

mod sums;

use seqcore::data::pairs::Pair;
use seqcore::lesson::Lesson;
use seqcore::metrics::translation::exact_match;
use seqcore::plot::{BarChart, Table};
use seqcore::train::Length;
use seqcore::{Result, params::Named};
use serde::Serialize;

use crate::task::{self, Material, Settings, Task, example, step_stream, stream};
use crate::tokens::Tokens;
use crate::trained::Trained;
pub use sums::{Part, carries, draw, draw_long, part, sum};

/// Digits of the numbers in training.
pub const DIGITS: u32 = 3;
/// Sums in the test.
const TEST: usize = 4000;

/// Sums for training, watching and testing.
pub(crate) fn material(settings: &Settings) -> Material {
    let source = Tokens::characters(["0123456789+="]);
    let target = Tokens::characters(["0123456789"]);
    let pair = |part, rng: &mut _| {
        let (a, b) = draw(DIGITS, part, rng);
        sum(a, b)
    };
    let rng = &mut stream(settings.seed, 1);
    let dev: Vec<Pair> = (0..1000).map(|_| pair(Part::Dev, rng)).collect();
    // The same test for every seed.
    let rng = &mut stream(0, 2);
    let mut test: Vec<Pair> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while test.len() < TEST {
        let pair = pair(Part::Test, rng);
        if seen.insert(pair.source.clone()) {
            test.push(pair);
        }
    }
    let (seed, batch, reversed) = (settings.seed, settings.batch, settings.reversed);
    let of = |pair: &Pair| example(pair, &source, &target, reversed);
    let dev = dev.iter().map(of).collect();
    let (s, t) = (source.clone(), target.clone());
    let examples = move |step| {
        let rng = &mut step_stream(seed, step);
        (0..batch).map(|_| example(&pair(Part::Train, rng), &s, &t, reversed)).collect()
    };
    Material { source, target, examples: Box::new(examples), dev, test, longest: 8 }
}

/// How well a network adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
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
pub fn score(trained: &Trained, test: &[Pair]) -> Score {
    let answers = ask(trained, test);
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
        let rng = &mut stream(0, 3);
        let sums: Vec<Pair> = (0..500)
            .map(|_| {
                let (a, b) = draw_long(digits, rng);
                sum(a, b)
            })
            .collect();
        let answers = ask(trained, &sums);
        let truth = sums.iter().map(|pair| pair.target.as_str());
        (digits, exact_match(answers.iter().map(String::as_str).zip(truth)))
    });
    let wrong = test.iter().zip(&answers).filter(|(pair, a)| **a != pair.target);
    Score {
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

fn ask(trained: &Trained, sums: &[Pair]) -> Vec<String> {
    trained.answers(&sums.iter().map(|pair| pair.source.as_str()).collect::<Vec<_>>())
}

fn carries_of(pair: &Pair) -> usize {
    let mut numbers = pair.source.trim_end_matches('=').split('+').map(|n| n.parse().unwrap_or(0));
    carries(numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The networks that are compared; the last is the one that is reported.
pub fn variants(seed: u64, full: bool, steps: Option<usize>) -> Vec<(&'static str, Settings)> {
    let base = if full {
        Settings::full(Task::Addition, seed, false)
    } else {
        Settings::new(Task::Addition, seed)
    };
    let base = match steps {
        Some(steps) => with_steps(base, steps),
        None => base,
    };
    let plain = Settings { attention: None, bidirectional: false, ..base.clone() };
    // The others show the order of things; they get a third of the steps.
    let shorter = |settings: Settings| match settings.plan.length {
        Length::Steps(n) if full => with_steps(settings, (n / 3).max(1)),
        _ => settings,
    };
    vec![
        ("one direction", shorter(plain.clone())),
        ("the same, read from the end", shorter(Settings { reversed: true, ..plain.clone() })),
        ("both directions", shorter(Settings { bidirectional: true, ..plain })),
        ("attention", base),
    ]
}

fn with_steps(mut settings: Settings, steps: usize) -> Settings {
    settings.plan.length = Length::Steps(steps);
    settings
}

/// Runs the part.
///
/// # Errors
/// A folder that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &seqcore::lesson::LessonArgs) -> Result<()> {
    lesson.heading("2 · Addition, character by character");
    lesson.say(&format!(
        "A network reads “535+61=” and is to write “596”. It is trained on sums of numbers up to {DIGITS} digits, drawn \
         anew in every step; one pair of numbers in twenty is kept for the test, whichever of the two stands first. \
         Only whole answers count."
    ));
    let mut table = Table::new(["network", "parameters", "steps", "time", "digits right", "exact"])
        .caption(format!("{TEST} unseen sums. The networks differ in nothing else."));
    let mut last = None;
    for (name, settings) in variants(args.run.seed, args.full, args.run.steps) {
        let key = name.replace(", ", "_").replace(' ', "_");
        let folder = (name == "attention").then(|| lesson.subfolder("addition")).transpose()?;
        let (trained, progress, test) =
            task::train(lesson, folder, &settings, settings.material()?, &args.run, None)?;
        let score = score(&trained, &test);
        table.push([
            name.to_owned(),
            trained.model.count().to_string(),
            progress.total.to_string(),
            format!("{:.0} s", progress.seconds),
            percent(score.digits),
            percent(score.exact),
        ]);
        lesson.number(&format!("addition.{key}.exact_match"), score.exact);
        last = Some((trained, score));
    }
    lesson.table(&table);
    let (trained, score) = last.expect("there are variants");
    report(lesson, &score);
    if let Some(figure) = trained.answer("535+61=")?.figure("Where the decoder looks while it adds")
    {
        lesson.figure(&figure.render());
    }
    Ok(())
}

/// Shows a network's score and books it.
pub fn report(lesson: &mut Lesson, score: &Score) {
    lesson.number("addition.exact_match", score.exact);
    lesson.number("addition.digits", score.digits);
    lesson.say(&format!(
        "With attention {} of the unseen sums are right, and {} of the digits. More carries are harder, since each must \
         travel from the right while the answer is written from the left:",
        percent(score.exact),
        percent(score.digits),
    ));
    let mut chart =
        BarChart::new("Right answers by number of carries", "Bars for 0 to 3 carries.").unit("%");
    for &(n, sums, share) in &score.by_carries {
        chart = chart.bar(format!("{n} ({sums} sums)"), 100.0 * share);
        lesson.number(&format!("addition.exact_match_carries_{n}"), share);
    }
    lesson.bar_chart(&chart);
    if !score.wrong.is_empty() {
        let mut table = Table::new(["asked", "answer", "right"]);
        score.wrong.iter().for_each(|(asked, answer, right)| table.push([asked, answer, right]));
        lesson.table(&table);
    }
    for &(digits, share) in &score.longer {
        lesson.number(&format!("addition.exact_match_{digits}_digits"), share);
    }
    let longer: Vec<String> = score
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

/// A share as per cent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
