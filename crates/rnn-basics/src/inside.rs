//! Part *inside*: what a trained character model does with the text it reads.
//!
//! Three ways to look, all on text that the model was not trained on, each with a check that a
//! nice picture cannot pass by itself:
//!
//! 1. [`attribution`]: which past characters moved a prediction, by gradient; checked by really
//!    swapping characters.
//! 2. [`projection`]: the hidden states, H numbers each, on a plane; checked against the states
//!    of the model before its training.
//! 3. [`units`]: single units over text; chosen on one stretch, measured on another, beside the
//!    best unit of the model before its training; then held still, to see what is lost.

pub mod attribution;
pub mod marks;
pub mod projection;
pub mod reading;
pub mod statistics;
pub mod units;

use std::collections::BTreeMap;

use lesson::Lesson;
use lesson::plot::{Scale, Scatter, Table, TextHeat};
use ndarray::{Array2, ArrayView2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::{CharVocab, UNK};
use seqcore::models::language::LanguageModel;

use crate::char_lm::CharModel;
use attribution::{attribute, share_of_last, swap_effect};
use marks::{Feature, KINDS, Place};
use projection::Projection;
use reading::states;
use statistics::{between_groups, rank_correlation};
use units::{Comparison, Rise, rises};

/// Characters before a prediction.
const CONTEXT: usize = 100;
/// The other characters that are put in the place of one.
const SWAPS: usize = 8;
/// Characters of held-out text whose states are looked at.
const READ: usize = 8000;
/// States drawn as points.
const POINTS: usize = 600;
/// Characters shown with a unit's activation.
const SHOWN: usize = 320;
/// Units that are held still to compare one with.
const OTHERS: usize = 16;

/// Runs the part on a trained model.
pub fn run(lesson: &mut Lesson, trained: &CharModel) {
    lesson.heading("5 · Inside: what the network does with what it reads");
    let text: Vec<char> = trained.held_out.chars().take(READ).collect();
    if text.len() < 4 * CONTEXT {
        lesson.say(&format!(
            "The held-out text has {} characters; to look inside takes {} or more.",
            text.len(),
            4 * CONTEXT
        ));
        return;
    }
    if trained.model.rnn.config.hidden < 2 {
        lesson.say("A state of one number has nothing to show on a plane; use more units.");
        return;
    }
    lesson.say(
        "Everything here is read on held-out text. A picture of a network's inside convinces easily, so each one \
         comes with a check that it could fail.",
    );
    let ids = trained.vocabulary.encode(&text.iter().collect::<String>()).ids;
    show_attribution(lesson, trained, &text, &ids);
    let after = states(&trained.model, &ids);
    let before = states(&trained.untrained, &ids);
    show_projection(lesson, &text, after.view(), before.view());
    show_units(lesson, trained, &text, &ids, after.view(), before.view());
}

/// What was measured at one place.
#[derive(Debug, Clone)]
pub struct Moved {
    /// Where.
    pub place: Place,
    /// The probability of the character that came.
    pub probability: f64,
    /// The share of each past character in the sum of |gradient|, oldest first.
    pub shares: Vec<f64>,
    /// The rank correlation of the gradient's lengths with the effect of swapping, over the last
    /// 20 characters.
    pub agreement: f64,
}

/// Measures the places of a text; `vocabulary` gives what is swapped in: the most frequent
/// characters.
pub fn moved(
    model: &LanguageModel<f32>,
    vocabulary: &CharVocab,
    text: &[char],
    ids: &[usize],
) -> Vec<Moved> {
    let others: Vec<usize> = (UNK + 1..vocabulary.size()).take(SWAPS).collect();
    let look = |place: Place| {
        let (context, next) = (&ids[place.at - CONTEXT..place.at], ids[place.at]);
        let attribution = attribute(model, context, next);
        let near = CONTEXT - 20;
        let swapped = swap_effect(model, &context[near..], next, &others);
        // The same short context for both, so that they answer the same question.
        let gradient = attribute(model, &context[near..], next).lengths();
        Moved {
            place,
            probability: attribution.log_probability.exp(),
            shares: attribution.shares(),
            agreement: rank_correlation(&gradient, &swapped),
        }
    };
    marks::places(text, CONTEXT).into_iter().map(look).collect()
}

fn show_attribution(lesson: &mut Lesson, trained: &CharModel, text: &[char], ids: &[usize]) {
    lesson.subheading("Which past characters moved this prediction?");
    lesson.say(&format!(
        "Take ln p of the character that came next and differentiate it, back through time, by the embedding of \
         each of the {CONTEXT} characters before. The length of that gradient is the colour: how much a small change \
         there would change the answer. It has no sign, and it says nothing about large changes.",
    ));
    let found = moved(&trained.model, &trained.vocabulary, text, ids);
    let mut table =
        Table::new(["place", "next", "p", "last 1", "last 5", "last 20", "swap check"]).caption(
            "p: what the model gave the character that came. Then the share of the last 1, 5 and 20 characters in \
             the sum of all gradient lengths. Swap check: rank correlation, over the last 20 characters, of the \
             gradient's length with the measured change of ln p when the character is swapped for others.",
        );
    for (i, moved) in found.iter().enumerate() {
        let Place { what, at } = moved.place;
        let next = trained.vocabulary.label(ids[at]);
        let pieces = text[at - CONTEXT..at].iter().map(char::to_string).zip(moved.shares.clone());
        let largest = moved.shares.iter().copied().fold(0.0, f64::max);
        let heat = TextHeat::new(format!("{what}: then comes {next}"), pieces).range(0.0, largest);
        lesson.text_heat(&heat);
        let share = |n| format!("{:.0} %", 100.0 * share_of_last(&moved.shares, n));
        table.push([
            what.to_owned(),
            next,
            format!("{:.2}", moved.probability),
            share(1),
            share(5),
            share(20),
            format!("{:.2}", moved.agreement),
        ]);
        lesson.number(&format!("inside.share_last5_{i}"), share_of_last(&moved.shares, 5));
        lesson.number(&format!("inside.swap_agreement_{i}"), moved.agreement);
    }
    if found.is_empty() {
        lesson.say("This text has none of the places that the lesson looks for.");
        return;
    }
    lesson.table(&table);
    let mean = |f: &dyn Fn(&Moved) -> f64| found.iter().map(f).sum::<f64>() / found.len() as f64;
    lesson.say(&format!(
        "On average {:.0} % of the gradient lies on the last five characters and {:.0} % on the last twenty: this \
         network answers from what it has just read, as the part on gradients leads to expect. An n-gram of order 6 \
         sees those five characters and nothing else.",
        100.0 * mean(&|m| share_of_last(&m.shares, 5)),
        100.0 * mean(&|m| share_of_last(&m.shares, 20)),
    ));
}

fn show_projection(
    lesson: &mut Lesson,
    text: &[char],
    states: ArrayView2<f64>,
    before: ArrayView2<f64>,
) {
    lesson.subheading("Hidden states on a plane");
    let kinds: Vec<usize> = text.iter().map(|&c| marks::kind(c)).collect();
    let plane = |states: ArrayView2<f64>| {
        let projection = Projection::fit(states, 2, &mut ChaCha8Rng::seed_from_u64(1));
        let points = projection.project(states); // (N, 2)
        let share = between_groups(points.view(), &kinds, KINDS.len());
        (projection, points, share)
    };
    let (projection, points, share) = plane(states);
    let (projection_before, _, share_before) = plane(before);
    let explained: f64 = projection.explained().iter().sum();
    lesson.say(&format!(
        "After each of {} characters the state is {} numbers. The two directions in which states spread most \
         (principal components, found by power iteration) hold {:.0} % and {:.0} % of the variance; the other {:.0} % \
         cannot be seen on the plane. Colour is the kind of the character just read.",
        states.nrows(),
        states.ncols(),
        100.0 * projection.explained()[0],
        100.0 * projection.explained()[1],
        100.0 * (1.0 - explained),
    ));
    lesson.figure(&states_figure(&points, &kinds, &projection).render());
    lesson.figure(&means_figure(&points, text, &projection).render());
    lesson.table(&kinds_table(&points, &kinds));
    lesson.say(&format!(
        "The kinds explain {:.0} % of the spread on this plane. Is that learned? Before training, the plane of the same \
         network (it holds {:.0} % of the variance) gives {:.0} %: the last character pushes the state about even with random \
         weights, so some grouping is there from the start. Only the difference was learned.",
        100.0 * share,
        100.0 * projection_before.explained().iter().sum::<f64>(),
        100.0 * share_before,
    ));
    lesson.number("inside.explained_1", projection.explained()[0]);
    lesson.number("inside.explained_2", projection.explained()[1]);
    lesson.number("inside.between_kinds", share);
    lesson.number("inside.between_kinds_untrained", share_before);
}

fn axis_label(projection: &Projection, k: usize) -> String {
    let ordinal = ["first", "second"][k];
    format!("{ordinal} component ({:.0} % of the variance)", 100.0 * projection.explained()[k])
}

fn states_figure(points: &Array2<f64>, kinds: &[usize], projection: &Projection) -> Scatter {
    let scatter = Scatter::new(
        "Hidden states after each character",
        "Points: hidden states of a passage on the plane of the first two principal components, grouped by the \
         kind of character just read.",
    )
    .x(axis_label(projection, 0))
    .y(axis_label(projection, 1))
    .caption(format!("The states of the first {} characters of the held-out text.", POINTS.min(kinds.len())));
    (0..KINDS.len()).fold(scatter, |scatter, group| {
        let of_kind = points.rows().into_iter().zip(kinds).take(POINTS);
        let group_points: Vec<_> =
            of_kind.filter(|(_, kind)| **kind == group).map(|(p, _)| (p[0], p[1])).collect();
        if group_points.is_empty() { scatter } else { scatter.group(KINDS[group], &group_points) }
    })
}

/// The mean state after each character that occurs at least this often.
const OFTEN: usize = 10;

fn means_figure(points: &Array2<f64>, text: &[char], projection: &Projection) -> Scatter {
    let mut sums: BTreeMap<char, (f64, f64, usize)> = BTreeMap::new();
    for (p, &c) in points.rows().into_iter().zip(text) {
        let sum = sums.entry(c).or_default();
        *sum = (sum.0 + p[0], sum.1 + p[1], sum.2 + 1);
    }
    sums.retain(|_, sum| sum.2 >= OFTEN);
    let label = |c: char| match c {
        ' ' => "␣".to_owned(),
        '\n' => "↵".to_owned(),
        c => c.to_string(),
    };
    let scatter = Scatter::new(
        "The mean state after each character",
        "Points: one for each character, at the mean of the states after it, labelled with the character.",
    )
    .x(axis_label(projection, 0))
    .y(axis_label(projection, 1))
    .caption(format!("Characters that occur at least {OFTEN} times in the passage."));
    (0..KINDS.len()).fold(scatter, |scatter, group| {
        let of_kind = sums.iter().filter(|(c, _)| marks::kind(**c) == group);
        let means: Vec<_> =
            of_kind.map(|(&c, &(x, y, n))| (x / n as f64, y / n as f64, label(c))).collect();
        if means.is_empty() { scatter } else { scatter.labelled(KINDS[group], &means) }
    })
}

/// Where each kind lies, for the terminal, which has no scatter.
fn kinds_table(points: &Array2<f64>, kinds: &[usize]) -> Table {
    let mut table = Table::new(["kind just read", "states", "first", "second"])
        .caption("The mean of each kind on the two components.");
    for (group, name) in KINDS.iter().enumerate() {
        let of_kind = points.rows().into_iter().zip(kinds).filter(|(_, kind)| **kind == group);
        let (x, y, n) = of_kind.fold((0.0, 0.0, 0), |s, (p, _)| (s.0 + p[0], s.1 + p[1], s.2 + 1));
        if n > 0 {
            let mean = |sum: f64| format!("{:+.2}", sum / f64::from(n));
            table.push([(*name).to_owned(), n.to_string(), mean(x), mean(y)]);
        }
    }
    table
}

/// The best unit for each feature that varies in both halves of the text.
pub fn compare(
    text: &[char],
    states: ArrayView2<f64>,
    before: ArrayView2<f64>,
) -> Vec<(Feature, Comparison)> {
    let cut = text.len() / 2;
    let varies = |values: &[f64]| values.iter().any(|v| *v != values[0]);
    marks::features(text)
        .into_iter()
        .filter(|f| varies(&f.values[..cut]) && varies(&f.values[cut..]))
        .map(|feature| {
            let trained = units::best_unit(states, &feature, cut);
            let untrained = units::best_unit(before, &feature, cut);
            (feature, Comparison { trained, untrained })
        })
        .collect()
}

fn show_units(
    lesson: &mut Lesson,
    trained: &CharModel,
    text: &[char],
    ids: &[usize],
    states: ArrayView2<f64>,
    before: ArrayView2<f64>,
) {
    lesson.subheading("Single units over text");
    lesson.say(&format!(
        "Does one of the {} units follow something that has a name? For each feature the unit with the highest \
         correlation was chosen on the first {} characters; the figures below are its correlation on the {} after \
         them. The last columns do the same with the network before its training.",
        states.ncols(),
        text.len() / 2,
        text.len() - text.len() / 2,
    ));
    let mut compared = compare(text, states, before);
    let mut table = Table::new(["feature", "unit", "r", "untrained unit", "its r", "gain"]);
    for (i, (feature, comparison)) in compared.iter().enumerate() {
        let Comparison { trained, untrained } = comparison;
        table.push([
            feature.name.to_owned(),
            trained.unit.to_string(),
            format!("{:+.2}", trained.fresh),
            untrained.unit.to_string(),
            format!("{:+.2}", untrained.fresh),
            format!("{:+.2}", comparison.gain()),
        ]);
        lesson.number(&format!("inside.unit_r_{i}"), trained.fresh);
        lesson.number(&format!("inside.unit_r_untrained_{i}"), untrained.fresh);
    }
    lesson.table(&table);
    compared.sort_by(|a, b| b.1.gain().total_cmp(&a.1.gain()));
    let cut = text.len() / 2;
    // From the beginning of a line.
    let start = (cut..text.len()).find(|&i| text[i - 1] == '\n').unwrap_or(cut);
    for (feature, comparison) in compared.iter().take(2) {
        let unit = comparison.trained.unit;
        let range = start..(start + SHOWN).min(text.len());
        let pieces = range.map(|i| (text[i].to_string(), states[[i, unit]]));
        let heat = TextHeat::new(format!("Unit {unit}: {}", feature.name), pieces)
            .scale(Scale::Diverging)
            .range(-1.0, 1.0)
            .caption("The unit's value after each character.");
        lesson.text_heat(&heat);
    }
    if let Some((feature, comparison)) = compared.first() {
        show_held(lesson, trained, &ids[cut..], states, feature, comparison.trained.unit);
    }
    lesson.say(
        "Read this with care. A unit that follows a feature with r = 0.6 shares about a third of its variance with \
         it (r²) and does something else with the rest. What the untrained network reaches too was not learned. And \
         a name for a unit is ours, not the network's: it spreads what it knows over many units.",
    );
}

fn show_held(
    lesson: &mut Lesson,
    trained: &CharModel,
    ids: &[usize],
    states: ArrayView2<f64>,
    feature: &Feature,
    unit: usize,
) {
    let values = &feature.values[feature.values.len() - ids.len()..];
    // The unit first, then others to compare with, spread over the layer.
    let step = states.ncols().div_ceil(OTHERS);
    let others = (0..states.ncols()).step_by(step).filter(|&other| other != unit);
    let chosen: Vec<usize> = [unit].into_iter().chain(others).collect();
    let rises = rises(&trained.model, ids, values, &chosen, states);
    let Some((this, others)) = rises.split_first().filter(|(_, others)| !others.is_empty()) else {
        return;
    };
    let mean = |f: fn(&Rise) -> f64| others.iter().map(f).sum::<f64>() / others.len() as f64;
    let others = Rise { inside: mean(|r| r.inside), outside: mean(|r| r.outside) };
    lesson.say(&format!(
        "Does the network use unit {unit}? Hold it at its mean, so that it tells nothing, and measure again: where \
         the feature ({}) is above its mean, the loss rises by {:.3} nats per character, elsewhere by {:.3}. For {} \
         other units, held one at a time, the mean rise is {:.3} and {:.3}. {}",
        feature.name,
        this.inside,
        this.outside,
        rises.len() - 1,
        others.inside,
        others.outside,
        if this.inside > 2.0 * others.inside {
            "Here the unit matters more than others do."
        } else {
            "So it is hardly missed: to follow a feature is one thing, to be needed for it another."
        },
    ));
    lesson.number("inside.held_rise_inside", this.inside);
    lesson.number("inside.held_rise_outside", this.outside);
    lesson.number("inside.held_rise_inside_others", others.inside);
    lesson.number("inside.held_rise_outside_others", others.outside);
}
