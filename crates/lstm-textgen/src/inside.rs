//! Part 5, **inside**: the cell hunter.
//!
//! Karpathy, Johnson & Fei-Fei (2016) found cells in a character LSTM that follow quotes, line
//! lengths, brackets. Do ours? Three questions to each find, so that a nice picture alone does not
//! convince:
//!
//! 1. [`hunt`]: is it chance? The unit is chosen on one stretch of text and its correlation measured on
//!    the next; the same hunt in the model before its training says what random weights reach.
//! 2. [`without`]: is it used? The unit is switched off, and the rise of the loss compared with
//!    what other units cost.
//! 3. The gates over text: how does it do it?

pub mod features;
pub mod reading;

use lesson::Lesson;
use lesson::plot::{HeatMap, Scale, Table, TextHeat};
use ndarray::{Array2, s};
use seqcore::cells::Cell;
use seqcore::data::marks::Feature;
use seqcore::metrics::correlation;
use seqcore::models::language::LanguageModel;

use crate::text::Vocabulary;
use crate::train::TrainedText;
use features::features;
use reading::{Reading, losses};

/// Characters of test that are looked at.
const READ: usize = 8000;
/// The fewest that tell anything.
const FEWEST: usize = 1000;
/// Units that are switched off to compare with.
const OTHERS: usize = 24;
/// Characters shown in colour.
const SHOWN: usize = 320;
/// Characters of a gate map.
const MAPPED: usize = 60;

/// A unit of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Counted from 0.
    pub layer: usize,
    /// Counted from 0.
    pub number: usize,
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.layer, self.number)
    }
}

/// The unit that follows a feature best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Find {
    /// Which.
    pub unit: Unit,
    /// Its correlation on the text that it was chosen on.
    pub chosen: f64,
    /// Its correlation on the text after that.
    pub fresh: f64,
}

/// The unit whose memory (c, or h where there is no c) correlates most with `feature`, in either
/// direction, before `cut`; measured behind it.
pub fn hunt(readings: &[Reading], feature: &Feature, cut: usize) -> Find {
    let score = |unit: Unit, range: std::ops::Range<usize>| {
        let memory = &readings[unit.layer].memory;
        correlation(&memory.slice(s![range.clone(), unit.number]).to_vec(), &feature.values[range])
    };
    let units: Vec<Unit> = readings
        .iter()
        .enumerate()
        .flat_map(|(layer, r)| (0..r.memory.ncols()).map(move |number| Unit { layer, number }))
        .collect();
    let chosen = crate::loss::in_parallel(&units, |&unit| score(unit, 0..cut));
    let best = (0..units.len())
        .reduce(|a, b| if chosen[b].abs() > chosen[a].abs() { b } else { a })
        .expect("a model has units");
    let end = feature.values.len();
    Find { unit: units[best], chosen: chosen[best], fresh: score(units[best], cut..end) }
}

/// The same model with one unit switched off: an LSTM's candidate g is 0, so c and h stay 0; a
/// plain cell's pre-activation is 0; a GRU's candidate is 0 and stays so.
pub fn without(model: &LanguageModel<f32>, unit: Unit) -> LanguageModel<f32> {
    let mut model = model.clone();
    let config = model.rnn.config;
    let params = &mut model.rnn.cells[unit.layer];
    // The block of rows that makes the candidate: g of i, f, g, o; n of r, z, n; the only one.
    let block = match config.cell {
        Cell::Lstm | Cell::Gru => 2,
        Cell::RnnTanh | Cell::RnnRelu => 0,
    };
    let row = block * config.hidden + unit.number;
    params.weight_ih.row_mut(row).fill(0.0);
    params.weight_hh.row_mut(row).fill(0.0);
    for bias in [&mut params.bias_ih, &mut params.bias_hh].into_iter().flatten() {
        bias[row] = 0.0;
    }
    model
}

/// The rise of the loss without a unit, in nats per character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// Where the feature is above its mean.
    pub inside: f64,
    /// Everywhere else.
    pub outside: f64,
}

/// The rises of the loss at the places of each of `features`, without `unit`.
fn rises(
    model: &LanguageModel<f32>,
    ids: &[usize],
    features: &[Feature],
    unit: Unit,
    whole: &[f64],
) -> Vec<Rise> {
    let off = losses(&without(model, unit), ids);
    let rise: Vec<f64> = off.iter().zip(whole).map(|(off, on)| off - on).collect();
    let split = |feature: &Feature| {
        let mean = feature.values.iter().sum::<f64>() / feature.values.len() as f64;
        let part = |inside: bool| {
            // The loss of a character belongs to the place that it was predicted from.
            let of = rise.iter().zip(&feature.values).filter(|(_, v)| (**v > mean) == inside);
            let (sum, n) = of.fold((0.0, 0), |(sum, n), (rise, _)| (sum + rise, n + 1));
            sum / f64::from(n.max(1))
        };
        Rise { inside: part(true), outside: part(false) }
    };
    features.iter().map(split).collect()
}

