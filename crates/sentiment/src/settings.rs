//! What a training run is told: the learner's options, and the settings made of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::checkpoint::Reader;
use seqcore::data::{UNK, WordVocab, glove};
use seqcore::lesson::RunArgs;
use seqcore::nn::{Dropout, Pool};
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, MODEL_FILE, Plan};
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::corpus::{Corpus, Part};
use crate::model::{Classifier, Config};
use crate::predict::{DESCRIPTION_FILE, Description};
use crate::pretrain::model::Body;
use crate::ratios::{self, Ratios};
use crate::task::{Layout, ReviewTask, TaskSettings};

/// Training parts with more reviews than this get the larger network.
pub const LARGE: usize = 5000;

/// Networks that decide together, at most: all of them are in memory.
pub const MOST_NETWORKS: usize = 100;

/// The settings that a learner may change.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings of the network")]
pub struct Options {
    /// The recurrent cell: rnn, rnn_relu, lstm or gru [default: lstm]
    #[arg(long)]
    pub cell: Option<Cell>,
    /// Units in each direction [default: 128; 32 for few reviews]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub hidden: Option<usize>,
    /// Numbers in a word's vector [default: as --hidden]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub embedding: Option<usize>,
    /// Recurrent layers [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub layers: Option<usize>,
    /// Read forwards only
    #[arg(long)]
    pub one_direction: bool,
    /// The most frequent words that get a vector [default: 30000]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub vocabulary: Option<usize>,
    /// Poolings: last, mean, max, attention [default: mean,max]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub pooling: Vec<Pool>,
    /// Share of pooled values dropped in training [default: 0.5; 0.3 for few]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub dropout: Option<f64>,
    /// Share of words dropped in training [default: 0.3; 0.1 for few]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub word_dropout: Option<f64>,
    /// How far vectors are moved against the network in training [default: 5; 0, not at all, for few]
    #[arg(long, value_name = "EPSILON", allow_negative_numbers = true)]
    pub adversary: Option<f64>,
    /// Share of the weights' average that stays in a step; 0 averages nothing [default: 0.999; 0 for few]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub average: Option<f64>,
    /// Share of reviews of which a step reads a passage only [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub passages: Option<f64>,
    /// Reviews in a batch [default: 64; 16 for few reviews]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub batch: Option<usize>,
    /// Words that training reads of a review: its last so many [default: 400]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub longest: Option<usize>,
    /// Learning rate [default: 0.002; 0.01 for few reviews]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// Tell it the log-count ratios of n-grams of up to N words, 0 to 3 [default: 0]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub ratios: Option<usize>,
    /// Networks, trained one after the other, that decide together [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub networks: Option<usize>,
    /// Share of the training part to choose by; 0 trains on all of it [default: 0.1; 0.2 for few]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub dev: Option<f64>,
    /// Begin with the language model in this folder (see pretrain)
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// Begin with word vectors in GloVe's form
    #[arg(long, value_name = "NAME|PATH")]
    pub vectors: Option<PathBuf>,
    /// Steps in which only what lies above the states learns [default: 0; with --from an epoch / 4]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub frozen: Option<usize>,
    /// Learning rate of embedding and cells, as a share [default: 1; with --from 0.5]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub below: Option<f64>,
}

/// All settings of a run; they stand in its checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the reviews are; `None` are the embedded ones.
    pub data: Option<String>,
    /// Of the training reviews, so that a resumed run finds the same ([`Corpus::sha256`]).
    pub sha256: String,
    /// Of everything random.
    pub seed: u64,
    /// The share of the training part that is dev.
    pub dev: f64,
    /// The network, but for its vocabulary, which the reviews decide.
    pub config: Config,
    /// Reviews in a batch.
    pub batch: usize,
    /// The most words that training reads of a review.
    pub longest: usize,
    /// Steps with a frozen body.
    pub frozen: usize,
    /// The learning rate of the body, as a share.
    pub below: f64,
    /// ε of adversarial training (C17); 0 is none.
    pub adversary: f64,
    /// The share of the averaged weights that stays in a step (C18); 0 averages nothing.
    pub average: f64,
    /// The share of reviews of which a step reads a passage only.
    #[serde(default)]
    pub passages: f64,
    /// Networks that decide together, by the mean of their logits.
    #[serde(default = "one")]
    pub networks: usize,
    /// The language model that it begins with.
    pub from: Option<PathBuf>,
    /// Word vectors that it begins with.
    pub vectors: Option<PathBuf>,
    /// How long, how fast.
    pub plan: Plan,
}

