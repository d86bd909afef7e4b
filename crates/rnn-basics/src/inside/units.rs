//! Do single units follow something that can be named?
//!
//! With many units and some features, a high correlation turns up by chance and by choosing. So
//! a unit is *chosen* on one stretch of text and its correlation *measured* on the next one. The
//! same is done with the model before its training: what a random network reaches as well says
//! nothing about what was learned.
//!
//! A correlation does not say that the network *uses* the unit. [`held`] takes the unit's word
//! away: it gives a model in which the unit has always the same value, so that the loss can be
//! compared.

use ndarray::{ArrayView2, s};
use rayon::prelude::*;
use seqcore::cells::Cell;
use seqcore::models::language::LanguageModel;

use super::marks::Feature;
use super::reading::losses;
use super::statistics::correlation;

/// The unit that follows a feature best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// Which unit.
    pub unit: usize,
    /// Its correlation on the text that it was chosen on.
    pub chosen: f64,
    /// Its correlation on other text.
    pub fresh: f64,
}

/// The unit of `states` (N, H) whose correlation with the feature is the largest, in either
/// direction, on the first `cut` characters; measured on the rest.
pub fn best_unit(states: ArrayView2<f64>, feature: &Feature, cut: usize) -> Best {
    let (n, hidden) = states.dim();
    assert!(n == feature.values.len() && cut < n && hidden > 0, "a value for each of {n} states");
    let on = |unit: usize, range: std::ops::Range<usize>| {
        let activation = states.slice(s![range.clone(), unit]).to_vec();
        correlation(&activation, &feature.values[range])
    };
    let chosen: Vec<f64> = (0..hidden).map(|unit| on(unit, 0..cut)).collect();
    let stronger = |best: usize, unit: usize| {
        if chosen[unit].abs() > chosen[best].abs() { unit } else { best }
    };
    let unit = (1..hidden).fold(0, stronger);
    Best { unit, chosen: chosen[unit], fresh: on(unit, cut..n) }
}

/// The best unit before and after training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// After.
    pub trained: Best,
    /// Before.
    pub untrained: Best,
}

impl Comparison {
    /// How much more of the feature the trained unit follows, on fresh text.
    pub fn gain(&self) -> f64 {
        self.trained.fresh.abs() - self.untrained.fresh.abs()
    }
}

/// The same model, but unit `unit` has the value `value` after every character: its weights
/// are zero and its bias is atanh(value) in (R1), so that (R2) gives `value` back. `None` where
/// the model is not one layer of a plain tanh cell with a bias.
pub fn held(model: &LanguageModel<f32>, unit: usize, value: f64) -> Option<LanguageModel<f32>> {
    let mut model = model.clone();
    let config = model.rnn.config;
    let [params] = model.rnn.cells.as_mut_slice() else { return None };
    let (Cell::RnnTanh, Some(bias_ih), Some(bias_hh)) =
        (config.cell, &mut params.bias_ih, &mut params.bias_hh)
    else {
        return None;
    };
    params.weight_ih.row_mut(unit).fill(0.0);
    params.weight_hh.row_mut(unit).fill(0.0);
    bias_hh[unit] = 0.0;
    bias_ih[unit] = value.clamp(-0.999_999, 0.999_999).atanh() as f32;
    Some(model)
}

/// The rise of the loss when a unit is held at its mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// In nats per character, where the feature is above its mean.
    pub inside: f64,
    /// Everywhere else.
    pub outside: f64,
}

/// Holds units at their means, one at a time, and measures on `ids`, whose characters have the
/// feature's `values`. Empty for cells other than one layer of a plain tanh cell.
pub fn rises(
    model: &LanguageModel<f32>,
    ids: &[usize],
    values: &[f64],
    units: &[usize],
    states: ArrayView2<f64>,
) -> Vec<Rise> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let split = |losses: &[f64]| {
        let part = |inside: bool| {
            // The loss of a character belongs to the place that it was predicted from.
            let of_part = losses.iter().zip(values).filter(|(_, v)| (**v > mean) == inside);
            let (sum, n) = of_part.fold((0.0, 0), |(sum, n), (loss, _)| (sum + loss, n + 1));
            sum / f64::from(n.max(1))
        };
        (part(true), part(false))
    };
    let (inside, outside) = split(&losses(model, ids));
    let rise = |&unit: &usize| {
        let still = held(model, unit, states.column(unit).mean()?)?;
        let (held_inside, held_outside) = split(&losses(&still, ids));
        Some(Rise { inside: held_inside - inside, outside: held_outside - outside })
    };
    units.par_iter().filter_map(rise).collect()
}
