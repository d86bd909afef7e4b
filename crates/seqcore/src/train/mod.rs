//! The training loop that all lessons share, a step at a time.
//!
//! A [`Task`] knows its data and how to turn a step's number into a loss and a gradient. A [`Trainer`] does
//! the rest of a step: learning rate, clipping, optimiser, evaluation, the best weights kept. It knows no
//! file, no clock and no progress bar; who drives it does:
//!
//! ```text
//! while !trainer.is_finished() {
//!     trainer.step(task, plan)?;
//!     if trainer.is_due(plan) { trainer.evaluate(task, plan)?; }
//! }
//! ```
//!
//! **The same steps give the same bits.** What a step does depends on the model, the task's carried state,
//! the step's number and the number of steps in all; on no clock and no thread. A trainer and what the task
//! carries are all of that: a run that was stopped and is set up from them again arrives where the run
//! that was never stopped does.

pub mod language;
pub mod plan;
pub mod shards;

use serde::{Deserialize, Serialize};

use crate::optim::{Optimiser, Schedule, clip_global_norm};
use crate::params::Named;
use crate::{Error, Result};
pub use plan::{Keep, Length, Plan};

/// What is trained: the data, and how a step is computed from it.
pub trait Task {
    /// The model's parameters.
    type Model: Named<f32> + Clone;
    /// Their gradient.
    type Gradient: Named<f32>;
    /// What goes from one step to the next beside the parameters, such as a recurrent state.
    type Carried: Named<f32>;

    /// Loss and gradient of the step with this number, counted from 0.
    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient);

    /// The loss of the weights that are [`Task::kept`] on the development part.
    fn evaluate(&mut self, model: &Self::Model) -> f64;

    /// The weights that an evaluation scores and a run ends with: the model's own, unless a task keeps
    /// others, such as an average over the steps.
    fn kept<'a>(&'a self, model: &'a Self::Model) -> &'a Self::Model {
        model
    }

    /// The learning rate of one array, as a share of the run's: 1 for all, unless a task says
    /// otherwise.
    fn rate(&self, _name: &str) -> f64 {
        1.0
    }

    /// The first step that takes as long as most: what a budget is measured from. 0, unless the first steps do less,
    /// such as those with frozen layers.
    fn typical(&self) -> usize {
        0
    }

    /// What goes from step to step.
    fn carried(&mut self) -> &mut Self::Carried;

    /// Makes the task as it was before its first step.
    fn restart(&mut self);
}

/// The loss of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepLoss {
    /// Summed over what was predicted.
    pub sum: f64,
    /// How many predictions that were.
    pub count: usize,
}

impl StepLoss {
    /// The mean over what was predicted.
    pub fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

/// The loss of a batch from its shards', added in their order.
impl std::iter::Sum for StepLoss {
    fn sum<I: Iterator<Item = Self>>(losses: I) -> Self {
        losses.fold(Self { sum: 0.0, count: 0 }, |all, one| Self {
            sum: all.sum + one.sum,
            count: all.count + one.count,
        })
    }
}

/// What a run has come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps in all.
    pub total: usize,
    /// Steps done.
    pub step: usize,
    /// One entry per evaluation.
    pub history: Vec<Entry>,
    /// The evaluation with the lowest loss so far.
    pub best: Option<Best>,
    /// Whether patience ran out.
    pub stopped_early: bool,
    /// Training time, evaluation aside, in seconds, as whoever drives the trainer measured it.
    pub seconds: f64,
    /// Predictions made while training, for the speed.
    pub predictions: usize,
    /// Sums since the last evaluation: loss, predictions, gradient norms, steps.
    since: (f64, usize, f64, usize),
    /// The schedule with what it has measured.
    schedule: Schedule,
}

/// One evaluation and the steps that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Steps done.
    pub step: usize,
    /// Mean training loss since the entry before.
    pub train_loss: f64,
    /// Loss on the development part.
    pub dev_loss: f64,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Mean global norm of the gradients before clipping, since the entry before.
    pub gradient_norm: f64,
    /// Training time so far, in seconds; evaluation aside.
    pub seconds: f64,
}

/// The best evaluation of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Steps done by then.
    pub step: usize,
    /// Its loss.
    pub loss: f64,
}

impl Progress {
    /// Predictions per second of training time.
    pub fn speed(&self) -> f64 {
        self.predictions as f64 / self.seconds.max(1e-9)
    }
}

/// A run in memory.
#[derive(Debug, Clone)]
pub struct Trainer<M> {
    /// The weights of the last step.
    pub model: M,
    /// The weights that the run ends with: those of the best evaluation or of the last one, as the plan
    /// says; before the first, those it began with.
    pub kept: M,
    /// With what it remembers.
    pub optimiser: Optimiser<f32>,
    /// What was reached.
    pub progress: Progress,
}

