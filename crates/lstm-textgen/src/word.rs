//! Part 4, **word**: words in place of characters, and an honest comparison.
//!
//! A word model reads words, spaces, punctuation marks and newlines; nothing is lost, the tokens
//! joined are the text. It needs fewer steps for the same text, and never misspells. But its loss is per
//! word, and whatever is not in its vocabulary is `<unk>`. To stand beside a character model:
//!
//! ```text
//! nats per character = (nats of all tokens + nats of spelling every <unk>) / characters
//! ```
//!
//! The output matrix is the embedding itself (tied), which halves the parameters of a large vocabulary.

use lesson::plot::Table;
use lesson::{Lesson, LessonArgs, Result};
use seqcore::train::Length;

use crate::loss::TextLoss;
use crate::recipe::{Options, TextRecipe};
use crate::text::{Level, read};
use crate::train::{TrainedText, Training};

/// The run that the tour makes.
///
/// # Errors
/// A text that cannot be used.
pub fn prepare(args: &LessonArgs) -> Result<Training> {
    let text = read(args.run.data.as_deref(), args.run.fetch)?;
    let options = Options {
        level: Some(Level::Word),
        hidden: Some(if args.full { 256 } else { 128 }),
        batch: Some(8),
        seq_len: Some(32),
        words: Some(if args.full { 6000 } else { 1500 }),
        dropout: Some(0.5),
        ..Options::default()
    };
    // A run that was asked to be short stays short.
    let asked = args.run.steps.unwrap_or(usize::MAX);
    let steps = if args.full { 4000 } else { 1000 };
    let length = Some(Length::Steps(steps.min(asked)));
    let mut recipe = TextRecipe::new(&options, args.run.seed, length, args.run.data.clone(), &text);
    recipe.plan.evaluations = 10;
    Training::new(recipe, text, &args.run, None)
}

/// Runs the part; `char` is the character model to compare with, where there is one.
///
/// # Errors
/// Training that diverges.
pub fn run(lesson: &mut Lesson, training: Training, char: Option<&TrainedText>) -> Result<()> {
    lesson.heading("4 · Word: other pieces, the same text");
    let word = training.run(lesson, None)?;
    lesson.subheading("Which is better? In one unit");
    let mut table = Table::new(["model", "tokens", "nats/token", "spelling", "nats/char"]).caption(
        "Test. Spelling: what unknown words cost beside their <unk>, in nats per character of the whole text.",
    );
    let mut push = |name: &str, score: &TextLoss| {
        table.push([
            name.to_owned(),
            score.tokens.to_string(),
            format!("{:.3}", score.nats_per_token),
            format!("{:.3}", score.spelling),
            format!("{:.3}", score.nats_per_char),
        ]);
    };
    if let Some(char) = char {
        push("characters", &char.score);
    }
    push("words", &word.score);
    lesson.table(&table);
    let TextLoss { spelling, nats_per_char, unknown_share, .. } = word.score;
    let cheap = nats_per_char - spelling;
    let mut text = format!(
        "{:.1} % of test's tokens are <unk>. Who forgets to let them pay for their spelling reports {cheap:.3}; with it \
         the word model has {nats_per_char:.3}. The smaller the vocabulary, the better the first figure looks, and the more \
         it hides.",
        100.0 * unknown_share,
    );
    if let Some(char) = char {
        let other = char.score.nats_per_char;
        text += &if nats_per_char > other {
            format!(
                " The character model has {other:.3} and wins: on little text most words are rare, and a rare word's vector \
                 has hardly been trained, while its letters are well known."
            )
        } else {
            format!(" The character model has {other:.3}: here words win.")
        };
    }
    lesson.say(&text);
    lesson.number("wordlm.spelling_nats_per_char", spelling);
    lesson.number("wordlm.nats_per_char_without_spelling", cheap);
    Ok(())
}
