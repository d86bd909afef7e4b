//! The guided tour: all parts, or one, on one set of reviews.

use std::path::Path;

use seqcore::lesson::{Lesson, LessonArgs, RunArgs, Syllabus};
use seqcore::train::{Length, Run, Saved};
use seqcore::{Error, Result};

use crate::bags::{self, Bar, PAIRS};
use crate::corpus::Corpus;
use crate::pretrain::PretrainSettings;
use crate::settings::{LARGE, Options, Settings};
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
    let resumed = match run.resume.clone() {
        Some(folder) => Some(resumed(args, options, &mut run, &folder)?),
        None => None,
    };
    let wants = |part: &str| match resumed {
        Some(_) => part == "lstm",
        None => args.wants(part),
    };
    let dev = resumed.as_ref().map_or(options.dev(run.data.as_deref()), |(own, _)| own.dev);
    let corpus = Corpus::read(run.data.as_deref(), run.fetch, dev, run.seed)?;
    let wanted = ["bags", "lstm", "embeddings", "padding", "pretrain", "why"].map(wants);
    let [bags, lstm, embeddings, padding, pretrain, why] = wanted;
    let (settings, resume) = match resumed {
        Some((settings, saved)) => (settings, Some((saved, run.length()))),
        None => (Settings::new(&run, options, &corpus)?, None),
    };
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
        let kept = Run {
            folder: Some(lesson.subfolder("lstm")?),
            settings: serde_json::to_string(&settings).expect("settings are plain data"),
            progress: lesson.shows_progress(),
            save_every: run.save_every,
        };
        outcome = Some(lstm::run(&mut lesson, &corpus, &settings, bar, &kept, resume)?);
    }
    if let Some(outcome) = outcome.as_ref().filter(|_| embeddings) {
        embeddings::run(&mut lesson, &corpus, outcome);
    }
    if padding {
        padding::run(&mut lesson, &corpus, &padding_settings(args))?;
    }
    if pretrain {
        let epoch = corpus.fit.len().div_ceil(settings.batch);
        let passes = match (corpus.fit.len() > LARGE, args.full) {
            (false, _) => 10,
            (true, false) => 1,
            (true, true) => 4,
        };
        let steps = run.steps.unwrap_or(epoch * passes);
        let settings = PretrainSettings::new(settings, Length::Steps(steps))?;
        pretrain::run(&mut lesson, &corpus, &settings, epochs(&corpus))?;
    }
    if let (Some(bar), Some(outcome), true) = (&bar, &outcome, why) {
        why::run(&mut lesson, &corpus, bar, outcome);
    }
    lesson.finish()
}

/// Opens what `--resume` names: the part lstm of an earlier tour. It goes on with its own settings,
/// in its own folder.
fn resumed(
    args: &LessonArgs,
    options: &Options,
    run: &mut RunArgs,
    folder: &Path,
) -> Result<(Settings, Saved)> {
    let saved = Saved::open(folder)?;
    let settings: Settings = saved.settings()?;
    if options.given() || args.part.as_deref().is_some_and(|part| part != "lstm") {
        let what = "only the part lstm can be resumed, and it keeps its settings; leave the other options away.";
        return Err(Error::config(what));
    }
    (run.seed, run.data) = (settings.seed, settings.data.clone());
    let beside = |folder: &Path| match folder.as_os_str().is_empty() {
        true => ".".into(),
        false => folder.to_owned(),
    };
    run.out = run.out.take().or_else(|| folder.parent().map(beside));
    Ok((settings, saved))
}

/// How large the part padding is.
fn padding_settings(args: &LessonArgs) -> padding::Settings {
    let large = args.run.data.is_some();
    padding::Settings {
        width: if large { 400 } else { 200 },
        reviews: if large { 4000 } else { 1000 },
        test: if large { 2000 } else { 1000 },
        epochs: if args.full { 12 } else { 8 },
        hidden: 32,
        seed: args.run.seed,
    }
}
