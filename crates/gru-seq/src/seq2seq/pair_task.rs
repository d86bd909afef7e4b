//! Training an encoder-decoder on pairs of sequences.

use ndarray::Array1;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use seqcore::data::batch::{Batch, Example};
use seqcore::random::{MaskStreams, Place};
use seqcore::train::{StepLoss, Task, shards};

use super::model::{Seq2Seq, Seq2SeqGradient, Seq2SeqTape};

/// Gives the examples of a step. It must be the same for the same step, whatever was asked before.
pub type Examples = Box<dyn FnMut(usize) -> Vec<Example> + Send>;

/// Pairs for training, drawn step by step, and some to watch the loss on.
pub struct PairTask {
    examples: Examples,
    dev: Vec<Example>,
    shards: Vec<Shard>,
    /// Where dropout and scheduled sampling get their random numbers from.
    seed: u64,
    /// The share of the decoder's inputs that are its own tokens (S13).
    own_tokens: f64,
    nothing: Vec<Array1<f32>>,
}

impl std::fmt::Debug for PairTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PairTask").field("dev", &self.dev.len()).finish_non_exhaustive()
    }
}

/// The memory of one thread.
#[derive(Debug)]
struct Shard {
    tape: Seq2SeqTape<f32>,
    gradient: Seq2SeqGradient<f32>,
}

impl PairTask {
    /// A task that trains on `examples` and evaluates on `dev`.
    pub fn new(examples: Examples, dev: Vec<Example>, seed: u64) -> Self {
        Self { examples, dev, shards: Vec::new(), seed, own_tokens: 0.0, nothing: Vec::new() }
    }

    /// The same with scheduled sampling: `share` of the decoder's inputs are its own tokens (S13).
    pub fn with_own_tokens(self, share: f64) -> Self {
        Self { own_tokens: share, ..self }
    }
}

impl Task for PairTask {
    type Model = Seq2Seq<f32>;
    type Gradient = Seq2SeqGradient<f32>;
    type Carried = Vec<Array1<f32>>;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        let examples = (self.examples)(step);
        let cut = shards::cut(examples.len());
        let shard = || Shard { tape: Seq2SeqTape::default(), gradient: model.zero_gradient() };
        self.shards.resize_with(self.shards.len().max(cut.len()), shard);
        let divisor = examples.iter().map(|e| e.target.len() + 1).sum();
        let (seed, own_tokens) = (self.seed, self.own_tokens);
        let losses = shards::for_each(&mut self.shards[..cut.len()], |k, shard| {
            let Shard { tape, gradient } = shard;
            gradient.set_zero();
            let streams = MaskStreams::new(seed, step, k);
            let mut batch = Batch::new(&examples[cut[k].clone()], model.end());
            if own_tokens > 0.0 {
                let mut rng: ChaCha8Rng = streams.at(Place::Tokens);
                batch = model.mix_own_tokens(&batch, own_tokens, &mut rng, tape);
            }
            let loss = model.loss_and_gradient(&batch, divisor, Some(&streams), tape, gradient);
            StepLoss { sum: loss.sum, count: loss.count }
        });
        let used = &mut self.shards[..cut.len()];
        let gradient = shards::add_up(used, |shard| &mut shard.gradient, Seq2SeqGradient::add);
        (losses.into_iter().sum(), gradient)
    }

    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        nats_per_token(model, &self.dev)
    }

    fn carried(&mut self) -> &mut Self::Carried {
        &mut self.nothing
    }

    fn restart(&mut self) {}
}

/// How many examples are evaluated side by side.
const SIDE_BY_SIDE: usize = 64;

/// The mean loss of `model` over `examples` under teacher forcing, in nats per token, *end* included.
pub fn nats_per_token(model: &Seq2Seq<f32>, examples: &[Example]) -> f64 {
    let sums: Vec<(f64, usize)> = examples
        .par_chunks(SIDE_BY_SIDE)
        .map(|examples| {
            let batch = Batch::new(examples, model.end());
            let logits = model.forward(&batch, None, &mut Seq2SeqTape::<f32>::default());
            let targets: Vec<usize> = batch.targets.iter().copied().collect();
            let loss = seqcore::loss::cross_entropy(logits, &targets, 1);
            (loss.sum, loss.count)
        })
        .collect();
    let (sum, count) = sums.into_iter().fold((0.0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use lesson::run::{Run, train};
    use rand::{Rng, SeedableRng};
    use seqcore::cells::Cell;
    use seqcore::nn::Score;
    use seqcore::optim::Schedule;
    use seqcore::random::numbered;
    use seqcore::train::{Keep, Length, Plan};

    use super::*;
    use crate::seq2seq::model::Seq2SeqConfig;
    use crate::seq2seq::translator::Translator;

    /// Copies of up to four letters, backwards.
    fn backwards(step: usize) -> Vec<Example> {
        let mut rng = numbered(1, step as u64);
        let mut one = || {
            let source: Vec<usize> =
                (0..rng.random_range(1..=4)).map(|_| rng.random_range(0..5)).collect();
            Example { target: source.iter().rev().copied().collect(), source }
        };
        (0..32).map(|_| one()).collect()
    }

    fn trained(steps: usize, own_tokens: f64, threads: usize) -> Seq2Seq<f32> {
        let config = Seq2SeqConfig {
            source_vocabulary: 5,
            target_vocabulary: 6,
            embedding: 16,
            cell: Cell::Gru,
            hidden: 24,
            layers: 1,
            bidirectional: true,
            attention: Some(Score::Dot),
            dropout: 0.0,
        };
        let mut model = Seq2Seq::new(&config, &mut ChaCha8Rng::seed_from_u64(2));
        let plan = Plan {
            length: Length::Steps(steps),
            learning_rate: 1e-2,
            optimiser: "adam".parse().unwrap(),
            schedule: Schedule::Cosine { warmup: 0.05, floor: 0.0 },
            clip: Some(1.0),
            evaluations: 2,
            keep: Keep::Last,
            patience: None,
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut task = PairTask::new(Box::new(backwards), backwards(usize::MAX), 3)
                .with_own_tokens(own_tokens);
            train(&mut task, &mut model, &plan, &Run::in_memory(false), None, |_, _| {}).unwrap();
        });
        model
    }

    #[test]
    fn a_small_model_learns_to_write_backwards() {
        let model = trained(250, 0.0, 2);
        let test: Vec<Example> = (1000..1010).flat_map(backwards).collect();
        assert!(nats_per_token(&model, &test) < 0.05, "{}", nats_per_token(&model, &test));
        let mut translator = Translator::new(&model);
        let right = test.iter().filter(|example| {
            let source = translator.read(&[&example.source]).remove(0);
            translator.greedy(&source, 6).tokens == example.target
        });
        assert!(right.count() > 300, "of 320");
    }

    #[test]
    fn threads_change_no_bit() {
        assert_eq!(trained(10, 0.0, 1), trained(10, 0.0, 2));
        let mixed = trained(10, 0.5, 2);
        assert_eq!(mixed, trained(10, 0.5, 1));
        assert_ne!(mixed, trained(10, 0.0, 1));
    }
}