/// Runs the part.
pub fn run(lesson: &mut Lesson, trained: &TrainedText) {
    lesson.heading("5 · Inside: the cell hunter");
    if !matches!(trained.material.vocabulary, Vocabulary::Char(_)) {
        lesson.say("Only a character model is looked into here.");
        return;
    }
    let text: Vec<char> = trained.material.test_text.chars().take(READ).collect();
    if text.len() < FEWEST {
        lesson.say(&format!(
            "Test has {} characters; to look inside takes {FEWEST} or more.",
            text.len()
        ));
        return;
    }
    let ids = &trained.material.test[..text.len()];
    let readings = Reading::of(&trained.model, ids);
    let before = Reading::of(&trained.untrained, ids);
    let cut = text.len() / 2;
    let varies = |values: &[f64]| values.iter().any(|v| *v != values[0]);
    let found: Vec<(Feature, Find, Find)> = features(&text)
        .into_iter()
        .filter(|f| varies(&f.values[..cut]) && varies(&f.values[cut..]))
        .map(|f| {
            let (after, untrained) = (hunt(&readings, &f, cut), hunt(&before, &f, cut));
            (f, after, untrained)
        })
        .collect();
    lesson.say(&format!(
        "{} units have read {} characters of test. For each feature, the unit whose memory c correlates with it most \
         was chosen on the first half; r is its correlation on the second half. The same hunt in the model before its \
         training shows what random weights reach.",
        readings.iter().map(|r| r.memory.ncols()).sum::<usize>(),
        text.len(),
    ));
    show_finds(lesson, &found);
    let found = by_gain(found);
    show_text(lesson, &text, &readings, &found, cut);
    show_rises(lesson, trained, ids, &found);
    if let Some((feature, find, _)) = found.first() {
        show_gates(lesson, trained.recipe.cell, &text, &readings, feature, find, cut);
    }
}

fn show_finds(lesson: &mut Lesson, found: &[(Feature, Find, Find)]) {
    lesson.subheading("Who follows what?");
    let mut table = Table::new(["feature", "unit", "r chosen", "r", "untrained r"])
        .caption("A unit is layer.number. The sign of r is an accident of the initial weights.");
    for (k, (feature, find, untrained)) in found.iter().enumerate() {
        table.push([
            feature.name.to_owned(),
            find.unit.to_string(),
            format!("{:+.2}", find.chosen),
            format!("{:+.2}", find.fresh),
            format!("{:+.2}", untrained.fresh),
        ]);
        lesson.number(&format!("inside.r_{k}"), find.fresh);
        lesson.number(&format!("inside.r_untrained_{k}"), untrained.fresh);
    }
    lesson.table(&table);
}

/// What training added most to comes first.
fn by_gain(mut found: Vec<(Feature, Find, Find)>) -> Vec<(Feature, Find, Find)> {
    found.sort_by(|a, b| {
        let gain = |x: &(Feature, Find, Find)| x.1.fresh.abs() - x.2.fresh.abs();
        gain(b).total_cmp(&gain(a))
    });
    found
}

/// Where a passage that has some of the feature begins, behind `cut`.
fn passage(text: &[char], feature: &Feature, cut: usize, length: usize) -> usize {
    let last = text.len().saturating_sub(length).max(cut);
    let some =
        |start: usize| feature.values[start..(start + length).min(text.len())].iter().sum::<f64>();
    let starts = (cut..last).filter(|&i| text[i - 1] == '\n');
    starts.max_by(|&a, &b| some(a).total_cmp(&some(b))).unwrap_or(cut)
}

fn show_text(
    lesson: &mut Lesson,
    text: &[char],
    readings: &[Reading],
    found: &[(Feature, Find, Find)],
    cut: usize,
) {
    for (feature, find, _) in found.iter().take(3) {
        let start = passage(text, feature, cut, SHOWN);
        let memory = readings[find.unit.layer].memory.column(find.unit.number);
        let range = start..(start + SHOWN).min(text.len());
        let pieces = range.map(|i| (text[i].to_string(), memory[i].clamp(-3.0, 3.0)));
        let heat = TextHeat::new(format!("Unit {}: {}", find.unit, feature.name), pieces)
            .scale(Scale::Diverging)
            .caption(format!("c after each character; r = {:+.2} on this half.", find.fresh));
        lesson.text_heat(&heat);
    }
}

