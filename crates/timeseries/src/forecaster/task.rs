//! Training a forecaster on windows of a series.
//!
//! Each epoch reads all training samples in a new random order. Windows may be shuffled freely *inside* the training
//! part; what must never be shuffled is which part a window belongs to.

use rand::seq::SliceRandom;

use crate::forecaster::{Forecaster, ForecasterTape};
use seqcore::data::windows::{Batch, Samples};
use seqcore::random::{MaskStreams, Purpose, stream};
use seqcore::train::{StepLoss, Task, shards};

/// Samples of a series, laid out for training and for evaluation.
#[derive(Debug)]
pub struct ForecastTask {
    train: Samples,
    dev: Samples,
    shards: Vec<Shard>,
    batch: usize,
    seed: u64,
    /// The samples' order in one epoch.
    order: (usize, Vec<usize>),
    nothing: Vec<ndarray::Array1<f32>>,
}

/// The samples of a batch that one thread works on, and its memory.
#[derive(Debug)]
struct Shard {
    columns: std::ops::Range<usize>,
    tape: ForecasterTape<f32>,
    gradient: Forecaster<f32>,
}

impl ForecastTask {
    /// Lays out a task for `model`: batches of `batch` samples, or of all where there are fewer. Panics where there
    /// is nothing to train on.
    pub fn new(
        model: &Forecaster<f32>,
        train: Samples,
        dev: Samples,
        batch: usize,
        seed: u64,
    ) -> Self {
        let batch = batch.min(train.len());
        assert!(batch > 0, "there are no samples to train on");
        let shard = |columns| Shard {
            columns,
            tape: ForecasterTape::default(),
            gradient: model.zeros_like(),
        };
        let shards = shards::cut(batch).into_iter().map(shard).collect();
        let order = (0, shuffled(train.len(), seed, 0));
        Self { train, dev, shards, batch, seed, order, nothing: Vec::new() }
    }

    /// The numbers of the samples in the batch of this step.
    fn batch_of(&mut self, step: usize) -> Vec<usize> {
        let a_epoch = self.train.len() / self.batch;
        let (epoch, k) = (step / a_epoch, step % a_epoch);
        if self.order.0 != epoch {
            self.order = (epoch, shuffled(self.train.len(), self.seed, epoch));
        }
        self.order.1[k * self.batch..(k + 1) * self.batch].to_vec()
    }
}

/// The order of an epoch: a function of seed and epoch alone, so that a resumed run reads on where it stopped.
fn shuffled(samples: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(&mut stream(seed, Purpose::SampleOrder { epoch }));
    order
}

impl Task for ForecastTask {
    type Model = Forecaster<f32>;
    type Gradient = Forecaster<f32>;
    type Carried = Vec<ndarray::Array1<f32>>;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        let which = self.batch_of(step);
        let divisor = which.len() * model.config.leads * model.config.levels.len();
        let (train, seed) = (&self.train, self.seed);
        let losses = shards::for_each(&mut self.shards, |k, shard| {
            let Batch { x, known, y } = train.gather(&which[shard.columns.clone()]);
            shard.gradient.set_zero();
            let dropout = MaskStreams::new(seed, step, k);
            let (tape, gradient) = (&mut shard.tape, &mut shard.gradient);
            let (x, known, y) = (x.view(), known.view(), y.view());
            let loss =
                model.loss_and_gradient(x, known, y, divisor, Some(&dropout), tape, gradient);
            StepLoss { sum: loss.sum, count: loss.count }
        });
        let sum = shards::add_up(&mut self.shards, |shard| &mut shard.gradient, Forecaster::add);
        (losses.into_iter().sum(), sum)
    }

    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        model.mean_loss(if self.dev.is_empty() { &self.train } else { &self.dev })
    }

    fn carried(&mut self) -> &mut Self::Carried {
        &mut self.nothing
    }

    fn restart(&mut self) {}
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::forecaster::ForecasterConfig;
    use lesson::run::{Run, train};
    use seqcore::cells::Cell;
    use seqcore::data::windows::{Shape, targets};
    use seqcore::optim::Schedule;
    use seqcore::train::{Keep, Length, Plan};

    /// A wave of 12 steps with a little noise that cannot be known.
    fn samples(range: std::ops::Range<usize>) -> Samples {
        let value =
            |t: usize| (TAU * t as f64 / 12.0).sin() + 0.2 * ((t * t % 101) as f64 / 50.0 - 1.0);
        let series: Vec<f64> = (0..600).map(value).collect();
        let shape = Shape::new(8, 3);
        let origins: Vec<usize> = shape.origins(&range).collect();
        let inputs = Array2::from_shape_fn((600, 1), |(t, _)| series[t] as f32);
        let targets = targets(&series, &origins, &shape).mapv(|y| y as f32);
        Samples { shape, inputs, known: Array2::zeros((600, 0)), origins, targets }
    }

    fn config() -> ForecasterConfig {
        let levels = vec![0.1, 0.5, 0.9];
        ForecasterConfig {
            cell: Cell::Gru,
            inputs: 1,
            known: 0,
            hidden: 12,
            layers: 1,
            dropout: 0.1,
            leads: 3,
            levels,
        }
    }

    fn trained(threads: usize, steps: usize) -> (Forecaster<f32>, f64) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut model = Forecaster::new(&config(), &mut ChaCha8Rng::seed_from_u64(1));
        let mut task = ForecastTask::new(&model, samples(0..400), samples(400..600), 32, 1);
        let plan = Plan {
            length: Length::Steps(steps),
            learning_rate: 0.01,
            optimiser: "adam".parse().unwrap(),
            schedule: Schedule::Constant,
            clip: Some(1.0),
            evaluations: 1,
            keep: Keep::Last,
            patience: None,
        };
        let run = Run::in_memory(false);
        let outcome = pool.install(|| train(&mut task, &mut model, &plan, &run, None, |_, _| {}));
        (model, outcome.unwrap().progress.history[0].dev_loss)
    }

    #[test]
    fn it_learns_a_wave_and_how_uncertain_it_is() {
        let (model, loss) = trained(2, 300);
        let dev = samples(400..600);
        let quantiles = model.predict(&dev);
        let inside = ndarray::Zip::from(quantiles.lanes(ndarray::Axis(2)))
            .and(&dev.targets)
            .map_collect(|q, y| f64::from(q[0] <= *y && *y <= q[2]));
        let coverage = inside.mean().unwrap();
        // The noise alone is spread over ±0.2: quantiles of it cost (0.018 + 0.05 + 0.018) / 3 = 0.029.
        assert!(loss < 0.045, "{loss}");
        assert!((0.6..0.95).contains(&coverage), "{coverage}");
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        assert_eq!(trained(1, 25).0, trained(3, 25).0);
    }

    #[test]
    fn an_epoch_reads_every_sample_once() {
        let model = Forecaster::new(&config(), &mut ChaCha8Rng::seed_from_u64(1));
        let mut task = ForecastTask::new(&model, samples(0..110), samples(400..600), 20, 7);
        let mut read: Vec<usize> = (0..5).flat_map(|step| task.batch_of(step)).collect();
        let first = task.batch_of(0);
        assert_ne!(first, task.batch_of(5));
        assert_eq!(first, task.batch_of(0));
        read.sort();
        assert_eq!(read, (0..100).collect::<Vec<_>>());
    }
}
