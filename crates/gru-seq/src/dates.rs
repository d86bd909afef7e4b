//! Part *dates*: from the ways in which people write a date to ISO 8601.
//!
//! `the 3rd of March, 1998` becomes `1998-03-03`. What comes first in the answer stands last in the
//! source, and a name becomes a number, so the decoder must look in the right place at each step.
//! Its attention is a matrix that can be looked at: one row a character written, one column a
//! character read.
//!
//! A tenth of all days from 1950 to 2049 is held out, in every form ([`forms::held_out`]).

mod forms;

use chrono::NaiveDate;
use ndarray::Array2;
use seqcore::data::pairs::Pair;
use seqcore::lesson::{Lesson, LessonArgs};
use seqcore::metrics::translation::exact_match;
use seqcore::plot::Table;
use seqcore::train::Length;
use seqcore::{Result, params::Named};

use crate::addition::percent;
use crate::task::{self, Material, Settings, Task, example, step_stream, stream};
use crate::tokens::Tokens;
use crate::trained::Trained;
pub use forms::{BAD, FORMS, draw, held_out, pair, write};

/// Dates in the test.
const TEST: usize = 4000;

/// Dates for training, watching and testing.
pub(crate) fn material(settings: &Settings) -> Material {
    // All characters of all forms; none is missing in so many.
    let rng = &mut stream(0, 1);
    let sample: Vec<Pair> = (0..4000).map(|_| pair(draw(false, rng))).collect();
    let source = Tokens::characters(sample.iter().map(|pair| pair.source.as_str()));
    let target = Tokens::characters(["0123456789-"]);
    let (seed, batch, reversed) = (settings.seed, settings.batch, settings.reversed);
    let rng = &mut stream(seed, 2);
    // The loss is watched on dates of training: nothing is chosen by it, and the test stays unseen.
    let dev = (0..500).map(|_| example(&pair(draw(false, rng)), &source, &target, reversed));
    let dev = dev.collect();
    let rng = &mut stream(0, 3);
    let test = (0..TEST).map(|_| pair(draw(true, rng))).collect();
    let (s, t) = (source.clone(), target.clone());
    let examples = move |step| {
        let rng = &mut step_stream(seed, step);
        (0..batch).map(|_| example(&pair(draw(false, rng)), &s, &t, reversed)).collect()
    };
    Material { source, target, examples: Box::new(examples), dev, test, longest: 16 }
}

/// How well a network reads dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The share of unseen dates that are right, all characters.
    pub exact: f64,
    /// Dates that came out wrong: as asked, answer, truth.
    pub wrong: Vec<(String, String, String)>,
    /// Bad dates: as asked, what is wrong, the answer, and its probability.
    pub bad: Vec<(&'static str, &'static str, String, f64)>,
    /// The median probability of its answers to good dates.
    pub usual_probability: f64,
}

/// Asks a network for the test's dates, and for bad ones.
pub fn score(trained: &Trained, test: &[Pair]) -> Score {
    let texts: Vec<&str> = test.iter().map(|pair| pair.source.as_str()).collect();
    let answers = trained.answers(&texts);
    let truth = test.iter().map(|pair| pair.target.as_str());
    let wrong = test.iter().zip(&answers).filter(|(pair, a)| **a != pair.target);
    let mut usual: Vec<f64> =
        texts[..200.min(texts.len())].iter().map(|text| best(trained, text).1).collect();
    usual.sort_by(f64::total_cmp);
    let bad = BAD.map(|(text, why)| {
        let (answer, probability) = best(trained, text);
        (text, why, answer, probability)
    });
    Score {
        exact: exact_match(answers.iter().map(String::as_str).zip(truth)),
        wrong: wrong
            .take(5)
            .map(|(p, a)| (p.source.clone(), a.clone(), p.target.clone()))
            .collect(),
        bad: bad.to_vec(),
        usual_probability: usual[usual.len() / 2],
    }
}

/// The greedy answer and its probability.
fn best(trained: &Trained, text: &str) -> (String, f64) {
    let found = trained.hypotheses(text, 1).expect("a text and a beam of one");
    (found[0].0.clone(), found[0].1.log_probability.exp())
}

