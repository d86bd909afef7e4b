//! Training a network on what a task gives.

use lesson::files::pairs::Pair;
use lesson::run::{self, Outcome, Resume, Run};
use lesson::{LessonArgs, OutputFolder, Result, RunArgs};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::material::Material;
use crate::recipe::Seq2SeqRecipe;
use crate::seq2seq::{PairTask, Seq2Seq};
use crate::text_to_text::TextToText;

/// Trains a network; a folder keeps it and the record of its run. Returns it with what its run came to, and
/// the pairs to test it on.
///
/// # Errors
/// Settings that cannot work, a folder that cannot be written, a record that does not fit, a loss that stops
/// being a number, Ctrl-C where there is a folder.
pub fn train(
    recipe: &Seq2SeqRecipe,
    material: Material,
    folder: Option<&OutputFolder>,
    args: &RunArgs,
    resume: Option<Resume>,
) -> Result<(TextToText, Outcome, Vec<Pair>)> {
    recipe.validate()?;
    let Material { source, target, examples, dev, test, longest } = material;
    let config = recipe.config(source.size(), target.size() + 1);
    config.validate()?;
    let model = Seq2Seq::new(&config, &mut ChaCha8Rng::seed_from_u64(recipe.seed));
    let (task, reversed) = (recipe.task, recipe.reversed);
    let mut network = TextToText { task, source, target, reversed, longest, model };
    let run = match folder {
        Some(folder) => Run::of(recipe, folder.path().to_owned(), args),
        None => Run::in_memory(!args.quiet),
    };
    let run = run.with_model(&network.description());
    let mut task = PairTask::new(examples, dev, recipe.seed).with_own_tokens(recipe.own_tokens);
    let outcome = run::train(&mut task, &mut network.model, &recipe.plan, &run, resume, |_, _| {})?;
    Ok((network, outcome, test))
}

/// The arguments of one part of the tour: what was typed, as if for this part alone, for that is how its run
/// can be repeated.
pub fn of_part(args: &LessonArgs, part: &str) -> RunArgs {
    let mut run = args.run.clone();
    if args.part.is_none() {
        run.command += &format!(" --part {part}");
    }
    run
}