fn one() -> usize {
    1
}

impl Options {
    /// Whether any of them was given.
    pub fn given(&self) -> bool {
        let Self { cell, pooling, one_direction, from, vectors, .. } = self;
        let sizes = [self.hidden, self.embedding, self.layers, self.vocabulary, self.batch];
        let sizes = sizes
            .into_iter()
            .chain([self.longest, self.frozen, self.networks, self.ratios])
            .any(|size| size.is_some());
        let shares = [
            self.dropout,
            self.word_dropout,
            self.learning_rate,
            self.dev,
            self.below,
            self.adversary,
            self.average,
            self.passages,
        ];
        let names = cell.is_some() || !pooling.is_empty() || from.is_some() || vectors.is_some();
        sizes || names || *one_direction || shares.iter().any(|share| share.is_some())
    }

    /// What a language model has no use for, and whether it was given.
    pub fn for_train(&self) -> [(&'static str, bool); 11] {
        [
            ("pooling", !self.pooling.is_empty()),
            ("longest", self.longest.is_some()),
            ("adversary", self.adversary.is_some()),
            ("average", self.average.is_some()),
            ("passages", self.passages.is_some()),
            ("ratios", self.ratios.is_some()),
            ("networks", self.networks.is_some()),
            ("from", self.from.is_some()),
            ("vectors", self.vectors.is_some()),
            ("frozen", self.frozen.is_some()),
            ("below", self.below.is_some()),
        ]
    }

    /// The share of the training part that is dev. Few reviews need a larger one.
    pub fn dev(&self, data: Option<&str>) -> f64 {
        self.dev.unwrap_or(if data.is_some() { 0.1 } else { 0.2 })
    }
}

impl Settings {
    /// The settings of a run on these reviews.
    ///
    /// # Errors
    /// What cannot work, such as a size of 0, or cannot be begun with.
    pub fn new(run: &RunArgs, options: &Options, corpus: &Corpus) -> Result<Self> {
        let large = corpus.fit.len() > LARGE;
        let pick = |small: usize, large_one: usize| if large { large_one } else { small };
        let description = options.from.as_deref().map(described).transpose()?;
        let from = description.as_ref().map(|d| &d.config);
        let hidden = options.hidden.or(from.map(|c| c.hidden)).unwrap_or(pick(32, 128));
        let embedding = options.embedding.or(from.map(|c| c.embedding));
        let vocabulary = options.vocabulary.unwrap_or(30_000).min(corpus.vocabulary.size());
        let config = Config {
            vocabulary: description.as_ref().map_or(vocabulary, |d| d.words.size()),
            embedding: embedding.unwrap_or(hidden),
            cell: options.cell.or(from.map(|c| c.cell)).unwrap_or(Cell::Lstm),
            hidden,
            layers: options.layers.or(from.map(|c| c.layers)).unwrap_or(1),
            bidirectional: from.map_or(!options.one_direction, |c| c.bidirectional),
            pooling: match options.pooling.is_empty() {
                true => vec![Pool::Mean, Pool::Max],
                false => options.pooling.clone(),
            },
            dropout: options.dropout.unwrap_or(if large { 0.5 } else { 0.3 }),
            word_dropout: options.word_dropout.unwrap_or(if large { 0.3 } else { 0.1 }),
            ratios: options.ratios.unwrap_or(0),
        };
        let batch = options.batch.unwrap_or(pick(16, 64));
        let epoch = corpus.fit.len().div_ceil(batch.max(1));
        let average = options.average.unwrap_or(if large { 0.999 } else { 0.0 });
        let settings = Self {
            data: run.data.clone(),
            sha256: corpus.sha256.clone(),
            seed: run.seed,
            dev: options.dev(run.data.as_deref()),
            config,
            batch,
            longest: options.longest.unwrap_or(400),
            frozen: options.frozen.unwrap_or(if from.is_some() { epoch / 4 } else { 0 }),
            below: options.below.unwrap_or(if from.is_some() { 0.5 } else { 1.0 }),
            adversary: options.adversary.unwrap_or(if large { 5.0 } else { 0.0 }),
            average,
            passages: options.passages.unwrap_or(0.0),
            networks: options.networks.unwrap_or(1),
            from: options.from.clone(),
            vectors: options.vectors.clone(),
            plan: Plan {
                length: run.length().unwrap_or(Length::Steps(epoch * pick(12, 10))),
                learning_rate: options.learning_rate.unwrap_or(if large { 0.002 } else { 0.01 }),
                optimiser: "adam".parse().expect("a known name"),
                schedule: Schedule::Cosine { warmup: 0.05, floor: 0.02 },
                clip: Some(1.0),
                evaluations: 12,
                // An average is no longer tossed about, and the best of twelve that hardly differ is the luckiest.
                keep: if corpus.dev.is_empty() || average > 0.0 { Keep::Last } else { Keep::Best },
                patience: None,
            },
        };
        settings.validate()?;
        // What it begins with is opened now, before anything is written.
        settings.untrained(&settings.words(corpus)?)?;
        Ok(settings)
    }

