//! The learning rate over a run.
//!
//! A schedule sees how far the run is, step / total, not how many steps it has made: a run of
//! 100 steps and one of 100,000 follow the same curve. Steps count from 0.
//!
//! ```text
//! constant   η
//! step       η · factor^⌊p / every⌋                                   p = step / total
//! cosine     η · (step + 1) / (warmup · total)                        during the warm-up
//!            η · (floor + (1 - floor) · (1 + cos π q) / 2)            q = (p - warmup) / (1 - warmup)
//! plateau    η · factor^(how often the metric stopped falling)
//! ```

use std::f64::consts::PI;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How the learning rate changes. As JSON: `{"name": "cosine", "warmup": 0.05, "floor": 0.1}`.
///
/// ```
/// use seqcore::optim::Schedule;
///
/// let halves = Schedule::Step { every: 0.5, factor: 0.1 };
/// assert_eq!(halves.lr(1.0, 49, 100), 1.0);
/// assert_eq!(halves.lr(1.0, 50, 100), 0.1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// The same rate throughout.
    Constant,
    /// The rate is multiplied by `factor` after each `every`-th part of the run.
    Step {
        /// A fraction of the run: 0.25 makes three drops, after each quarter but the last.
        every: f64,
        /// What the rate is multiplied with.
        factor: f64,
    },
    /// A linear rise, then half a cosine wave down (Loshchilov & Hutter 2017).
    Cosine {
        /// The fraction of the run in which the rate rises.
        warmup: f64,
        /// Where it ends, as a fraction of the full rate.
        floor: f64,
    },
    /// The rate drops when a metric stops falling. Tell it the metric by [`Schedule::update`].
    ReduceOnPlateau {
        /// What the rate is multiplied with.
        factor: f64,
        /// So many measurements without improvement are endured; the next one drops the rate.
        patience: u32,
        /// What was measured so far; saved with the rest, so that a resumed run goes on.
        #[serde(default)]
        state: Plateau,
    },
}

/// What [`Schedule::ReduceOnPlateau`] remembers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plateau {
    /// The lowest metric so far.
    pub best: Option<f64>,
    /// How many measurements in a row did not improve on it.
    pub waited: u32,
    /// How often the rate was dropped.
    pub drops: u32,
}

impl Schedule {
    /// The learning rate of step `step` (from 0) out of `total`, where `base` is the full rate.
    pub fn lr(&self, base: f64, step: u64, total: u64) -> f64 {
        let total = total.max(1) as f64;
        let progress = (step as f64 / total).min(1.0);
        base * match *self {
            Self::Constant => 1.0,
            // A hair is added so that a step that falls on a boundary is past it.
            Self::Step { every, factor } => factor.powf((progress / every + 1e-9).floor()),
            Self::Cosine { warmup, .. } if progress < warmup => {
                ((step + 1) as f64 / (warmup * total)).min(1.0)
            }
            Self::Cosine { warmup, floor } => {
                let q = (progress - warmup) / (1.0 - warmup);
                floor + (1.0 - floor) * 0.5 * (1.0 + (PI * q).cos())
            }
            Self::ReduceOnPlateau { factor, state, .. } => factor.powf(f64::from(state.drops)),
        }
    }

    /// Takes note of a metric that should fall, such as the loss on the development part. Only
    /// [`Schedule::ReduceOnPlateau`] listens. As in PyTorch, a gain of less than 0.01 % is none.
    pub fn update(&mut self, metric: f64) {
        let Self::ReduceOnPlateau { patience, state, .. } = self else { return };
        let improved = match state.best {
            None => !metric.is_nan(),
            Some(best) => metric < best - 1e-4 * best.abs(),
        };
        if improved {
            state.best = Some(metric);
            state.waited = 0;
            return;
        }
        state.waited += 1;
        if state.waited > *patience {
            state.waited = 0;
            state.drops += 1;
        }
    }

    /// Refuses settings that cannot work.
    pub fn validate(&self) -> Result<()> {
        let positive = |name: &str, value: f64| {
            let fine = value > 0.0 && value <= 1.0;
            require(fine, || format!("{name} is {value}; it must be above 0 and at most 1."))
        };
        match *self {
            Self::Constant => Ok(()),
            Self::Step { every, factor } => {
                positive("every", every).and(positive("factor", factor))
            }
            Self::Cosine { warmup, floor } => {
                super::fraction("warmup", warmup)?;
                require((0.0..=1.0).contains(&floor), || {
                    format!("floor is {floor}; it must be between 0 and 1.")
                })
            }
            Self::ReduceOnPlateau { factor, .. } => positive("factor", factor),
        }
    }
}

