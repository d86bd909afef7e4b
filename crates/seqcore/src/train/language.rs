//! Training a language model on streams of text with truncated backpropagation through time.

use super::{StepLoss, Task, shards};
use crate::data::{Evaluation, StreamBatch, Streams};
use crate::models::language::{LanguageGradient, LanguageModel, LanguageTape};
use crate::nn::LayerState;
use crate::params::Named;
use crate::random::MaskStreams;
use crate::threads;

/// The text of a language model, laid out for training and for evaluation.
#[derive(Debug)]
pub struct LanguageTask {
    streams: Streams,
    dev: Evaluation,
    shards: Vec<Shard>,
    /// The state of each shard's streams, carried from step to step.
    states: Vec<LayerState<f32>>,
    /// Where dropout gets its random numbers from.
    seed: u64,
}

/// The sequences of a batch that one thread works on, and its memory.
#[derive(Debug)]
struct Shard {
    columns: std::ops::Range<usize>,
    tape: LanguageTape<f32>,
    gradient: LanguageGradient<f32>,
}

impl LanguageTask {
    /// Lays out a task for `model`.
    pub fn new(model: &LanguageModel<f32>, streams: Streams, dev: Evaluation, seed: u64) -> Self {
        let cut = shards::cut(streams.streams());
        let states = cut.iter().map(|columns| model.zero_state(columns.len())).collect();
        let shard = |columns| Shard {
            columns,
            tape: LanguageTape::default(),
            gradient: model.zero_gradient(),
        };
        Self { shards: cut.into_iter().map(shard).collect(), streams, dev, states, seed }
    }

    /// The state of each shard's streams after the last step.
    pub fn states(&self) -> &Vec<LayerState<f32>> {
        &self.states
    }
}

impl Task for LanguageTask {
    type Model = LanguageModel<f32>;
    type Gradient = LanguageGradient<f32>;
    type Carried = Vec<LayerState<f32>>;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        let Self { streams, shards, states, seed, .. } = self;
        let divisor = streams.streams() * streams.seq_len();
        let mut work: Vec<_> = shards.iter_mut().zip(states).collect();
        let losses = shards::for_each(&mut work, |k, (shard, state)| {
            let batch = streams.shard(step, shard.columns.clone());
            if batch.starts_epoch {
                state.scale(0.0);
            }
            shard.gradient.set_zero();
            let dropout = MaskStreams::new(*seed, step, k);
            let StreamBatch { inputs, targets, .. } = &batch;
            let (tape, gradient) = (&mut shard.tape, &mut shard.gradient);
            let loss = model.loss_and_gradient(
                inputs.view(),
                targets.view(),
                divisor,
                state,
                Some(&dropout),
                tape,
                gradient,
            );
            **state = shard.tape.rnn.last().clone();
            StepLoss { sum: loss.sum, count: loss.count }
        });
        let gradient =
            shards::add_up(&mut self.shards, |shard| &mut shard.gradient, LanguageGradient::add);
        (losses.into_iter().sum(), gradient)
    }

    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        nats_per_token(model, &self.dev)
    }

    fn carried(&mut self) -> &mut Self::Carried {
        &mut self.states
    }

    fn restart(&mut self) {
        self.states.iter_mut().for_each(|state| state.scale(0.0));
    }
}

/// The mean loss of `model` over a whole text, in nats per token, with carried state.
pub fn nats_per_token(model: &LanguageModel<f32>, text: &Evaluation) -> f64 {
    let shards = shards::cut(text.streams());
    let sums = threads::map(shards, |columns| {
        let mut tape = LanguageTape::<f32>::default();
        let mut state = model.zero_state(columns.len());
        let mut total = (0.0, 0);
        for k in 0..text.batches() {
            let batch = text.shard(k, columns.clone());
            let logits = model.forward(batch.inputs.view(), &state, None, &mut tape);
            let targets: Vec<usize> = batch.targets.iter().copied().collect();
            let loss = crate::loss::cross_entropy(logits, &targets, 1);
            total = (total.0 + loss.sum, total.1 + loss.count);
            state = tape.rnn.last().clone();
        }
        total
    });
    let (sum, count) = sums.into_iter().fold((0.0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    sum / count.max(1) as f64
}
