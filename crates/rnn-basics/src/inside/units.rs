//! Do single units follow something that can be named?
//!
//! With many units and some features, a high correlation turns up by chance and by choosing. So
//! a unit is *chosen* on one stretch of text and its correlation *measured* on the next one. The
//! same is done with the model before its training: what a random network reaches as well says
//! nothing about what was learnt.

use ndarray::{ArrayView2, s};

use super::marks::Feature;
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
