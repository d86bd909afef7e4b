//! The recipe of a classifier: all that its training depends on, made of the learner's options.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lesson::files::vectors;
use lesson::files::weights::Reader;
use lesson::run::Recipe;
use lesson::{Error, Result, RunArgs};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{UNK, WordVocab};
use seqcore::nn::{Dropout, Pool};
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, Plan};
use seqcore::weights::CHECKSUM;
use serde::{Deserialize, Serialize};

use crate::corpus::{Corpus, ReviewPart};
use crate::description::{ClassifierDescription, LanguageDescription};
use crate::encoder::{Encoder, most_frequent};
use crate::layout::Layout;
use crate::model::{Classifier, Config};
use crate::options::Options;
use crate::pretrain::model::Body;
use crate::ratios::{self, Ratios};
use crate::task::{ReviewTask, TaskSettings};

/// Training parts with more reviews than this get the larger network.
pub const LARGE: usize = 5000;

/// Networks that decide together, at most: all of them are in memory.
pub const MOST_NETWORKS: usize = 100;

/// The counts of n-grams in a model's file, at most, in bytes: what describes a model may take 100 MB in all.
const MOST_COUNTS: usize = 1 << 26;

/// All that a run depends on; it stands in its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentimentRecipe {
    /// Where the reviews are; `None` are the embedded ones.
    pub data: Option<String>,
    /// Of the reviews, so that a resumed run finds the same ([`Corpus::sha256`]).
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
    pub passages: f64,
    /// Networks that decide together, by the mean of their logits.
    pub networks: usize,
    /// The language model that it begins with.
    pub from: Option<PathBuf>,
    /// The checksum of that.
    pub from_sha256: Option<String>,
    /// Word vectors that it begins with.
    pub vectors: Option<PathBuf>,
    /// Whether it is the tour's part *lstm*.
    pub in_tour: bool,
    /// How long, how fast.
    pub plan: Plan,
}

impl Recipe for SentimentRecipe {
    const NAME: &'static str = "sentiment train";
    type Options = Options;

    fn command(&self) -> String {
        if self.in_tour { "sentiment -- --part lstm" } else { "sentiment -- train" }.to_owned()
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }

    fn sha256(&self) -> &str {
        &self.sha256
    }
}

