//! A network, what helps it remember, and what it is trained on.

use lesson::Result;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::init;
use seqcore::nn::RecurrentConfig;
use seqcore::train::Progress;

use crate::problem::{Evaluation, Problem, Schedule, TEST, evaluate, train};
use crate::readout::Readout;

/// What is done to a network before its training, so that it remembers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Remedy {
    /// Nothing: PyTorch's default.
    Plain,
    /// So much is added to the LSTM's forget bias (Gers et al. 2000).
    ForgetBias(f64),
    /// Chrono initialisation for this many steps (Tallec & Ollivier 2018).
    Chrono(f64),
}

/// A network before its training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    /// The cell.
    pub cell: Cell,
    /// What helps it remember.
    pub remedy: Remedy,
    /// H.
    pub hidden: usize,
}

impl Network {
    /// A new model for a problem.
    ///
    /// # Errors
    /// Chrono initialisation for 2 steps or fewer.
    pub fn build(&self, problem: &impl Problem, seed: u64) -> Result<Readout<f32>> {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let config = RecurrentConfig::new(self.cell, problem.inputs(), self.hidden);
        let mut model = Readout::new(config, problem.outputs(), rng);
        match self.remedy {
            Remedy::Plain => {}
            Remedy::ForgetBias(value) => {
                for bias in model.rnn.cells.iter_mut().filter_map(|cell| cell.bias_ih.as_mut()) {
                    init::add_forget_bias(bias, value);
                }
            }
            Remedy::Chrono(time) => model.chrono(time, rng)?,
        }
        Ok(model)
    }

    /// What it is called in tables.
    pub fn name(&self) -> String {
        let cell = self.cell.label();
        match self.remedy {
            Remedy::Plain => cell.to_owned(),
            Remedy::ForgetBias(value) => format!("{cell}, forget bias +{value}"),
            Remedy::Chrono(_) => format!("{cell}, chrono"),
        }
    }

    /// What it is called in `metrics.json`.
    pub fn key(&self) -> String {
        let cell = self.cell.name();
        match self.remedy {
            Remedy::Plain => cell.to_owned(),
            Remedy::ForgetBias(_) => format!("{cell}_forget_bias"),
            Remedy::Chrono(_) => format!("{cell}_chrono"),
        }
    }
}

/// A stage of a course.
#[derive(Debug, Clone, Copy)]
pub struct Stage<P> {
    /// What is learned in it.
    pub problem: P,
    /// For how long, and how fast.
    pub schedule: Schedule,
}

/// A network and what it is trained on. A course has one stage or more; the last is the problem that
/// the result is about.
#[derive(Debug, Clone)]
pub struct Trial<P> {
    /// The network.
    pub network: Network,
    /// Its stages in order.
    pub course: Vec<Stage<P>>,
}

impl<P: Problem> Trial<P> {
    /// The problem of the last stage.
    pub fn problem(&self) -> &P {
        &self.course.last().expect("a course has stages").problem
    }

    /// What it is called in tables.
    pub fn name(&self) -> String {
        let course = if self.course.len() > 1 { ", course" } else { "" };
        format!("{}{course}", self.network.name())
    }

    /// What it is called in `metrics.json`.
    pub fn key(&self) -> String {
        let course = if self.course.len() > 1 { "_course" } else { "" };
        format!("{}{course}", self.network.key())
    }
}

/// What became of a network in a stage.
#[derive(Debug, Clone)]
pub struct Learned {
    /// Loss over the updates, on examples that are watched.
    pub progress: Progress,
    /// On other unseen examples, at the end.
    pub evaluation: Evaluation,
}

/// Examples that a network is evaluated on at the end.
pub(super) const EXAMPLES: usize = 1000;

/// Trains a new network through a course; one [`Learned`] a stage.
///
/// # Errors
/// A loss that stops being a number.
pub fn learn<P: Problem>(trial: &Trial<P>, seed: u64, show: bool) -> Result<Vec<Learned>> {
    let mut model = trial.network.build(trial.problem(), seed)?;
    let mut stage = |Stage { problem, schedule }: &Stage<P>| {
        let progress = train(problem, &mut model, schedule, seed, show)?;
        Ok(Learned { progress, evaluation: evaluate(problem, &model, EXAMPLES, seed, TEST) })
    };
    trial.course.iter().map(&mut stage).collect()
}

/// A trial and its results.
#[derive(Debug, Clone)]
pub struct TrialResult<P> {
    /// The trial.
    pub trial: Trial<P>,
    /// For each seed, what became of it in each stage.
    pub runs: Vec<Vec<Learned>>,
}

impl<P> TrialResult<P> {
    /// Evaluations at the end, one a seed.
    pub fn evaluations(&self) -> impl Iterator<Item = Evaluation> {
        self.runs.iter().map(|run| run.last().expect("a course has stages").evaluation)
    }

    /// The mean loss.
    pub fn loss(&self) -> f64 {
        mean(self.evaluations().map(|one| one.loss))
    }

    /// The mean share of symbols that were right.
    pub fn recalled(&self) -> f64 {
        mean(self.evaluations().filter_map(|one| one.right))
    }

    /// Updates in all.
    pub fn updates(&self) -> usize {
        self.trial.course.iter().map(|stage| stage.schedule.updates).sum()
    }

    /// The first seed's losses over all updates of its course.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        let mut before = 0;
        let stage = |learned: &Learned| {
            let start = before;
            before += learned.progress.total;
            let history = &learned.progress.history;
            history.iter().map(|e| ((start + e.step) as f64, e.dev_loss)).collect::<Vec<_>>()
        };
        self.runs[0].iter().flat_map(stage).collect()
    }
}

/// Every trial with so many seeds, the first of them `seed`.
///
/// # Errors
/// As [`learn`].
pub fn run_all<P: Problem>(
    trials: &[Trial<P>],
    seeds: u64,
    seed: u64,
    show: bool,
) -> Result<Vec<TrialResult<P>>> {
    let all_seeds = |trial: &Trial<P>| {
        let run = |k| learn(trial, seed.wrapping_add(k), show);
        let runs = (0..seeds).map(run).collect::<Result<_>>()?;
        Ok(TrialResult { trial: trial.clone(), runs })
    };
    trials.iter().map(all_seeds).collect()
}

/// The mean of some numbers.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    sum / f64::from(count)
}
