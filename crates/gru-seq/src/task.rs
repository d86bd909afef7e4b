//! What the lesson's networks are trained on, and how: one recipe for all tasks.
//!
//! A [`Settings`] says everything that a run depends on, so that it can stand in a checkpoint. Each
//! task makes a [`Material`] of it: vocabularies, examples to train on, examples to watch, and pairs
//! to test on that the network has never seen.

use std::path::PathBuf;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::batch::Example;
use seqcore::data::pairs::Pair;
use seqcore::lesson::{Lesson, RunArgs};
use seqcore::models::seq2seq::{Seq2Seq, Seq2SeqConfig};
use seqcore::nn::Score;
use seqcore::optim::Schedule;
use seqcore::train::pairs::{Examples, PairTask};
use seqcore::train::{self, Keep, Length, Plan, Progress, Run, Saved};
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::tokens::Tokens;
use crate::trained::{CARD_FILE, Trained};
use crate::{addition, dates, exposure, translate};

/// What a network is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Sums such as 535+61=
    Addition,
    /// Dates to ISO 8601
    Dates,
    /// French to English
    Translate,
    /// Running totals of digits
    #[value(skip)]
    Totals,
}

impl Task {
    /// Its name in arguments, folders and `metrics.json`.
    pub fn name(self) -> &'static str {
        match self {
            Task::Addition => "addition",
            Task::Dates => "dates",
            Task::Translate => "translate",
            Task::Totals => "exposure",
        }
    }
}

/// All that a run depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What to learn.
    pub task: Task,
    /// Sentence pairs: what `--data` said; `None` is the embedded phrase book.
    pub data: Option<String>,
    /// Of the pairs, so that a resumed run finds the same.
    pub sha256: String,
    /// Of all random draws.
    pub seed: u64,
    /// Of encoder and decoder.
    pub cell: Cell,
    /// E
    pub embedding: usize,
    /// H
    pub hidden: usize,
    /// L
    pub layers: usize,
    /// Whether the encoder reads in both directions.
    pub bidirectional: bool,
    /// How the decoder looks back.
    pub attention: Option<Score>,
    /// The share of values dropped while training.
    pub dropout: f64,
    /// Examples in a step.
    pub batch: usize,
    /// Whether the source is read from its end.
    pub reversed: bool,
    /// The most words in a vocabulary.
    pub words: usize,
    /// The size of a vocabulary of subwords, in place of words.
    pub subwords: Option<usize>,
    /// The share of a decoder's inputs that are its own tokens (S13).
    pub own_tokens: f64,
    /// Length, learning rate and the like.
    pub plan: Plan,
}

/// The largest batch.
const MOST_EXAMPLES: usize = 1 << 16;

impl Settings {
    /// The tour's settings of a task.
    pub fn new(task: Task, seed: u64) -> Self {
        let (hidden, batch, steps, rate) = match task {
            Task::Addition => (128, 128, 1500, 4e-3),
            Task::Dates => (64, 64, 600, 6e-3),
            Task::Translate => (64, 32, 500, 5e-3),
            Task::Totals => (64, 64, 850, 5e-3),
        };
        Self {
            task,
            data: None,
            sha256: String::new(),
            seed,
            cell: Cell::Gru,
            embedding: hidden.min(64),
            hidden,
            layers: 1,
            bidirectional: true,
            attention: Some(Score::Additive),
            dropout: 0.0,
            batch,
            reversed: false,
            words: 8000,
            subwords: None,
            own_tokens: 0.0,
            plan: Plan {
                length: Length::Steps(steps),
                learning_rate: rate,
                optimiser: "adam".parse().expect("a known name"),
                schedule: Schedule::Cosine { warmup: 0.05, floor: 0.01 },
                clip: Some(1.0),
                evaluations: 10,
                // Sentences are learned by heart sooner or later; the others are drawn anew.
                keep: if task == Task::Translate { Keep::Best } else { Keep::Last },
                patience: None,
            },
        }
    }

    /// The settings of `--full` and of `train`; on sentence pairs that were fetched if `large`.
    pub fn full(task: Task, seed: u64, large: bool) -> Self {
        let tour = Self::new(task, seed);
        let steps = |n| Plan { length: Length::Steps(n), ..tour.plan.clone() };
        match task {
            Task::Addition => Self { plan: steps(6000), ..tour },
            Task::Dates => Self { hidden: 128, plan: steps(3000), ..tour },
            Task::Totals => Self { plan: steps(2000), ..tour },
            Task::Translate if large => Self {
                embedding: 256,
                hidden: 256,
                batch: 64,
                dropout: 0.2,
                // About 40 minutes on two cores.
                plan: Plan { learning_rate: 2e-3, evaluations: 20, ..steps(30_000) },
                ..tour
            },
            Task::Translate => Self { plan: steps(1500), ..tour },
        }
    }

