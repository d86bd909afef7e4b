//! What a run of *char-lm* is told: the learner's options, and the settings made of them.

use lesson::files::Text;
use lesson::run::Recipe;
use lesson::{Error, LessonArgs, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Corpus, HoldOut};
use seqcore::models::language::{LanguageConfig, LanguageModel};
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, Plan};
use serde::{Deserialize, Serialize};

use crate::amount;
use crate::text::PLAY_NAME;

/// Where the learner gives no length, a run reads its text no more often than this.
const MOST_EPOCHS: usize = 40;

/// The settings of this part that a learner may change.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Settings of char-lm")]
pub struct Options {
    /// The recurrent cell: rnn, rnn_relu, lstm or gru [default: rnn]
    #[arg(long)]
    cell: Option<Cell>,
    /// Units in a layer [default: 128; --full 256]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    hidden: Option<usize>,
    /// Layers [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    layers: Option<usize>,
    /// Streams of text read side by side [default: 32]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    batch: Option<usize>,
    /// Steps after which backpropagation is cut [default: 64]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seq_len: Option<usize>,
    /// Learning rate [default: 0.01]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// Which part of the text to hold out: test, the last tenth, or dev, the tenth before it, which
    /// is the one to choose settings with [default: test]
    #[arg(long, value_name = "PART")]
    hold_out: Option<HoldOut>,
}

/// All settings of a run; they stand in its checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CharLmRecipe {
    /// The path of the text; `None` is the embedded play.
    pub(super) data: Option<String>,
    pub(super) sha256: String,
    pub(super) seed: u64,
    pub(super) cell: Cell,
    pub(super) hidden: usize,
    pub(super) layers: usize,
    pub(super) batch: usize,
    pub(super) seq_len: usize,
    pub(super) hold_out: HoldOut,
    pub(super) plan: Plan,
    /// The networks of the curve over the amount of text.
    pub(super) amount: amount::AmountSettings,
    /// How long to train where only the part *inside* is run.
    pub(super) quick: Length,
}

impl Recipe for CharLmRecipe {
    const NAME: &'static str = "char-lm of rnn-basics";
    type Options = Options;

    fn command(&self) -> String {
        "rnn-basics --".into()
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

impl CharLmRecipe {
    pub(super) fn new(
        args: &LessonArgs,
        options: &Options,
        data: Option<String>,
        text: &Text,
    ) -> Self {
        let length = args.run.length();
        let cell = options.cell.unwrap_or(Cell::RnnTanh);
        let hidden = options.hidden.unwrap_or(if args.full { 256 } else { 128 });
        let (batch, seq_len) = (options.batch.unwrap_or(32), options.seq_len.unwrap_or(64));
        // Chosen on the development parts of the play and of tinyshakespeare, among 0.003 to 0.02.
        let learning_rate = options.learning_rate.unwrap_or(0.01);
        // A little text is learned by heart when it is read more often than that.
        let most =
            MOST_EPOCHS * text.content.chars().count() / batch.saturating_mul(seq_len).max(1);
        let steps = |tour: usize, full: usize| {
            Length::Steps(if args.full { full } else { tour }.min(most).max(1))
        };
        let amount_steps = if args.full { 2500 } else { 500 };
        Self {
            data,
            sha256: text.sha256.clone(),
            seed: args.run.seed,
            cell,
            hidden,
            layers: options.layers.unwrap_or(1),
            batch,
            seq_len,
            hold_out: options.hold_out.unwrap_or(HoldOut::Test),
            plan: Plan {
                length: length.unwrap_or_else(|| steps(1500, 10_000)),
                learning_rate,
                optimiser: "adam".parse().expect("a known name"),
                schedule: Schedule::Cosine { warmup: 0.02, floor: 0.02 },
                clip: Some(1.0),
                evaluations: 10,
                keep: Keep::Last,
                patience: None,
            },
            amount: amount::AmountSettings {
                cell,
                hidden,
                // Smaller batches than above: a sixteenth of the play fills some, and in the
                // same time there are more steps.
                batch: batch.min(16),
                seq_len: if args.full { seq_len } else { seq_len.min(32) },
                // A run that was asked to be short stays short.
                steps: args.run.steps.map_or(amount_steps, |asked| asked.min(amount_steps)),
                learning_rate,
                seed: args.run.seed,
            },
            quick: length.unwrap_or_else(|| steps(400, 2000)),
        }
    }

    /// Refuses settings that cannot work.
    pub(super) fn validate(&self, vocabulary: usize) -> Result<()> {
        let Self { hidden, layers, batch, seq_len, .. } = *self;
        let sizes = [
            ("--hidden", hidden),
            ("--layers", layers),
            ("--batch", batch),
            ("--seq-len", seq_len),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(Error::config(format!("{name} is 0; it must be at least 1.")));
        }
        self.plan.validate()?;
        Ok(self.model(vocabulary).validate()?)
    }

    /// The text's path, or the name of the embedded one.
    pub(super) fn text_name(&self) -> &str {
        self.data.as_deref().unwrap_or(PLAY_NAME)
    }

    fn model(&self, vocabulary: usize) -> LanguageConfig {
        let (cell, hidden, layers) = (self.cell, self.hidden, self.layers);
        LanguageConfig { vocabulary, embedding: hidden, cell, hidden, layers, dropout: 0.0 }
    }

    /// The model before its training.
    pub(super) fn untrained(&self, corpus: &Corpus) -> Result<LanguageModel<f32>> {
        let config = self.model(corpus.vocabulary.size());
        config.validate()?;
        Ok(LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(self.seed)))
    }
}
