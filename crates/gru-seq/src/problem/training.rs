//! Training on a problem, and evaluating what was trained.

use std::ops::Range;

use lesson::Result;
use lesson::run::{self, Run};
use ndarray::{Array1, Array2};
use seqcore::loss::{cross_entropy, squared_error};
use seqcore::nn::{LayerState, RecurrentTape};
use seqcore::optim;
use seqcore::random::numbered;
use seqcore::train::{Keep, Length, Plan, Progress, StepLoss, Task, shards};

use super::examples::{Examples, Problem, Targets};
use crate::readout::Readout;

/// Loss and gradient of `outputs` (rows, O).
fn loss(outputs: Array2<f32>, targets: &Targets, divisor: usize) -> (StepLoss, Array2<f32>) {
    let loss = match targets {
        Targets::Numbers(targets) => squared_error(outputs, targets, divisor),
        Targets::Classes(targets) => cross_entropy(outputs, targets, divisor),
    };
    (StepLoss { sum: loss.sum, count: loss.count }, loss.gradient)
}

/// How well a network does on unseen examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// The mean loss: squared error, or nats a symbol.
    pub loss: f64,
    /// The share of symbols that were right; `None` where numbers are asked for.
    pub right: Option<f64>,
}

/// A problem, laid out for training.
#[derive(Debug)]
pub struct ProblemTask<P> {
    problem: P,
    batch: usize,
    seed: u64,
    shards: Vec<Shard>,
    /// Unseen examples to watch the training with.
    held_out: Examples,
    /// Nothing goes from one step to the next.
    carried: Vec<Array1<f32>>,
}

#[derive(Debug)]
struct Shard {
    columns: Range<usize>,
    tape: RecurrentTape<f32>,
    gradient: Readout<f32>,
}

/// Random streams: one for each step and shard, and some that no step reaches.
const SHARDS_A_STEP: u64 = 16;
/// The stream of examples that are watched while training, and of those that are reported.
pub const DEV: u64 = u64::MAX;
/// The stream of the examples that a result is reported on.
pub const TEST: u64 = u64::MAX - 1;

impl<P: Problem> ProblemTask<P> {
    /// Lays out `problem` in batches of `batch`, watched on `held_out` unseen examples.
    pub fn new(
        problem: &P,
        model: &Readout<f32>,
        batch: usize,
        held_out: usize,
        seed: u64,
    ) -> Self {
        let shard = |columns| Shard {
            columns,
            tape: RecurrentTape::default(),
            gradient: model.zeros_like(),
        };
        Self {
            batch,
            seed,
            shards: shards::cut(batch).into_iter().map(shard).collect(),
            held_out: problem.draw(held_out, &mut numbered(seed, DEV)),
            carried: Vec::new(),
            problem: problem.clone(),
        }
    }
}

impl<P: Problem> Task for ProblemTask<P> {
    type Model = Readout<f32>;
    type Gradient = Readout<f32>;
    type Carried = Vec<Array1<f32>>;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        let Self { problem, batch, seed, shards, .. } = self;
        let steps = problem.read();
        let losses = shards::for_each(shards, |k, Shard { columns, tape, gradient }| {
            let stream = &mut numbered(*seed, step as u64 * SHARDS_A_STEP + k as u64);
            let Examples { x, targets } = problem.draw(columns.len(), stream);
            let start = LayerState::zeros(&model.rnn.config, columns.len());
            let outputs = model.forward(x.view(), &start, steps.clone(), tape);
            let divisor = match &targets {
                Targets::Numbers(_) => steps.len() * *batch * problem.outputs(),
                Targets::Classes(_) => steps.len() * *batch,
            };
            let (loss, dy) = loss(outputs, &targets, divisor);
            gradient.set_zero();
            model.backward(x.view(), steps.clone(), &dy, tape, gradient);
            loss
        });
        let gradient = shards::add_up(&mut self.shards, |shard| &mut shard.gradient, Readout::add);
        (losses.into_iter().sum(), gradient)
    }

    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        evaluate_on(&self.problem, model, &self.held_out).loss
    }

    fn carried(&mut self) -> &mut Self::Carried {
        &mut self.carried
    }

    fn restart(&mut self) {}
}

/// The loss on `examples` new ones; `stream` is [`TEST`], or [`DEV`] to choose settings with.
pub fn evaluate<P: Problem>(
    problem: &P,
    model: &Readout<f32>,
    examples: usize,
    seed: u64,
    stream_number: u64,
) -> Evaluation {
    evaluate_on(problem, model, &problem.draw(examples, &mut numbered(seed, stream_number)))
}