    /// Refuses settings that cannot work.
    ///
    /// # Errors
    /// A batch of 0 or too large for any memory, a share outside 0 to 1, and what plan, model and
    /// vocabularies refuse.
    pub fn validate(&self) -> Result<()> {
        if self.batch == 0 {
            return Err(Error::config("--batch is 0; it must be at least 1."));
        }
        if self.batch > MOST_EXAMPLES {
            let batch = self.batch;
            return Err(Error::config(format!("--batch is {batch}; {MOST_EXAMPLES} is the most.")));
        }
        if !(0.0..=1.0).contains(&self.own_tokens) {
            let share = self.own_tokens;
            return Err(Error::config(format!("--own-tokens is {share}; it must be from 0 to 1.")));
        }
        if self.subwords.is_none() && self.words == 0 {
            return Err(Error::config("--words is 0; it must be at least 1."));
        }
        self.config(1, 2).validate()?;
        self.plan.validate()
    }

    /// The model's shape over vocabularies of these sizes, *end* included.
    pub fn config(&self, source_vocabulary: usize, target_vocabulary: usize) -> Seq2SeqConfig {
        let Self { embedding, cell, hidden, layers, bidirectional, attention, dropout, .. } = *self;
        Seq2SeqConfig {
            source_vocabulary,
            target_vocabulary,
            embedding,
            cell,
            hidden,
            layers,
            bidirectional,
            attention,
            dropout,
        }
    }

    /// Everything the task gives.
    ///
    /// # Errors
    /// Pairs that cannot be read or are too few.
    pub fn material(&self) -> Result<Material> {
        match self.task {
            Task::Addition => Ok(addition::material(self)),
            Task::Dates => Ok(dates::material(self)),
            Task::Totals => Ok(exposure::material(self)),
            Task::Translate => translate::material(self),
        }
    }

    /// In a few words, for tables.
    pub fn shape(&self) -> String {
        let direction = if self.bidirectional { "both directions" } else { "one direction" };
        let attention =
            self.attention.map_or("no attention".into(), |score| format!("{score} attention"));
        format!("{}-{}, {direction}, {attention}", self.cell.label(), self.hidden)
    }
}

/// What a task gives to training and testing.
pub struct Material {
    /// The vocabulary of sources.
    pub source: Tokens,
    /// Of targets, without *end*.
    pub target: Tokens,
    /// The examples of each step.
    pub examples: Examples,
    /// To watch the loss on.
    pub dev: Vec<Example>,
    /// For the reported numbers.
    pub test: Vec<Pair>,
    /// The most tokens an answer can have, *end* included.
    pub longest: usize,
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Material").field("test", &self.test.len()).finish_non_exhaustive()
    }
}

/// A pair as ids.
pub fn example(pair: &Pair, source: &Tokens, target: &Tokens, reversed: bool) -> Example {
    Example {
        source: read_order(source.encode(&pair.source), reversed),
        target: target.encode(&pair.target),
    }
}

/// The ids in the order in which the encoder reads them.
pub(crate) fn read_order(mut ids: Vec<usize>, reversed: bool) -> Vec<usize> {
    if reversed {
        ids.reverse();
    }
    ids
}

/// Trains a network. Its folder holds the model, what is needed to use it, and the checkpoint.
///
/// # Errors
/// Settings that cannot work, a folder that cannot be written, a checkpoint that does not fit,
/// Ctrl-C.
pub fn train(
    lesson: &Lesson,
    folder: Option<PathBuf>,
    settings: &Settings,
    material: Material,
    args: &RunArgs,
    resume: Option<(Saved, Option<Length>)>,
) -> Result<(Trained, Progress, Vec<Pair>)> {
    settings.validate()?;
    let Material { source, target, examples, dev, test, longest } = material;
    let config = settings.config(source.size(), target.size() + 1);
    config.validate()?;
    let mut trained = Trained {
        task: settings.task,
        source,
        target,
        reversed: settings.reversed,
        longest,
        model: Seq2Seq::new(&config, &mut ChaCha8Rng::seed_from_u64(settings.seed)),
    };
    if let Some(folder) = &folder {
        train::set_aside(folder, resume.as_ref().map(|(saved, _)| saved), &[CARD_FILE])?;
        trained.save_card(folder)?;
    }
    let run = Run {
        folder,
        settings: serde_json::to_string(settings).expect("settings are plain data"),
        progress: lesson.shows_progress(),
        save_every: args.save_every,
    };
    let mut task = PairTask::new(examples, dev, settings.seed).with_own_tokens(settings.own_tokens);
    let progress =
        train::train(&mut task, &mut trained.model, &settings.plan, &run, resume, |_, _| {})?;
    Ok((trained, progress, test))
}

/// A stream of random numbers for one purpose; streams of different purposes are independent.
pub(crate) fn stream(seed: u64, purpose: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose);
    rng
}

/// The same for a training step.
pub(crate) fn step_stream(seed: u64, step: usize) -> ChaCha8Rng {
    stream(seed, 1 << 32 | step as u64)
}
