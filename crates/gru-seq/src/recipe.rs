//! How a network is trained on a task: all that a run depends on.

use lesson::run::Recipe;
use lesson::{Error, LessonArgs, Result, RunArgs};
use seqcore::cells::Cell;
use seqcore::nn::Score;
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, Plan};
use serde::{Deserialize, Serialize};

use crate::options::NetworkOptions;
use crate::seq2seq::Seq2SeqConfig;
use crate::task::Task;

/// All that a run depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seq2SeqRecipe {
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

impl Seq2SeqRecipe {
    /// As the tour trains on a task.
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

    /// As `--full` and `train` do; on sentence pairs that were fetched if `large`.
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

    /// As a part of the lesson is asked for: the tour or the long version, and for how many steps.
    pub fn of_part(task: Task, args: &LessonArgs) -> Self {
        let (seed, large) = (args.run.seed, args.run.data.is_some());
        let recipe = if args.full { Self::full(task, seed, large) } else { Self::new(task, seed) };
        match args.run.steps {
            Some(steps) => recipe.with_steps(steps),
            None => recipe,
        }
    }

    /// The same on sentence pairs that `args` name and that have this checksum.
    pub fn on(self, args: &RunArgs, sha256: String) -> Self {
        Self { data: args.data.clone(), sha256, ..self }
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
        Ok(self.plan.validate()?)
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

    /// In a few words, for tables.
    pub fn shape(&self) -> String {
        let direction = if self.bidirectional { "both directions" } else { "one direction" };
        let attention =
            self.attention.map_or("no attention".into(), |score| format!("{score} attention"));
        format!("{}-{}, {direction}, {attention}", self.cell.label(), self.hidden)
    }

    /// The same with what a learner changed.
    pub fn with(self, options: &NetworkOptions) -> Self {
        Self {
            cell: options.cell.unwrap_or(self.cell),
            hidden: options.hidden.unwrap_or(self.hidden),
            embedding: options.hidden.map_or(self.embedding, |h| h.min(256)),
            layers: options.layers.unwrap_or(self.layers),
            attention: options.attention.map_or(self.attention, |a| a.0),
            reversed: options.reversed,
            batch: options.batch.unwrap_or(self.batch),
            dropout: options.dropout.unwrap_or(self.dropout),
            own_tokens: options.own_tokens.unwrap_or(self.own_tokens),
            words: options.words.unwrap_or(self.words),
            subwords: options.subwords.or(self.subwords),
            plan: Plan {
                learning_rate: options.learning_rate.unwrap_or(self.plan.learning_rate),
                ..self.plan
            },
            ..self
        }
    }

    /// The same for so many steps.
    pub fn with_steps(mut self, steps: usize) -> Self {
        self.plan.length = Length::Steps(steps);
        self
    }
}

impl Recipe for Seq2SeqRecipe {
    const NAME: &'static str = "gru-seq train";
    type Options = NetworkOptions;

    fn command(&self) -> String {
        format!("gru-seq -- train {}", self.task.name())
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
