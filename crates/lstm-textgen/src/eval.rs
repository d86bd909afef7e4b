//! The command `eval`: the loss of a trained model on a text.

use std::path::PathBuf;

use seqcore::lesson::Screen;
use seqcore::metrics::{bits, perplexity};
use seqcore::{Error, Result};

use crate::bundle::Bundle;
use crate::score::Score;
use crate::text::{Material, read};

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
    #[arg(long, value_name = "PART", default_value = "val")]
    pub part: Part,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The last tenth.
    Val,
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
    let bundle = Bundle::open(&args.model)?;
    let data = args.data.as_ref().or(bundle.about.data.as_ref());
    let text = read(data.map(String::as_str), args.fetch)?;
    let own = text.sha256 == bundle.about.sha256;
    let mut material =
        Material::with(&text.content, &bundle.about.vocabulary).map_err(|error| match error {
            Error::Config(what) => {
                Error::data(data.map_or("the play", String::as_str).as_ref(), None, what)
            }
            other => other,
        })?;
    if args.part == Part::All {
        material.val = bundle.about.vocabulary.encode(&text.content);
        material.val_text = text.content;
    }
    let score = match args.part {
        Part::Dev => Score::on_dev(&bundle.model, &material),
        Part::Val | Part::All => Score::on_val(&bundle.model, &material),
    };
    let part = match args.part {
        Part::Val => "the last tenth",
        Part::Dev => "three hundredths in the middle",
        Part::All => "the whole text",
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
    if own && args.part == Part::All {
        lines.push("note: most of this text is what the model was trained on.".to_owned());
    } else if !own && !bundle.about.sha256.is_empty() {
        lines.push("note: not the text that the model was trained on.".to_owned());
    }
    Screen::stdout(false).print_always(&(lines.join("\n") + "\n"));
    Ok(())
}