fn show_rises(
    lesson: &mut Lesson,
    trained: &TrainedText,
    ids: &[usize],
    found: &[(Feature, Find, Find)],
) {
    lesson.subheading("Is it used? Switch it off");
    let model = &trained.model;
    let hidden = model.rnn.config.hidden;
    let all = hidden * model.rnn.config.layers;
    let unit = |k: usize| Unit { layer: k / hidden, number: k % hidden };
    let others: Vec<Unit> = (0..OTHERS.min(all)).map(|k| unit(k * all / OTHERS.min(all))).collect();
    let features: Vec<Feature> = found.iter().map(|(feature, ..)| feature.clone()).collect();
    let whole = losses(model, ids);
    let units: Vec<Unit> = found.iter().map(|(_, find, _)| find.unit).chain(others).collect();
    let measured =
        crate::loss::in_parallel(&units, |&unit| rises(model, ids, &features, unit, &whole));
    let (own, others) = measured.split_at(found.len());
    let mut table = Table::new(["feature", "unit", "rise there", "elsewhere", "others there", "worst"])
        .caption(format!(
            "By how much the loss rises, in nats per character, where the feature is high and elsewhere, when the unit \
             is switched off; then the mean and the largest rise there of {} other units.",
            others.len()
        ));
    let mut needed = 0;
    for (k, (feature, find, _)) in found.iter().enumerate() {
        let rise = own[k][k];
        let there: Vec<f64> = others.iter().map(|of| of[k].inside).collect();
        let mean = there.iter().sum::<f64>() / there.len() as f64;
        let worst = there.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        needed += usize::from(rise.inside > worst);
        table.push([
            feature.name.to_owned(),
            find.unit.to_string(),
            format!("{:+.4}", rise.inside),
            format!("{:+.4}", rise.outside),
            format!("{mean:+.4}"),
            format!("{worst:+.4}"),
        ]);
        lesson.number(&format!("inside.rise_{k}"), rise.inside);
        lesson.number(&format!("inside.rise_others_{k}"), mean);
    }
    lesson.table(&table);
    lesson.number("inside.needed", needed as f64);
    lesson.say(&format!(
        "{needed} of {} finds cost more, where their feature is, than any of the {} other units. To follow a feature is one \
         thing, to be needed for it another: what one unit carries, others often carry too.",
        found.len(),
        others.len(),
    ));
}

fn show_gates(
    lesson: &mut Lesson,
    cell: Cell,
    text: &[char],
    readings: &[Reading],
    feature: &Feature,
    find: &Find,
    cut: usize,
) {
    let reading = &readings[find.unit.layer];
    let start = passage(text, feature, cut, MAPPED);
    let end = (start + MAPPED).min(text.len());
    let rows = reading.rows_of(find.unit.number, cell);
    let values = Array2::from_shape_fn((rows.len(), end - start), |(row, i)| {
        rows[row].1[start + i].clamp(-1.0, 1.0)
    }); // (rows, characters)
    let letters = text[start..end].iter().map(|&c| match c {
        '\n' => "↵".to_owned(),
        ' ' => "␣".to_owned(),
        c => c.to_string(),
    });
    let map = HeatMap::new(
        format!("The gates of unit {}", find.unit),
        format!("Rows: the unit's gates and states; columns: {} characters of test.", end - start),
        values.view(),
    )
    .rows("", rows.iter().map(|(name, _)| *name))
    .columns("character read", letters)
    .scale(Scale::Diverging)
    .range(-1.0, 1.0)
    .caption(format!(
        "Unit {} follows: {}. Gates lie between 0 and 1, g, h and c between −1 and 1 (c is cut off there).",
        find.unit, feature.name
    ));
    lesson.figure(&map.render());
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::models::language::LanguageConfig;

    use super::*;

    fn model(cell: Cell) -> LanguageModel<f32> {
        let config = LanguageConfig {
            vocabulary: 7,
            embedding: 5,
            cell,
            hidden: 6,
            layers: 2,
            dropout: 0.0,
        };
        LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(3))
    }

    #[test]
    fn a_unit_that_is_switched_off_stays_at_zero() {
        let ids: Vec<usize> = (0..40).map(|k| k * k % 7).collect();
        for cell in Cell::ALL {
            let unit = Unit { layer: 1, number: 4 };
            let readings = Reading::of(&without(&model(cell), unit), &ids);
            assert!(readings[1].h.column(4).iter().all(|&h| h == 0.0), "{cell}");
            assert!(readings[1].memory.column(4).iter().all(|&c| c == 0.0), "{cell}");
            assert!(readings[1].h.column(3).iter().all(|&h| h != 0.0 || cell == Cell::RnnRelu));
        }
    }

    #[test]
    fn the_hunter_finds_a_unit_that_was_made_to_follow() {
        let mut readings = Reading::of(&model(Cell::Lstm), &[1, 2, 3, 1, 2, 3, 4, 5, 6, 1, 2, 3]);
        let values: Vec<f64> = (0..12).map(|k| f64::from(k % 3 == 0)).collect();
        for (c, v) in readings[1].memory.column_mut(2).iter_mut().zip(&values) {
            *c = -0.5 * v;
        }
        let feature = Feature { name: "every third", values };
        let find = hunt(&readings, &feature, 6);
        assert_eq!(find.unit, Unit { layer: 1, number: 2 });
        assert!((find.fresh + 1.0).abs() < 1e-12);
    }
}