    /// Refuses settings that cannot work.
    fn validate(&self) -> Result<()> {
        let sizes = [
            ("--hidden", self.config.hidden),
            ("--embedding", self.config.embedding),
            ("--layers", self.config.layers),
            ("--batch", self.batch),
            ("--longest", self.longest),
            ("--vocabulary", self.config.vocabulary),
            ("--networks", self.networks),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
        }
        if self.networks > MOST_NETWORKS {
            let what = format!("--networks is {}; {MOST_NETWORKS} are the most.", self.networks);
            return Err(Error::config(what));
        }
        if !(0.0..=1.0).contains(&self.below) {
            return Err(Error::config(format!("--below is {}; it must be 0 to 1.", self.below)));
        }
        if !(self.adversary >= 0.0 && self.adversary.is_finite()) {
            let what = format!("--adversary is {}; it must be 0 or more.", self.adversary);
            return Err(Error::config(what));
        }
        if !(0.0..1.0).contains(&self.average) {
            let what = format!("--average is {}; it must be 0 to below 1.", self.average);
            return Err(Error::config(what));
        }
        if !(0.0..=1.0).contains(&self.passages) {
            let what = format!("--passages is {}; it must be 0 to 1.", self.passages);
            return Err(Error::config(what));
        }
        self.plan.validate()?;
        self.config.validate()
    }

    /// The settings of the `k`-th network, from 0, with its own seed. A budget is shared among the networks.
    pub fn numbered(&self, k: usize, length: Length) -> Self {
        let length = match length {
            Length::Budget(budget) => Length::Budget(budget / self.networks as u32),
            steps => steps,
        };
        let plan = Plan { length, ..self.plan.clone() };
        Self { seed: self.seed.wrapping_add(1000 * k as u64), plan, ..self.clone() }
    }

    /// The words of the network: those of the language model it begins with, or else the most
    /// frequent ones of the reviews to fit.
    ///
    /// # Errors
    /// A language model that cannot be read.
    pub fn words(&self, corpus: &Corpus) -> Result<WordVocab> {
        match &self.from {
            Some(folder) => Ok(described(folder)?.words),
            None => Ok(most_frequent(&corpus.vocabulary, self.config.vocabulary)),
        }
    }

    /// The network before its training, with what it begins with.
    ///
    /// # Errors
    /// A language model or word vectors that cannot be read or do not fit.
    pub fn untrained(&self, words: &WordVocab) -> Result<Classifier<f32>> {
        let mut model = Classifier::new(&self.config, &mut ChaCha8Rng::seed_from_u64(self.seed));
        if let Some(folder) = &self.from {
            let mut body = Body { embedding: model.embedding.clone(), rnn: model.rnn.clone() };
            Reader::open(&folder.join(MODEL_FILE))?.load_into("", &mut body)?;
            (model.embedding, model.rnn) = (body.embedding, body.rnn);
        }
        if let Some(path) = &self.vectors {
            begin_with(&mut model, words, &resolve(path)?)?;
        }
        Ok(model)
    }

    /// The ratios that the network is told (C19), if any.
    pub fn ratios(&self, words: &WordVocab, corpus: &Corpus) -> Option<Arc<Ratios>> {
        let longest = self.config.ratios;
        let reviews = || Encoder::new(corpus, words).encode(&corpus.fit);
        (longest > 0).then(|| Arc::new(Ratios::fit(&reviews(), &corpus.fit, longest)))
    }