impl SentimentRecipe {
    /// The recipe of a run on these reviews.
    ///
    /// # Errors
    /// What cannot work, such as a size of 0, or cannot be begun with.
    pub fn new(run: &RunArgs, options: &Options, corpus: &Corpus) -> Result<Self> {
        let large = corpus.fit.len() > LARGE;
        let pick = |small: usize, large_one: usize| if large { large_one } else { small };
        let opened = options.from.as_deref().map(LanguageDescription::open).transpose()?;
        let description = opened.as_ref().map(|(description, _)| description);
        let from = description.map(|d| &d.config);
        let checksum = |(_, reader): &(_, Reader)| reader.metadata(CHECKSUM).map(str::to_owned);
        let hidden = options.hidden.or(from.map(|c| c.hidden)).unwrap_or(pick(32, 128));
        let embedding = options.embedding.or(from.map(|c| c.embedding));
        let vocabulary = options.vocabulary.unwrap_or(30_000).min(corpus.vocabulary.size());
        let config = Config {
            vocabulary: description.map_or(vocabulary, |d| d.words.size()),
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
        let recipe = Self {
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
            from_sha256: opened.as_ref().map(checksum).transpose()?,
            vectors: options.vectors.clone(),
            in_tour: false,
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
        recipe.validate()?;
        // What it begins with is opened now, before anything is written.
        recipe.untrained(&recipe.words(corpus)?)?;
        Ok(recipe)
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

    /// The recipe of the `k`-th network, from 0, with its own seed.
    pub fn numbered(&self, k: usize) -> Self {
        Self { seed: self.seed.wrapping_add(1000 * k as u64), ..self.clone() }
    }

    /// The language model that it begins with, if any: the one that the run began with.
    fn language(&self) -> Result<Option<(LanguageDescription, Reader)>> {
        let Some(folder) = &self.from else { return Ok(None) };
        let (description, reader) = LanguageDescription::open(folder)?;
        if Some(reader.metadata(CHECKSUM)?) != self.from_sha256.as_deref() {
            return Err(reader.error(
                "this language model has changed since the run began, so the run cannot go on. Start a new run.",
            ));
        }
        Ok(Some((description, reader)))
    }

    /// The words of the network: those of the language model it begins with, or else the most
    /// frequent ones of the reviews to fit.
    ///
    /// # Errors
    /// A language model that cannot be read.
    pub fn words(&self, corpus: &Corpus) -> Result<WordVocab> {
        Ok(match self.language()? {
            Some((description, _)) => description.words,
            None => most_frequent(&corpus.vocabulary, self.config.vocabulary),
        })
    }

    /// The network before its training, with what it begins with.
    ///
    /// # Errors
    /// A language model or word vectors that cannot be read or do not fit.
    pub fn untrained(&self, words: &WordVocab) -> Result<Classifier<f32>> {
        let mut model = Classifier::new(&self.config, &mut ChaCha8Rng::seed_from_u64(self.seed));
        if let Some((_, reader)) = self.language()? {
            let mut body = Body { embedding: model.embedding.clone(), rnn: model.rnn.clone() };
            reader.load_into("", &mut body)?;
            (model.embedding, model.rnn) = (body.embedding, body.rnn);
        }
        if let Some(path) = &self.vectors {
            begin_with(&mut model, words, &resolve(path)?)?;
        }
        Ok(model)
    }

    /// The ratios that the network is given (C19), if any.
    pub fn ratios(&self, words: &WordVocab, corpus: &Corpus) -> Option<Arc<Ratios>> {
        let longest = self.config.ratios;
        let reviews = || Encoder::new(corpus, words).encode(&corpus.fit);
        (longest > 0).then(|| Arc::new(Ratios::fit(&reviews(), &corpus.fit, longest)))
    }

    /// What is said of the trained networks.
    ///
    /// # Errors
    /// More counts of n-grams than a model's file can hold.
    pub fn describe(
        &self,
        words: &WordVocab,
        ratios: Option<&Ratios>,
    ) -> Result<ClassifierDescription> {
        let ratios = ratios.map(|ratios| ratios.to_csv(words));
        if ratios.as_ref().is_some_and(|counts| counts.len() > MOST_COUNTS) {
            return Err(Error::config(format!(
                "the counts of n-grams take more than {MOST_COUNTS} bytes, which no model's file can hold. Choose fewer \
                 words with --vocabulary, or shorter n-grams with --ratios."
            )));
        }
        let (config, networks) = (self.config.clone(), self.networks);
        Ok(ClassifierDescription { config, words: words.clone(), networks, ratios })
    }

    /// The task of training it.
    pub fn task(&self, model: &Classifier<f32>, words: &WordVocab, corpus: &Corpus) -> ReviewTask {
        let encoder = Encoder::new(corpus, words);
        // Without a dev part the curve is that of some training reviews, and nothing is chosen.
        let watched = match corpus.dev.is_empty() {
            true => &corpus.fit.first(1000),
            false => &corpus.dev,
        };
        let pair = |part: &ReviewPart| (encoder.encode(part), part.labels.clone());
        let dropouts = [self.config.dropout, self.config.word_dropout]
            .map(|p| Dropout::new(p).expect("a valid configuration"));
        let folds = ratios::folds(&corpus.fit.groups);
        let settings = self.task_settings();
        ReviewTask::new(model, settings, dropouts, pair(&corpus.fit), folds, pair(watched))
    }

    /// The settings of the task.
    pub fn task_settings(&self) -> TaskSettings {
        let &Self { batch, longest, frozen, below, adversary, average, passages, seed, .. } = self;
        let layout = Layout::Masked;
        TaskSettings { batch, longest, layout, frozen, below, adversary, average, passages, seed }
    }
}

/// A path, or the file of a data set of the catalogue.
fn resolve(path: &Path) -> Result<PathBuf> {
    match path.to_str() {
        Some(name) if !path.exists() && !name.contains(['.', '/', '\\']) => {
            Ok(lesson::catalogue::resolve(name)?.path)
        }
        _ => Ok(path.to_owned()),
    }
}

/// Puts ready-made vectors in the place of the random ones, as far as there are words in common,
/// with the same mean square.
fn begin_with(model: &mut Classifier<f32>, words: &WordVocab, path: &Path) -> Result<()> {
    let known = |word: &str| words.id(&word.to_owned()) != UNK;
    let vectors = vectors::read(path, known)?;
    if vectors.words.is_empty() {
        let what = "it has no vector of any word of the reviews, so nothing can begin with it. Choose another file.";
        return Err(Error::data(path, None, what));
    }
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
        values.iter().map(|v| f64::from(v * v)).sum::<f64>() / values.len() as f64
    };
    let scale =
        (mean_square(&model.embedding.weight) / mean_square(&vectors.vectors)).sqrt() as f32;
    for (word, vector) in vectors.words.iter().zip(vectors.vectors.rows()) {
        model.embedding.weight.row_mut(words.id(word)).assign(&(&vector * scale));
    }
    Ok(())
}