/// The settings of the tour or of the long version.
pub fn settings(args: &LessonArgs) -> Settings {
    let mut settings = if args.full {
        Settings::full(Task::Dates, args.run.seed, false)
    } else {
        Settings::new(Task::Dates, args.run.seed)
    };
    if let Some(steps) = args.run.steps {
        settings.plan.length = Length::Steps(steps);
    }
    settings
}

/// Runs the part.
///
/// # Errors
/// A folder that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    lesson.heading("3 · Dates, with attention you can look at");
    let settings = settings(args);
    lesson.say(&format!(
        "“the 3rd of March, 1998” is to become “1998-03-03”. There are {FORMS} ways to write a date here; a tenth of all \
         days from 1950 to 2049 is kept for the test, in every form. The network: {}.",
        settings.shape()
    ));
    let folder = lesson.subfolder("dates")?;
    let (trained, progress, test) =
        task::train(lesson, Some(folder), &settings, settings.material()?, &args.run, None)?;
    lesson.say(&format!(
        "{} parameters, {} steps of {} dates, {:.0} s.",
        trained.model.count(),
        progress.total,
        settings.batch,
        progress.seconds
    ));
    let score = score(&trained, &test);
    report(lesson, &trained, &score)
}

/// Shows a network's score and books it.
///
/// # Errors
/// None: the examples are not empty.
pub fn report(lesson: &mut Lesson, trained: &Trained, score: &Score) -> Result<()> {
    lesson.number("dates.exact_match", score.exact);
    lesson.say(&format!(
        "Of {TEST} unseen dates {} come out right, every character.",
        percent(score.exact)
    ));
    if !score.wrong.is_empty() {
        let mut table = Table::new(["asked", "answer", "right"]);
        score.wrong.iter().for_each(|(asked, answer, right)| table.push([asked, answer, right]));
        lesson.table(&table);
    }
    lesson.subheading("Where it looks");
    let answer = trained.answer("the 3rd of March, 1998")?;
    lesson.say(
        "One row for each character written, one column for each character read; dark is where the decoder looked (S6). \
         Nobody told it that the year comes first in the answer and last in the source.",
    );
    if let Some(figure) = answer.figure("Attention, “the 3rd of March, 1998”") {
        let unicode = lesson.terminal().unicode;
        lesson.terminal_chart(&answer.sketch(unicode));
        lesson.figure(&figure.render());
        let year = looked_at(&answer.attention, &answer.read, 0..4, |label| {
            label.chars().all(|c| c.is_ascii_digit())
        });
        lesson.number("dates.attention_year_on_digits", year);
    }
    lesson.subheading("Dates that cannot be");
    lesson.say(&format!(
        "A network that was only ever shown dates always answers with one. Is it at least less sure? Its answers to good \
         dates have a probability of {:.3} (median).",
        score.usual_probability
    ));
    let mut table = Table::new(["asked", "what is wrong", "answer", "valid?", "probability"]);
    for (text, why, answer, probability) in &score.bad {
        let valid = NaiveDate::parse_from_str(answer, "%Y-%m-%d").is_ok();
        let valid = if valid { "a date" } else { "no date" };
        table.push([*text, *why, answer, valid, &format!("{probability:.3}")]);
    }
    lesson.table(&table);
    let sure = score.bad.iter().filter(|(.., p)| *p > 0.9).count();
    lesson.number("dates.bad_answered_surely", sure as f64 / score.bad.len() as f64);
    lesson.say(&format!(
        "{sure} of {} bad dates are answered with a probability above 0.9: being sure is not being right. Whoever \
         needs “that is no date” must put it into the training data, or check the answer with a calendar.",
        score.bad.len()
    ));
    Ok(())
}

/// The mean weight that some rows put on the tokens that `counts` picks.
fn looked_at(
    attention: &Array2<f64>,
    read: &[String],
    rows: std::ops::Range<usize>,
    counts: impl Fn(&str) -> bool,
) -> f64 {
    let rows = rows.start..rows.end.min(attention.nrows());
    let n = rows.len().max(1) as f64;
    let on = |row: usize| -> f64 {
        read.iter()
            .zip(attention.row(row))
            .filter(|(label, _)| counts(label))
            .map(|(_, w)| *w)
            .sum()
    };
    rows.map(on).sum::<f64>() / n
}
