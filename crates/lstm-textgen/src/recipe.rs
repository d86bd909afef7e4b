//! What a training run is told: the learner's options, and the settings made of them.

use std::path::Path;

use lesson::files::Text;
use lesson::run::Recipe;
use lesson::{Error, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::models::language::LanguageConfig;
use seqcore::optim::{AdamW, OptimiserConfig, Schedule};
use seqcore::train::{Keep, Length, Plan};
use serde::{Deserialize, Serialize};

use crate::model::{Shape, TextModel, TextTask};
use crate::text::{Level, Material, PLAY_NAME};

/// Where nothing says how long to train, a run reads its text no more often than this.
const MOST_EPOCHS: usize = 40;

/// The settings that a learner may change. What is not given has a default that depends on the
/// level.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "TextRecipe of the model and its training")]
pub struct Options {
    /// What the text is cut into: char or word [default: char]
    #[arg(long)]
    pub level: Option<Level>,
    /// The recurrent cell: lstm, gru, rnn or rnn_relu [default: lstm]
    #[arg(long)]
    pub cell: Option<Cell>,
    /// Units in a layer [default: 512; words 384]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub hidden: Option<usize>,
    /// Layers [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub layers: Option<usize>,
    /// Numbers in a token's vector [default: as many as units]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub embedding: Option<usize>,
    /// Share of values dropped between layers and before the output [default: 0; words 0.4]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub dropout: Option<f64>,
    /// Share of recurrent weights dropped in each step [default: 0]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub weight_drop: Option<f64>,
    /// Weight decay of AdamW; biases do not decay [default: 0]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub weight_decay: Option<f64>,
    /// Keep a running mean of the weights in place of the last ones; P of it is kept in each step, such
    /// as 0.999 [default: 0, none]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub average: Option<f64>,
    /// Added to the bias of an LSTM's forget gates before training [default: 0]
    #[arg(long, value_name = "B", allow_negative_numbers = true)]
    pub forget_bias: Option<f64>,
    /// Whether the output matrix is the embedding [default: false; words true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub tied: Option<bool>,
    /// Streams of text read side by side [default: 64; words 32]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub batch: Option<usize>,
    /// Steps after which backpropagation is cut [default: 64]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seq_len: Option<usize>,
    /// Learning rate [default: 0.004]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// Words in the vocabulary, the most frequent ones [default: 6000]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub words: Option<usize>,
}

/// All that a run depends on; it stands in its record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextRecipe {
    /// The path or name of the text; `None` is the embedded play.
    pub data: Option<String>,
    /// The sha256 of the text.
    pub sha256: String,
    /// Of all random draws.
    pub seed: u64,
    /// What the text is cut into.
    pub level: Level,
    /// Words in a vocabulary of words.
    pub words: usize,
    /// Which cell.
    pub cell: Cell,
    /// H.
    pub hidden: usize,
    /// L.
    pub layers: usize,
    /// E.
    pub embedding: usize,
    /// Between layers and before the output.
    pub dropout: f64,
    /// On W_hh.
    pub weight_drop: f64,
    /// The share of the weights' running mean that a step keeps; 0 for no mean.
    pub average: f64,
    /// Added to the bias of an LSTM's forget gates before training.
    pub forget_bias: f64,
    /// Whether the output matrix is the embedding.
    pub tied: bool,
    /// B.
    pub batch: usize,
    /// T.
    pub seq_len: usize,
    /// Whether test is left alone: the run is one of several to choose from.
    pub dev_only: bool,
    /// Of the training loop.
    pub plan: Plan,
}

impl Recipe for TextRecipe {
    const NAME: &'static str = "a language model of lstm-textgen";
    type Options = Options;

