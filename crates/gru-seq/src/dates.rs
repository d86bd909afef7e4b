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
use lesson::files::pairs::Pair;
use lesson::plot::Table;
use lesson::run::Outcome;
use lesson::{Lesson, LessonArgs, Result};
use ndarray::Array2;
use seqcore::metrics::translation::exact_match;
use seqcore::params::Named;
use seqcore::random::{Purpose, numbered, stream};

use crate::material::{Material, example};
use crate::percent::percent;
use crate::recipe::Seq2SeqRecipe;
use crate::task::Task;
use crate::text_to_text::TextToText;
use crate::tokens::Tokens;
use crate::training::{of_part, train};
pub use forms::{BAD, FORMS, draw, held_out, pair, write};

/// Dates in the test.
const TEST: usize = 4000;

/// Dates for training, watching and testing.
pub fn material(recipe: &Seq2SeqRecipe) -> Material {
    // All characters of all forms; none is missing in so many.
    let rng = &mut numbered(0, 1);
    let sample: Vec<Pair> = (0..4000).map(|_| pair(draw(false, rng))).collect();
    let source = Tokens::characters(sample.iter().map(|pair| pair.source.as_str()));
    let target = Tokens::characters(["0123456789-"]);
    let (seed, batch, reversed) = (recipe.seed, recipe.batch, recipe.reversed);
    let rng = &mut numbered(seed, 2);
    // The loss is watched on dates of training: nothing is chosen by it, and the test stays unseen.
    let dev = (0..500).map(|_| example(&pair(draw(false, rng)), &source, &target, reversed));
    let dev = dev.collect();
    let rng = &mut numbered(0, 3);
    let test = (0..TEST).map(|_| pair(draw(true, rng))).collect();
    let (s, t) = (source.clone(), target.clone());
    let examples = move |step| {
        let rng = &mut stream(seed, Purpose::Examples { step });
        (0..batch).map(|_| example(&pair(draw(false, rng)), &s, &t, reversed)).collect()
    };
    Material { source, target, examples: Box::new(examples), dev, test, longest: 16 }
}

/// How well a network reads dates.
#[derive(Debug, Clone, PartialEq)]
pub struct DateResults {
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
pub fn results(network: &TextToText, test: &[Pair]) -> DateResults {
    let texts: Vec<&str> = test.iter().map(|pair| pair.source.as_str()).collect();
    let answers = network.answers(&texts);
    let truth = test.iter().map(|pair| pair.target.as_str());
    let wrong = test.iter().zip(&answers).filter(|(pair, a)| **a != pair.target);
    let mut usual: Vec<f64> =
        texts[..200.min(texts.len())].iter().map(|text| best(network, text).1).collect();
    usual.sort_by(f64::total_cmp);
    let bad = BAD.map(|(text, why)| {
        let (answer, probability) = best(network, text);
        (text, why, answer, probability)
    });
    DateResults {
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
fn best(network: &TextToText, text: &str) -> (String, f64) {
    let found = network.hypotheses(text, 1).expect("a text and a beam of one");
    (found[0].0.clone(), found[0].1.log_probability.exp())
}

/// Runs the part.
///
/// # Errors
/// A folder that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, args: &LessonArgs) -> Result<()> {
    lesson.heading("3 · Dates, with attention you can look at");
    let recipe = Seq2SeqRecipe::of_part(Task::Dates, args);
    lesson.say(&format!(
        "“the 3rd of March, 1998” is to become “1998-03-03”. There are {FORMS} ways to write a date here; a tenth of all \
         days from 1950 to 2049 is kept for the test, in every form. The network: {}.",
        recipe.shape()
    ));
    let folder = lesson.folder_of("dates")?;
    let run = of_part(args, "dates");
    let (network, Outcome { progress, .. }, test) =
        train(&recipe, material(&recipe), Some(&folder), &run, None)?;
    lesson.say(&format!(
        "{} parameters, {} steps of {} dates, {:.0} s.",
        network.model.count(),
        progress.total,
        recipe.batch,
        progress.seconds
    ));
    report(lesson, &network, &results(&network, &test))
}

/// Shows a network's results and books them.
///
/// # Errors
/// None: the examples are not empty.
pub fn report(lesson: &mut Lesson, network: &TextToText, results: &DateResults) -> Result<()> {
    lesson.number("dates.exact_match", results.exact);
    lesson.say(&format!(
        "Of {TEST} unseen dates {} come out right, every character.",
        percent(results.exact)
    ));
    if !results.wrong.is_empty() {
        let mut table = Table::new(["asked", "answer", "right"]);
        results.wrong.iter().for_each(|(asked, answer, right)| table.push([asked, answer, right]));
        lesson.table(&table);
    }
    lesson.subheading("Where it looks");
    let answer = network.answer("the 3rd of March, 1998")?;
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
        results.usual_probability
    ));
    let mut table = Table::new(["asked", "what is wrong", "answer", "valid?", "probability"]);
    for (text, why, answer, probability) in &results.bad {
        let valid = NaiveDate::parse_from_str(answer, "%Y-%m-%d").is_ok();
        let valid = if valid { "a date" } else { "no date" };
        table.push([*text, *why, answer, valid, &format!("{probability:.3}")]);
    }
    lesson.table(&table);
    let sure = results.bad.iter().filter(|(.., p)| *p > 0.9).count();
    lesson.number("dates.bad_answered_surely", sure as f64 / results.bad.len() as f64);
    lesson.say(&format!(
        "{sure} of {} bad dates are answered with a probability above 0.9: being sure is not being right. Whoever \
         needs “that is no date” must put it into the training data, or check the answer with a calendar.",
        results.bad.len()
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
