//! Training the language model: windows of reviews, drawn anew in each epoch.

use ndarray::Array1;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::data::UNK;
use seqcore::data::buckets::{Buckets, by_length, pad};
use seqcore::nn::{Dropout, RecurrentTape};
use seqcore::random::{MaskStreams, Place};
use seqcore::train::{StepLoss, Task, shards};

use super::model::{Body, BodyGradient, Sampled, Unigram};

/// The settings of a [`LanguageTask`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LanguageSettings {
    /// Reviews in a batch.
    pub batch: usize,
    /// The most words read of a review at once: so many in a row, from a random place.
    pub window: usize,
    /// Words drawn for the sampled softmax, for each shard.
    pub samples: usize,
    /// The share of the values of a state that are dropped before it predicts.
    pub dropout: f64,
    /// The share of words that are read as `<unk>`.
    pub word_dropout: f64,
    /// Of all random draws.
    pub seed: u64,
}

/// Reviews laid out for a language model, and those that it is watched by.
#[derive(Debug)]
pub struct LanguageTask {
    settings: LanguageSettings,
    dropout: Dropout,
    words: Dropout,
    unigram: Unigram,
    buckets: Buckets,
    reviews: Vec<Vec<usize>>,
    dev: Vec<Vec<usize>>,
    shards: Vec<Shard>,
    nothing: Vec<Array1<f32>>,
}

#[derive(Debug, Default)]
struct Shard {
    tape: RecurrentTape<f32>,
    gradient: Option<BodyGradient<f32>>,
}

impl LanguageTask {
    /// Lays out reviews whose words are below V = `vocabulary`. Some of `dev` have a second word: a word is
    /// predicted from others.
    pub fn new(
        settings: LanguageSettings,
        vocabulary: usize,
        reviews: Vec<Vec<usize>>,
        dev: Vec<Vec<usize>>,
    ) -> Self {
        assert!(
            dev.iter().any(|review| review.len() > 1),
            "{} reviews to watch by have no second word",
            dev.len()
        );
        let lengths = reviews.iter().map(|review| review.len().min(settings.window)).collect();
        let cut = |mut review: Vec<usize>| {
            review.truncate(settings.window);
            review
        };
        Self {
            settings,
            dropout: Dropout::new(settings.dropout).expect("a valid configuration"),
            words: Dropout::new(settings.word_dropout).expect("a valid configuration"),
            unigram: Unigram::fit(reviews.iter().map(Vec::as_slice), vocabulary),
            buckets: Buckets::new(lengths, settings.batch, settings.seed),
            reviews,
            dev: dev.into_iter().map(cut).collect(),
            shards: (0..shards::cut(settings.batch).len()).map(|_| Shard::default()).collect(),
            nothing: Vec::new(),
        }
    }

    /// The exact loss on dev in nats per word, and that of the unigram.
    pub fn nats(&self, body: &Body<f32>) -> (f64, f64) {
        let lengths: Vec<usize> = self.dev.iter().map(Vec::len).collect();
        let sums: Vec<(f64, usize, f64)> = by_length(&lengths, 16)
            .par_iter()
            .map(|batch| {
                let padded = pad(batch.iter().map(|&i| self.dev[i].as_slice()));
                body.exact_loss(&padded, &self.unigram)
            })
            .collect();
        let (sum, count, unigram) =
            sums.into_iter().fold((0.0, 0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
        (sum / count as f64, unigram / count as f64)
    }
}

impl Task for LanguageTask {
    type Model = Body<f32>;
    type Gradient = BodyGradient<f32>;
    type Carried = Vec<Array1<f32>>;

    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient) {
        let Self { settings, dropout, words, unigram, buckets, reviews, shards, .. } = self;
        let batch = buckets.batch(step);
        let directions = model.rnn.config.directions();
        let predicted =
            |i: &usize| directions * (reviews[*i].len().min(settings.window).max(1) - 1);
        let divisor: usize = batch.iter().map(predicted).sum();
        let count = shards.len();
        let losses = shards::for_each(shards, |k, Shard { tape, gradient }| {
            let gradient = gradient.get_or_insert_with(|| model.zero_gradient());
            gradient.set_zero();
            let streams = MaskStreams::new(settings.seed, step, k);
            let mut rng: ChaCha8Rng = streams.at(Place::Samples);
            let mut window = |review: &Vec<usize>| {
                let room = review.len().saturating_sub(settings.window);
                let start = rng.random_range(0..=room);
                review[start..review.len().min(start + settings.window)].to_vec()
            };
            let own = batch.iter().skip(k).step_by(count);
            let own: Vec<Vec<usize>> = own.map(|&i| window(&reviews[i])).collect();
            if own.is_empty() {
                return StepLoss { sum: 0.0, count: 0 };
            }
            let whole = pad(own.iter().map(Vec::as_slice));
            let mut read = whole.clone();
            let ids = read.ids.as_slice_mut().expect("a new array is contiguous");
            words.drop_tokens(ids, UNK, &mut streams.at(Place::Tokens));
            let ids = whole.ids.view();
            let how = Sampled { unigram, samples: settings.samples, dropout: *dropout };
            let (sum, count) =
                model.loss_and_gradient(&read, ids, &how, divisor, &mut rng, tape, gradient);
            StepLoss { sum, count }
        });
        let gradient = shards::add_up(
            shards,
            |shard| shard.gradient.as_mut().expect("every shard has run"),
            BodyGradient::add,
        );
        (losses.into_iter().sum(), gradient)
    }

    fn evaluate(&mut self, model: &Self::Model) -> f64 {
        self.nats(model).0
    }

    fn carried(&mut self) -> &mut Self::Carried {
        &mut self.nothing
    }

    fn restart(&mut self) {}
}