    fn command(&self) -> String {
        "lstm-textgen -- train".into()
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

impl TextRecipe {
    /// Fills in what `options` leaves open. Without a `length`, the run takes three minutes, or
    /// as many steps as read the text forty times if that is less.
    pub fn new(
        options: &Options,
        seed: u64,
        length: Option<Length>,
        data: Option<String>,
        text: &Text,
    ) -> Self {
        let level = options.level.unwrap_or(Level::Char);
        let words = level == Level::Word;
        let hidden = options.hidden.unwrap_or(if words { 384 } else { 512 });
        let batch = options.batch.unwrap_or(if words { 32 } else { 64 });
        let seq_len = options.seq_len.unwrap_or(64);
        let plan = Plan {
            length: length.unwrap_or_else(|| default_length(&text.content, level, batch, seq_len)),
            learning_rate: options.learning_rate.unwrap_or(0.004),
            optimiser: OptimiserConfig::AdamW(AdamW {
                weight_decay: options.weight_decay.unwrap_or(0.0),
                decay_biases: false,
                ..AdamW::default()
            }),
            schedule: Schedule::Cosine { warmup: 0.02, floor: 0.02 },
            clip: Some(1.0),
            evaluations: 20,
            keep: Keep::Best,
            patience: None,
        };
        Self {
            data,
            sha256: text.sha256.clone(),
            seed,
            level,
            words: options.words.unwrap_or(6000),
            cell: options.cell.unwrap_or(Cell::Lstm),
            hidden,
            layers: options.layers.unwrap_or(1),
            embedding: options.embedding.unwrap_or(hidden),
            dropout: options.dropout.unwrap_or(if words { 0.4 } else { 0.0 }),
            weight_drop: options.weight_drop.unwrap_or(0.0),
            average: options.average.unwrap_or(0.0),
            forget_bias: options.forget_bias.unwrap_or(0.0),
            tied: options.tied.unwrap_or(words),
            batch,
            seq_len,
            dev_only: false,
            plan,
        }
    }

    /// The text's path, or the name of the embedded one.
    pub fn text_name(&self) -> &str {
        self.data.as_deref().unwrap_or(PLAY_NAME)
    }

    /// Splits and encodes the text.
    ///
    /// # Errors
    /// A text that is too short for these settings.
    pub fn material(&self, text: &str) -> Result<Material> {
        Material::new(text, self.level, self.words).map_err(|error| self.in_text(error))
    }

    /// An error that is the text's fault, with its name.
    pub fn in_text(&self, error: Error) -> Error {
        error.in_file(Path::new(self.text_name()))
    }

    /// The model's shape.
    pub fn shape(&self, vocabulary: usize) -> Shape {
        let Self { cell, hidden, layers, embedding, dropout, tied, .. } = *self;
        let language = LanguageConfig { vocabulary, embedding, cell, hidden, layers, dropout };
        Shape { language, tied }
    }

    /// The model before its training.
    pub fn untrained(&self, vocabulary: usize) -> TextModel {
        let rng = &mut ChaCha8Rng::seed_from_u64(self.seed);
        TextModel::new(&self.shape(vocabulary), self.forget_bias, rng)
    }

    /// The training of `model`.
    ///
    /// # Errors
    /// A weight drop that [`TextRecipe::validate`] refuses too.
    pub fn task(&self, model: &TextModel, streams: Streams, dev: Evaluation) -> Result<TextTask> {
        TextTask::new(model, streams, dev, self.weight_drop, self.average, self.seed)
    }

    /// Refuses settings that cannot work.
    ///
    /// # Errors
    /// Sizes of zero, probabilities that are none, models too large, and what the training loop
    /// refuses.
    pub fn validate(&self, vocabulary: usize) -> Result<()> {
        let Self { hidden, layers, embedding, batch, seq_len, words, .. } = *self;
        let sizes = [
            ("--hidden", hidden),
            ("--layers", layers),
            ("--embedding", embedding),
            ("--batch", batch),
            ("--seq-len", seq_len),
            ("--words", words),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
        }
        let shares = [
            ("--dropout", self.dropout),
            ("--weight-drop", self.weight_drop),
            ("--average", self.average),
        ];
        for (name, p) in shares {
            if !(0.0..1.0).contains(&p) {
                let what = format!("{name} is {p}; it must be at least 0 and below 1.");
                return Err(Error::config(what));
            }
        }
        if !self.forget_bias.is_finite() {
            return Err(Error::config("--forget-bias must be a finite number."));
        }
        self.plan.validate()?;
        self.shape(vocabulary).validate()
    }
}

fn default_length(text: &str, level: Level, batch: usize, seq_len: usize) -> Length {
    let tokens = match level {
        Level::Char => text.chars().count(),
        Level::Word => seqcore::data::vocab::words(text).count(),
    };
    // On a text of a million characters three minutes read it six times; a short one would be
    // learned by heart long before.
    if tokens > 500_000 {
        return Length::Budget(std::time::Duration::from_secs(180));
    }
    Length::Steps((MOST_EPOCHS * tokens / batch.saturating_mul(seq_len).max(1)).max(1))
}