    /// The task of training it.
    pub fn task(&self, model: &Classifier<f32>, words: &WordVocab, corpus: &Corpus) -> ReviewTask {
        let encoder = Encoder::new(corpus, words);
        // Without a dev part the curve is that of some training reviews, and nothing is chosen.
        let watched = match corpus.dev.is_empty() {
            true => &corpus.fit.first(1000),
            false => &corpus.dev,
        };
        let pair = |part: &Part| (encoder.encode(part), part.labels.clone());
        let dropouts = [self.config.dropout, self.config.word_dropout]
            .map(|p| Dropout::new(p).expect("a valid configuration"));
        let folds = ratios::folds(&corpus.fit.groups);
        let settings = self.task_settings();
        ReviewTask::new(model, settings, dropouts, pair(&corpus.fit), folds, pair(watched))
    }

    /// What the task is told.
    pub fn task_settings(&self) -> TaskSettings {
        let &Self { batch, longest, frozen, below, adversary, average, passages, seed, .. } = self;
        let layout = Layout::Masked;
        TaskSettings { batch, longest, layout, frozen, below, adversary, average, passages, seed }
    }
}

/// From a corpus's numbers to those of a network's words.
#[derive(Debug)]
pub struct Encoder {
    map: Vec<usize>,
}

impl Encoder {
    /// The map for a network with these words.
    pub fn new(corpus: &Corpus, words: &WordVocab) -> Self {
        let map = |id| corpus.vocabulary.token(id).map_or(UNK, |word| words.id(word));
        Self { map: (0..corpus.vocabulary.size()).map(map).collect() }
    }

    /// The reviews of a part in the network's numbers.
    pub fn encode(&self, part: &Part) -> Vec<Vec<usize>> {
        let encode = |review: &Vec<usize>| review.iter().map(|&id| self.map[id]).collect();
        part.words.iter().map(encode).collect()
    }
}

/// The beginning of a vocabulary: V words with `<unk>`.
pub fn most_frequent(vocabulary: &WordVocab, size: usize) -> WordVocab {
    let mut words = Vec::from(vocabulary.clone());
    words.truncate(size.saturating_sub(1));
    WordVocab::try_from(words).expect("the words of a vocabulary are distinct")
}

/// What the folder of a language model says of it.
fn described(folder: &Path) -> Result<Description> {
    let path = folder.join(DESCRIPTION_FILE);
    let text = std::fs::read_to_string(&path).map_err(|e| Error::read(&path, e))?;
    serde_json::from_str(&text).map_err(|e| {
        Error::checkpoint(
            &path,
            format!("this describes no model ({e}). Run `sentiment pretrain` again."),
        )
    })
}

/// A path, or the file of a data set of the catalogue.
fn resolve(path: &Path) -> Result<PathBuf> {
    match path.to_str() {
        Some(name) if !path.exists() && !name.contains(['.', '/', '\\']) => {
            Ok(seqcore::data::catalogue::resolve(name)?.path)
        }
        _ => Ok(path.to_owned()),
    }
}

/// Puts ready-made vectors in the place of the random ones, as far as there are words in common,
/// with the same mean square.
fn begin_with(model: &mut Classifier<f32>, words: &WordVocab, path: &Path) -> Result<()> {
    let known = |word: &str| words.id(&word.to_owned()) != UNK;
    let vectors = glove::read(path, known)?;
    let (found, wanted) = (vectors.dimensions(), model.embedding.weight.ncols());
    if found != wanted {
        return Err(Error::data(
            path,
            None,
            format!(
                "its vectors have {found} numbers, the network's {wanted}. Add --embedding {found}."
            ),
        ));
    }
    let mean_square = |values: &ndarray::Array2<f32>| {
        values.iter().map(|v| f64::from(v * v)).sum::<f64>() / values.len().max(1) as f64
    };
    let scale =
        (mean_square(&model.embedding.weight) / mean_square(&vectors.vectors)).sqrt() as f32;
    for (word, vector) in vectors.words.iter().zip(vectors.vectors.rows()) {
        model.embedding.weight.row_mut(words.id(word)).assign(&(&vector * scale));
    }
    Ok(())
}
