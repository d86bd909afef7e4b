//! What a training run is told before it starts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::optim::{OptimiserConfig, Schedule};
use crate::{Error, Result};

/// How long to train.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Length {
    /// So many steps.
    Steps(usize),
    /// So much training time, evaluation aside. The first steps are timed, thrown away, and
    /// turned into a number of steps, which is printed; from there on it is a run of so many
    /// steps, and it can be repeated as one.
    Budget(Duration),
}

/// Which weights a run ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// Those of the evaluation with the lowest loss. Then that loss has taken part in a choice
    /// and is no longer an honest estimate; another part of the data must give that.
    Best,
    /// Those of the last step: nothing is chosen by the evaluations, they are only watched.
    Last,
}

/// The settings of a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// How long.
    pub length: Length,
    /// The learning rate, before the schedule.
    pub learning_rate: f64,
    /// The optimiser and its own settings.
    pub optimiser: OptimiserConfig,
    /// The learning rate over time.
    pub schedule: Schedule,
    /// The largest global norm of the gradient (R16); larger ones are scaled down to it.
    pub clip: Option<f64>,
    /// How many evaluations, spread evenly over the run; the last is at its end.
    pub evaluations: usize,
    /// Which weights a run ends with.
    pub keep: Keep,
    /// Stop after so many evaluations in a row without a better loss.
    pub patience: Option<usize>,
}

impl Plan {
    /// Refuses settings that cannot work.
    ///
    /// # Errors
    /// A learning rate or clipping norm that is not above 0, a run of no steps, and what the
    /// optimiser and the schedule refuse.
    pub fn validate(&self) -> Result<()> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(self.learning_rate) {
            return Err(Error::config(format!(
                "the learning rate is {}; it must be a number above 0.",
                self.learning_rate
            )));
        }
        if self.clip.is_some_and(|clip| !positive(clip)) {
            return Err(Error::config("the norm to clip gradients to must be above 0."));
        }
        if self.length == Length::Steps(0) {
            return Err(Error::config("a run of 0 steps trains nothing; give --steps at least 1."));
        }
        self.optimiser.validate()?;
        self.schedule.validate()
    }

    /// Whether the run of `total` steps evaluates after it has done `done` of them.
    pub(super) fn evaluates_after(&self, done: usize, total: usize) -> bool {
        let evaluations = self.evaluations.clamp(1, total);
        // The k-th evaluation is due at step ceil(k · total / evaluations).
        done * evaluations / total > (done - 1) * evaluations / total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_are_spread_evenly_and_end_with_the_run() {
        let plan = |evaluations| Plan {
            length: Length::Steps(10),
            learning_rate: 0.1,
            optimiser: "adam".parse().unwrap(),
            schedule: Schedule::Constant,
            clip: None,
            evaluations,
            keep: Keep::Best,
            patience: None,
        };
        let due = |evaluations| {
            (1..=10).filter(|&done| plan(evaluations).evaluates_after(done, 10)).collect::<Vec<_>>()
        };
        assert_eq!(due(5), [2, 4, 6, 8, 10]);
        assert_eq!(due(3), [4, 7, 10]);
        assert_eq!(due(0), [10]);
        assert_eq!(due(99), (1..=10).collect::<Vec<_>>());
    }
}
