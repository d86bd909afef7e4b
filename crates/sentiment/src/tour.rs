//! The guided tour: all parts, or one, on one set of reviews.

use lesson::run::Recipe;
use lesson::run::resume::Place;
use lesson::{Error, Lesson, LessonArgs, Result, RunArgs, Syllabus};
use seqcore::train::Length;

use crate::bags::{self, Bar, PAIRS};
use crate::corpus::Corpus;
use crate::lstm::PreparedRun;
use crate::options::Options;
use crate::padding::PaddingSettings;
use crate::pretrain::recipe::PretrainRecipe;
use crate::recipe::LARGE;
use crate::{embeddings, lstm, padding, pretrain, why};

/// Passes through the reviews in the curve over labels: many through few, few through many.
fn epochs(corpus: &Corpus) -> usize {
    if corpus.fit.len() > LARGE { 3 } else { 8 }
}

/// Runs the parts that are asked for.
///
/// # Errors
/// Reviews that cannot be read, settings that cannot work, files that cannot be written, Ctrl-C.
pub fn run(args: &LessonArgs, options: &Options, syllabus: &'static Syllabus) -> Result<()> {
    let mut run = args.run.clone();
    let PreparedRun { recipe, corpus, resume } = prepare(args, &mut run, options)?;
    let wants = |part: &str| match resume {
        Some(_) => part == "lstm",
        None => args.wants(part),
    };
    let wanted = ["bags", "lstm", "embeddings", "padding", "pretrain", "why"].map(wants);
    let [bags, lstm, embeddings, padding, pretrain, why] = wanted;
    let mut lesson = Lesson::new(syllabus, &run)?;
    corpus.describe(&mut lesson)?;
    let network = lstm || embeddings || why;
    let bar = match (bags, network) {
        (true, _) => Some(bags::run(&mut lesson, &corpus, run.seed)),
        (false, true) => Some(Bar::fit(&corpus, PAIRS, run.seed)),
        (false, false) => None,
    };
    let mut outcome = None;
    if let Some(bar) = bar.as_ref().filter(|_| network) {
        lesson.heading("2 · A network that reads in order, in both directions");
        let folder = lesson.folder_of("lstm")?;
        let own = (folder.path(), &of_part(&run, args, "lstm"));
        outcome = Some(lstm::run(&mut lesson, &corpus, &recipe, bar, own, resume)?);
    }
    if let Some(outcome) = outcome.as_ref().filter(|_| embeddings) {
        embeddings::run(&mut lesson, &corpus, outcome);
    }
    if padding {
        padding::run(&mut lesson, &corpus, &padding_settings(args))?;
    }
    if pretrain {
        let epoch = corpus.fit.len().div_ceil(recipe.batch);
        let passes = match (corpus.fit.len() > LARGE, args.full) {
            (false, _) => 10,
            (true, false) => 1,
            (true, true) => 4,
        };
        let steps = run.steps.unwrap_or(epoch * passes);
        let recipe = PretrainRecipe::new(recipe, Length::Steps(steps), &corpus)?;
        let own = of_part(&run, args, "pretrain");
        pretrain::run(&mut lesson, &corpus, &recipe, epochs(&corpus), &own)?;
    }
    if let (Some(bar), Some(outcome), true) = (&bar, &outcome, why) {
        why::run(&mut lesson, &corpus, bar, outcome);
    }
    lesson.finish()
}

/// Understands the arguments and reads the reviews. `--resume` goes on with the part *lstm* of an earlier tour.
fn prepare(args: &LessonArgs, run: &mut RunArgs, options: &Options) -> Result<PreparedRun> {
    let other_part = args.part.as_deref().filter(|part| *part != "lstm");
    let part = format!("--part {}", other_part.unwrap_or_default());
    let fixed = [(part.as_str(), other_part.is_some()), ("--full", args.full)];
    let prepared = PreparedRun::new(run, options, Place::Below, &fixed)?;
    let recipe = &prepared.recipe;
    if let (Some(named), false) = (&run.resume, recipe.in_tour) {
        return Err(Error::config(format!(
            "this run is none of the tour's. Go on with `cargo run -p {} --resume {}`.",
            recipe.command(),
            named.display()
        )));
    }
    Ok(prepared)
}

/// The arguments of one part: what was typed, as if for this part alone, for that is how its run can be repeated.
fn of_part(run: &RunArgs, args: &LessonArgs, part: &str) -> RunArgs {
    let mut run = run.clone();
    if args.part.is_none() {
        run.command += &format!(" --part {part}");
    }
    run
}

/// How large the part padding is.
fn padding_settings(args: &LessonArgs) -> PaddingSettings {
    let large = args.run.data.is_some();
    PaddingSettings {
        width: if large { 400 } else { 200 },
        reviews: if large { 4000 } else { 1000 },
        test: if large { 2000 } else { 1000 },
        epochs: if args.full { 12 } else { 8 },
        hidden: 32,
        seed: args.run.seed,
    }
}
