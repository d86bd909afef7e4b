//! The recipe of a language model: all that its training depends on.

use std::path::Path;

use lesson::run::Recipe;
use lesson::{Error, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::WordVocab;
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, Plan};
use serde::{Deserialize, Serialize};

use super::model::Body;
use super::task::{LanguageSettings, LanguageTask};
use crate::corpus::{Corpus, ReviewPart};
use crate::description::LanguageDescription;
use crate::encoder::{Encoder, most_frequent};
use crate::model::{Classifier, Config};
use crate::options::Options;
use crate::recipe::SentimentRecipe;

/// Dev reviews whose words are predicted with the whole softmax.
const WATCHED: usize = 100;

/// All that a pretraining run depends on; it stands in its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainRecipe {
    /// The classifier that is to begin with it: data, words, shape.
    pub classifier: SentimentRecipe,
    /// Words read at once.
    pub window: usize,
    /// Words drawn for the sampled softmax.
    pub samples: usize,
    /// Reviews in a batch.
    pub batch: usize,
    /// How long, how fast.
    pub plan: Plan,
}

impl Recipe for PretrainRecipe {
    const NAME: &'static str = "sentiment pretrain";
    type Options = Options;

    fn command(&self) -> String {
        "sentiment -- pretrain".to_owned()
    }

    fn seed(&self) -> u64 {
        self.classifier.seed
    }

    fn data(&self) -> Option<&str> {
        self.classifier.data.as_deref()
    }

    fn sha256(&self) -> &str {
        &self.classifier.sha256
    }
}

impl PretrainRecipe {
    /// The language model that fits a classifier of this recipe.
    ///
    /// # Errors
    /// A shape that cannot predict words; reviews in which no word has another one to be predicted from.
    pub fn new(classifier: SentimentRecipe, length: Length, corpus: &Corpus) -> Result<Self> {
        let config = &classifier.config;
        if config.embedding != config.hidden {
            return Err(Error::config(
                "a language model uses its words' vectors to predict: --embedding must be as --hidden.",
            ));
        }
        if config.layers > 1 && config.bidirectional {
            return Err(Error::config(
                "a second layer over both directions would see the word that is to be predicted: use --layers 1.",
            ));
        }
        if watched(corpus).words.iter().all(|review| review.len() < 2) {
            let what = "none of the reviews that training is watched by has a second word, so there is nothing to \
                        predict. Use longer reviews.";
            return Err(Error::data(Path::new(&corpus.name), None, what));
        }
        let plan = Plan {
            length,
            schedule: Schedule::Cosine { warmup: 0.02, floor: 0.02 },
            evaluations: 8,
            keep: Keep::Last,
            ..classifier.plan.clone()
        };
        let batch = classifier.batch;
        Ok(Self { classifier, window: 150, samples: 512, batch, plan })
    }

    /// The language model before its training.
    pub fn untrained(&self, vocabulary: usize) -> Body<f32> {
        let config = Config { vocabulary, ..self.classifier.config.clone() };
        let model =
            Classifier::<f32>::new(&config, &mut ChaCha8Rng::seed_from_u64(self.classifier.seed));
        Body { embedding: model.embedding, rnn: model.rnn }
    }

    /// Its words: the most frequent ones of the reviews to fit.
    pub fn words(&self, corpus: &Corpus) -> WordVocab {
        most_frequent(&corpus.vocabulary, self.classifier.config.vocabulary)
    }

    /// The task of training it.
    pub fn task(&self, corpus: &Corpus, words: &WordVocab) -> LanguageTask {
        let encoder = Encoder::new(corpus, words);
        let settings = LanguageSettings {
            batch: self.batch,
            window: self.window,
            samples: self.samples,
            dropout: 0.5 * self.classifier.config.dropout,
            word_dropout: 0.5 * self.classifier.config.word_dropout,
            seed: self.classifier.seed,
        };
        let watched = encoder.encode(&watched(corpus));
        LanguageTask::new(settings, words.size(), encoder.encode(&corpus.fit), watched)
    }

    /// What is said of the trained model.
    pub fn describe(&self, words: WordVocab) -> LanguageDescription {
        let config = Config { vocabulary: words.size(), ..self.classifier.config.clone() };
        LanguageDescription { config, words }
    }
}

/// The reviews that training is watched by: some of dev, or of the training part where there is no dev.
fn watched(corpus: &Corpus) -> ReviewPart {
    let part = if corpus.dev.is_empty() { &corpus.fit } else { &corpus.dev };
    part.first(WATCHED)
}
