//! What a learner may change about a network that is trained on a task.

use seqcore::cells::Cell;
use seqcore::nn::Score;

/// What a learner may change.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Settings of the network")]
pub struct NetworkOptions {
    /// The recurrent cell: rnn, rnn_relu, lstm or gru [default: gru]
    #[arg(long)]
    pub cell: Option<Cell>,
    /// Units in a layer
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub hidden: Option<usize>,
    /// Layers of encoder and decoder [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub layers: Option<usize>,
    /// How the decoder looks back: none, dot or additive [default: additive]
    #[arg(long, value_name = "SCORE", value_parser = attention)]
    pub attention: Option<Attention>,
    /// Read the source from its end
    #[arg(long)]
    pub reversed: bool,
    /// Examples in a step
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub batch: Option<usize>,
    /// Learning rate
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// Share of values dropped in training
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub dropout: Option<f64>,
    /// Share of the decoder's inputs that are its own tokens (S13)
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub own_tokens: Option<f64>,
    /// Most words in a vocabulary (translate) [default: 8000]
    #[arg(long, value_name = "N", conflicts_with = "subwords", allow_negative_numbers = true)]
    pub words: Option<usize>,
    /// Subwords in place of words: the size of a vocabulary (translate)
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub subwords: Option<usize>,
}

/// `--attention`: one of the scores or none.
#[derive(Debug, Clone, Copy)]
pub struct Attention(pub Option<Score>);

fn attention(text: &str) -> Result<Attention, String> {
    match text {
        "none" => Ok(Attention(None)),
        _ => text.parse().map(|score| Attention(Some(score))).map_err(|e| format!("{e}, or none")),
    }
}
