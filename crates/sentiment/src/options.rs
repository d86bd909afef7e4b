//! The options of a network and its training, as a learner types them.

use std::path::PathBuf;

use seqcore::cells::Cell;
use seqcore::nn::Pool;

/// The options that a language model has no use for.
pub const FOR_TRAIN: [&str; 11] = [
    "pooling",
    "longest",
    "adversary",
    "average",
    "passages",
    "ratios",
    "networks",
    "from",
    "vectors",
    "frozen",
    "below",
];

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
    /// Give it the log-count ratios of n-grams of up to N words, 0 to 3 [default: 0]
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

impl Options {
    /// The share of the training part that is dev. Few reviews need a larger one.
    pub fn dev(&self, data: Option<&str>) -> f64 {
        self.dev.unwrap_or(if data.is_some() { 0.1 } else { 0.2 })
    }
}