fn evaluate_on<P: Problem>(problem: &P, model: &Readout<f32>, examples: &Examples) -> Evaluation {
    let batch = examples.x.dim().1;
    let (mut tape, start) = (RecurrentTape::default(), LayerState::zeros(&model.rnn.config, batch));
    let outputs = model.forward(examples.x.view(), &start, problem.read(), &mut tape);
    let right = match &examples.targets {
        Targets::Numbers(_) => None,
        Targets::Classes(targets) => {
            let right = outputs.rows().into_iter().zip(targets);
            let right = right.filter(|(row, target)| largest(row.iter().copied()) == **target);
            Some(right.count() as f64 / targets.len() as f64)
        }
    };
    let (loss, _) = loss(outputs, &examples.targets, 1);
    Evaluation { loss: loss.sum / loss.count as f64, right }
}

/// The index of the largest value.
fn largest(values: impl Iterator<Item = f32>) -> usize {
    values.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(k, _)| k)
}

/// How a network is trained on a problem.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Sequences in a batch.
    pub batch: usize,
    /// Updates in all.
    pub updates: usize,
    /// Adam's learning rate at its highest; it falls along a cosine.
    pub learning_rate: f64,
    /// How often the loss on unseen examples is looked at on the way.
    pub evaluations: usize,
}

/// Examples that the training is watched on.
const WATCHED: usize = 256;

/// Trains `model` on fresh examples of `problem`.
///
/// # Errors
/// A learning rate that cannot work, a loss that stops being a number.
pub fn train<P: Problem>(
    problem: &P,
    model: &mut Readout<f32>,
    schedule: &Schedule,
    seed: u64,
    show: bool,
) -> Result<Progress> {
    let mut task = ProblemTask::new(problem, model, schedule.batch, WATCHED, seed);
    let plan = Plan {
        length: Length::Steps(schedule.updates),
        learning_rate: schedule.learning_rate,
        optimiser: "adam".parse().expect("a known name"),
        schedule: optim::Schedule::Cosine { warmup: 0.02, floor: 0.02 },
        clip: Some(1.0),
        evaluations: schedule.evaluations,
        keep: Keep::Last,
        patience: None,
    };
    let run = Run::in_memory(show);
    Ok(run::train(&mut task, model, &plan, &run, None, |_, _| {})?.progress)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::cells::Cell;
    use seqcore::nn::RecurrentConfig;

    use super::*;
    use crate::problem::recall::{Adding, Copying};

    fn trained<P: Problem>(problem: &P, threads: usize) -> Readout<f32> {
        let config = RecurrentConfig::new(Cell::Gru, problem.inputs(), 6);
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut model = Readout::new(config, problem.outputs(), rng);
        let schedule = Schedule { batch: 33, updates: 4, learning_rate: 0.01, evaluations: 1 };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train(problem, &mut model, &schedule, 1, false)).unwrap();
        model
    }

    #[test]
    fn threads_change_no_bit() {
        let (adding, copying) = (Adding { steps: 7 }, Copying { length: 2, blanks: 3 });
        assert_eq!(trained(&adding, 1), trained(&adding, 3));
        assert_eq!(trained(&copying, 1), trained(&copying, 3));
    }

    #[test]
    fn every_stream_has_its_own_examples() {
        let problem = Adding { steps: 4 };
        let first = |number| problem.draw(1, &mut numbered(1, number)).x;
        let streams = [0, 1, SHARDS_A_STEP, DEV, TEST].map(first);
        for (k, one) in streams.iter().enumerate() {
            assert!(streams[..k].iter().all(|other| one != other), "stream {k}");
        }
        assert_eq!(first(TEST), streams[4]);
    }

    #[test]
    fn the_share_that_is_right_is_counted() {
        let problem = Copying { length: 2, blanks: 3 };
        let config = RecurrentConfig::new(Cell::RnnTanh, problem.inputs(), 3);
        let mut model = Readout::<f32>::new(config, 8, &mut ChaCha8Rng::seed_from_u64(1));
        // It says "symbol 5" whatever it reads, with all its probability.
        model.out.weight.fill(0.0);
        model.out.bias = Some(Array1::from_shape_fn(8, |k| if k == 5 { 50.0 } else { 0.0 }));
        let Evaluation { loss, right } = evaluate(&problem, &model, 4000, 1, TEST);
        assert!((right.unwrap() - 0.125).abs() < 0.02, "{right:?}");
        assert!((loss - 50.0 * (1.0 - right.unwrap())).abs() < 1e-3, "{loss}");
    }
}