impl<M: Named<f32> + Clone> Trainer<M> {
    /// A run of `total` steps that has done none.
    ///
    /// # Errors
    /// A plan that cannot work.
    pub fn new(model: M, plan: &Plan, total: usize) -> Result<Self> {
        plan.validate()?;
        let progress = Progress {
            total,
            step: 0,
            history: Vec::new(),
            best: None,
            stopped_early: false,
            seconds: 0.0,
            predictions: 0,
            since: (0.0, 0, 0.0, 0),
            schedule: plan.schedule,
        };
        let optimiser = Optimiser::new(plan.optimiser, &model)?;
        Ok(Self { kept: model.clone(), model, optimiser, progress })
    }

    /// Whether all steps are done, or patience ran out.
    pub fn is_finished(&self) -> bool {
        self.progress.step >= self.progress.total || self.progress.stopped_early
    }

    /// Makes the next step; returns its loss before the step.
    ///
    /// # Errors
    /// A loss or a gradient that is no longer a number; then no step is made.
    pub fn step<T: Task<Model = M>>(&mut self, task: &mut T, plan: &Plan) -> Result<StepLoss> {
        let Self { model, optimiser, progress, .. } = self;
        let rate = progress.rate(plan);
        let (loss, norm) = update(task, model, optimiser, progress.step, rate, plan.clip);
        if !(loss.sum.is_finite() && norm.is_finite()) {
            return Err(diverged(progress.step + 1, rate, norm));
        }
        progress.step += 1;
        progress.predictions += loss.count;
        let (sum, count, norms, steps) = progress.since;
        progress.since = (sum + loss.sum, count + loss.count, norms + norm, steps + 1);
        Ok(loss)
    }

    /// Whether an evaluation is due after the step that was just made.
    pub fn is_due(&self, plan: &Plan) -> bool {
        plan.evaluates_after(self.progress.step, self.progress.total)
    }

    /// Evaluates, and keeps the weights where the plan says so.
    ///
    /// # Errors
    /// A loss that is no number.
    pub fn evaluate<T: Task<Model = M>>(&mut self, task: &mut T, plan: &Plan) -> Result<f64> {
        let dev_loss = task.evaluate(&self.model);
        let progress = &mut self.progress;
        // The step is made: its rate is that of the number before.
        let rate = progress.schedule.lr(plan.learning_rate, progress.step - 1, progress.total);
        let (sum, count, norms, steps) = std::mem::take(&mut progress.since);
        let gradient_norm = norms / steps.max(1) as f64;
        if !dev_loss.is_finite() {
            return Err(diverged(progress.step, rate, gradient_norm));
        }
        progress.history.push(Entry {
            step: progress.step,
            train_loss: sum / count.max(1) as f64,
            dev_loss,
            learning_rate: rate,
            gradient_norm,
            seconds: progress.seconds,
        });
        progress.schedule.update(dev_loss);
        let is_better = progress.best.is_none_or(|best| dev_loss < best.loss);
        if is_better {
            progress.best = Some(Best { step: progress.step, loss: dev_loss });
        }
        progress.stopped_early =
            plan.patience.is_some_and(|patience| progress.evaluations_since_best() >= patience);
        if is_better || plan.keep == Keep::Last {
            self.kept.clone_from(task.kept(&self.model));
        }
        Ok(dev_loss)
    }
}

impl Progress {
    /// The learning rate of the next step.
    fn rate(&self, plan: &Plan) -> f64 {
        self.schedule.lr(plan.learning_rate, self.step, self.total)
    }

    fn evaluations_since_best(&self) -> usize {
        let best = self.best.map(|best| best.step);
        self.history.iter().rev().take_while(|entry| Some(entry.step) != best).count()
    }
}

/// One training step: gradient, clipping, optimiser. Returns the loss before the step and the
/// gradient's norm before clipping. Where one of them is no longer a number, no step is made.
pub fn update<T: Task>(
    task: &mut T,
    model: &mut T::Model,
    optimiser: &mut Optimiser<f32>,
    step: usize,
    rate: f64,
    clip: Option<f64>,
) -> (StepLoss, f64) {
    let factors: Vec<f64> = model.named().iter().map(|(name, _)| task.rate(name)).collect();
    let (loss, gradient) = task.gradient(model, step);
    let norm = clip_global_norm(gradient, clip.unwrap_or(f64::INFINITY));
    if loss.sum.is_finite() && norm.is_finite() {
        let rates: Vec<f64> = factors.iter().map(|factor| rate * factor).collect();
        optimiser.step_each(model, gradient, &rates);
    }
    (loss, norm)
}

fn diverged(step: usize, rate: f64, norm: f64) -> Error {
    Error::config(format!(
        "training diverged at step {step}: the loss or its gradient is no longer a number (gradient norm {norm}, \
         learning rate {rate:.2e}). Lower the learning rate or clip gradients to a smaller norm."
    ))
}
