//! The command `eval`: the loss of a trained model on a text.

use std::path::PathBuf;

use lesson::{Error, Result, Screen};
use seqcore::metrics::{bits, perplexity};

use crate::loss::TextLoss;
use crate::text::{Material, read};
use crate::trained::Trained;

/// The arguments of `eval`.
#[derive(Debug, Clone, clap::Args)]
pub struct EvalArgs {
    /// The folder of a trained model
    #[arg(long, value_name = "DIR", default_value = "out/lstm-textgen")]
    pub model: PathBuf,
    /// The text: a name from the catalogue or a path [default: the one it was trained on]
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Fetch the data set if it is not here yet
    #[arg(long)]
    pub fetch: bool,
    /// Which part of the text to score
    #[arg(long, value_name = "PART", default_value = "test")]
    pub part: ScoredPart,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ScoredPart {
    /// The last tenth.
    Test,
    /// Three hundredths in the middle of the rest.
    Dev,
    /// All of it, for a text that the model was not trained on.
    All,
}

/// Scores the model and prints what it found.
///
/// # Errors
/// A model or text that cannot be used.
pub fn command(args: &EvalArgs) -> Result<()> {
    let trained = Trained::open(&args.model)?;
    let data = args.data.as_ref().or(trained.about.data.as_ref());
    let text = read(data.map(String::as_str), args.fetch)?;
    let own = text.sha256 == trained.about.sha256;
    let mut material =
        Material::with(&text.content, &trained.about.vocabulary).map_err(|error| match error {
            Error::Config(what) => {
                Error::data(data.map_or("the play", String::as_str).as_ref(), None, what)
            }
            other => other,
        })?;
    if args.part == ScoredPart::All {
        material.test = trained.about.vocabulary.encode(&text.content);
        material.test_text = text.content;
    }
    let score = match args.part {
        ScoredPart::Dev => TextLoss::on_dev(&trained.model, &material),
        ScoredPart::Test | ScoredPart::All => TextLoss::on_test(&trained.model, &material),
    };
    let part = match args.part {
        ScoredPart::Test => "the last tenth",
        ScoredPart::Dev => "three hundredths in the middle",
        ScoredPart::All => "the whole text",
    };
    let mut lines = vec![
        format!("text            {} ({part})", data.map_or("the embedded play", String::as_str)),
        format!("characters      {}", score.characters),
        format!("tokens          {}", score.tokens),
        format!("unknown         {:.3} %", 100.0 * score.unknown_share),
        format!("nats per char   {:.4}", score.nats_per_char),
        format!("bits per char   {:.4}", bits(score.nats_per_char)),
        format!("nats per token  {:.4}", score.nats_per_token),
        format!("perplexity      {:.3} per token", perplexity(score.nats_per_token)),
    ];
    if score.spelling > 0.0 {
        let spelling = score.spelling;
        lines.push(format!(
            "spelling        {spelling:.4} of the nats per char go to unknown words"
        ));
    }
    if own && args.part == ScoredPart::All {
        lines.push("note: most of this text is what the model was trained on.".to_owned());
    } else if !own && !trained.about.sha256.is_empty() {
        lines.push("note: not the text that the model was trained on.".to_owned());
    }
    Screen::stdout(false).print_always(&(lines.join("\n") + "\n"));
    Ok(())
}