fn require(fine: bool, message: impl FnOnce() -> String) -> Result<()> {
    if fine { Ok(()) } else { Err(Error::config(message())) }
}

/// By name with usual settings: `constant`, `step` (a tenth after each third), `cosine` (5 % warm-up,
/// down to a tenth), `plateau` (half after three measurements without improvement).
impl FromStr for Schedule {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "constant" => Ok(Self::Constant),
            "step" => Ok(Self::Step { every: 1.0 / 3.0, factor: 0.1 }),
            "cosine" => Ok(Self::Cosine { warmup: 0.05, floor: 0.1 }),
            "plateau" => {
                Ok(Self::ReduceOnPlateau { factor: 0.5, patience: 2, state: Plateau::default() })
            }
            _ => Err(Error::config(format!(
                "there is no schedule named {name:?}. Choose constant, step, cosine or plateau."
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_rises_falls_and_ends_at_its_floor() {
        let cosine = Schedule::Cosine { warmup: 0.1, floor: 0.2 };
        let lr = |step| cosine.lr(2.0, step, 1000);
        assert!((lr(0) - 2.0 / 100.0).abs() < 1e-12);
        assert!((lr(49) - 1.0).abs() < 1e-12);
        assert!((lr(99) - 2.0).abs() < 1e-12);
        assert!((lr(100) - 2.0).abs() < 1e-12);
        // Half-way down: the mean of 2 and 0.4.
        assert!((lr(550) - 1.2).abs() < 1e-12);
        assert!((lr(1000) - 0.4).abs() < 1e-12);
        assert!((lr(5000) - 0.4).abs() < 1e-12);
        assert!((100..1000).all(|step| lr(step + 1) < lr(step)));
    }

    #[test]
    fn step_drops_at_every_third_of_the_run() {
        let step: Schedule = "step".parse().unwrap();
        let rates: Vec<f64> = (0..9).map(|k| step.lr(1.0, k, 9)).collect();
        for (rate, expected) in rates.iter().zip([1., 1., 1., 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]) {
            assert!((rate / expected - 1.0).abs() < 1e-12, "{rates:?}");
        }
    }

    #[test]
    fn a_short_run_warms_up_too() {
        let cosine = Schedule::Cosine { warmup: 0.05, floor: 0.0 };
        for total in 1..40 {
            assert!((0..total).all(|step| cosine.lr(1.0, step, total) > 0.0));
        }
        assert_eq!(Schedule::Constant.lr(0.5, 0, 0), 0.5);
    }

    // s = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, patience=1)
    // for m in metrics: s.step(m); print(optimiser.param_groups[0]["lr"])
    #[test]
    fn plateau_is_pytorchs() {
        let state = Plateau::default();
        let mut plateau = Schedule::ReduceOnPlateau { factor: 0.5, patience: 1, state };
        let metrics = [3.0, 2.0, 2.1, 2.0, 1.9999, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0];
        let expected = [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125];
        for (metric, expected) in metrics.into_iter().zip(expected) {
            plateau.update(metric);
            assert_eq!(plateau.lr(1.0, 3, 10), expected, "after {metric}");
        }
    }

    #[test]
    fn a_plateau_that_was_saved_goes_on() {
        let mut plateau: Schedule = "plateau".parse().unwrap();
        [f64::NAN, 1.25, 1.3, 1.3].into_iter().for_each(|metric| plateau.update(metric));
        let text = serde_json::to_string(&plateau).unwrap();
        let mut restored: Schedule = serde_json::from_str(&text).unwrap();
        assert_eq!(restored, plateau);
        restored.update(1.3);
        assert_eq!(restored.lr(1.0, 0, 1), 0.5);
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let wrong = [
            Schedule::Step { every: 0.0, factor: 0.1 },
            Schedule::Step { every: 0.1, factor: f64::NAN },
            Schedule::Cosine { warmup: 1.0, floor: 0.0 },
            Schedule::Cosine { warmup: 0.0, floor: -1.0 },
        ];
        assert!(wrong.iter().all(|schedule| schedule.validate().is_err()));
        for name in ["constant", "step", "cosine", "plateau"] {
            assert!(name.parse::<Schedule>().unwrap().validate().is_ok());
        }
        let message = "linear".parse::<Schedule>().unwrap_err().to_string();
        assert!(message.contains("\"linear\"") && message.contains("cosine"), "{message}");
    }
}
