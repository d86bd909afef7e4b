//! A training run, shared by the command `train` and the tour: prepare, train, score, show.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::{Streams, Text, UNK};
use seqcore::decode::Sampler;
use seqcore::lesson::{Lesson, OutputFolder, RunArgs, Syllabus};
use seqcore::metrics::{Baselines, bits, perplexity};
use seqcore::models::language::LanguageModel;
use seqcore::params::Named;
use seqcore::plot::{BarChart, LineChart, Table};
use seqcore::train::{self, Length, Progress, Run, Saved};
use seqcore::{Error, Result};

use crate::bundle::{ABOUT_FILE, About};
use crate::score::Score;
use crate::settings::{Options, Settings};
use crate::text::{Level, Material, Vocabulary, read};

/// The arguments of `train`.
#[derive(Debug, Clone, clap::Args)]
pub struct TrainArgs {
    /// What all runs take.
    #[command(flatten)]
    pub run: RunArgs,
    /// The model and its training.
    #[command(flatten)]
    pub options: Options,
    /// Score on the development part only: for runs to choose settings with
    #[arg(long)]
    pub dev_only: bool,
}

/// The command `train`: one run, in the folder `--out` (or `--resume`).
///
/// # Errors
/// Arguments that cannot work, files that cannot be used, Ctrl-C.
pub fn command(syllabus: &'static Syllabus, mut args: TrainArgs) -> Result<()> {
    let training = Training::prepare(&mut args)?;
    let mut lesson = Lesson::new(syllabus, &args.run)?;
    let folder = lesson.folder().to_owned();
    lesson.heading("Training");
    training.run(&mut lesson, Some(folder))?;
    lesson.finish()
}

/// A run, ready to start: arguments understood, text read.
#[derive(Debug)]
pub struct Training {
    /// What it is told.
    pub settings: Settings,
    /// The text, split.
    pub material: Material,
    text: Text,
    save_every: Option<Duration>,
    resume: Option<(Saved, Option<Length>)>,
}

/// A trained model with all that the parts of the lesson ask of it.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The model.
    pub model: LanguageModel<f32>,
    /// The same model before its training.
    pub untrained: LanguageModel<f32>,
    /// Its text.
    pub material: Material,
    /// How it was trained.
    pub settings: Settings,
    /// What the count models reach on val, in nats per token.
    pub baselines: Option<Baselines>,
    /// Its loss on val; on dev where val was left alone.
    pub score: Score,
    /// Training time, evaluation aside, in seconds.
    pub seconds: f64,
    /// Training steps.
    pub steps: usize,
}

impl Training {
    /// Understands the arguments and reads the text, before anything is printed or written. With
    /// `--resume` the settings are those of the checkpoint, and the output goes where it lies.
    ///
    /// # Errors
    /// A text that cannot be read, a checkpoint that cannot be used, settings that cannot work or
    /// that contradict a resumed run.
    pub fn prepare(args: &mut TrainArgs) -> Result<Self> {
        let length = args.run.length();
        let run = &mut args.run;
        let Some(folder) = run.resume.clone() else {
            let text = read(run.data.as_deref(), run.fetch)?;
            let mut settings =
                Settings::new(&args.options, run.seed, length, run.data.clone(), &text);
            settings.dev_only = args.dev_only;
            return Self::new(settings, text, run.save_every, None);
        };
        let saved = Saved::open(&folder)?;
        let settings: Settings = saved.settings()?;
        let another_seed = run.seed != RunArgs::default().seed && run.seed != settings.seed;
        let another_text =
            run.data.as_ref().is_some_and(|data| Some(data) != settings.data.as_ref());
        if args.options.given() || another_seed || another_text || args.dev_only {
            let what = "a resumed run keeps its settings and its text; leave the other options away, or start a new run.";
            return Err(Error::config(what));
        }
        let text = read(settings.data.as_deref(), run.fetch)?;
        if text.sha256 != settings.sha256 {
            let what =
                "the text has changed since the run began, so it cannot go on. Start a new run.";
            return Err(Error::data(Path::new(settings.text_name()), None, what));
        }
        run.seed = settings.seed;
        run.out = run.out.take().or(Some(folder));
        Self::new(settings, text, run.save_every, Some((saved, length)))
    }

    /// The run that `settings` describe, checked.
    ///
    /// # Errors
    /// Settings that cannot work, or not with this text.
    pub fn new(
        settings: Settings,
        text: Text,
        save_every: Option<Duration>,
        resume: Option<(Saved, Option<Length>)>,
    ) -> Result<Self> {
        let material = settings.material(&text.content)?;
        settings.validate(material.vocabulary.size())?;
        Streams::new(material.train(), settings.batch, settings.seq_len)
            .map_err(|error| settings.in_text(error))?;
        Ok(Self { settings, material, text, save_every, resume })
    }

    /// The whole text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Trains and says what happened, step by step; checkpoints go to `folder`.
    ///
    /// # Errors
    /// A file that cannot be written, training that diverges, Ctrl-C.
    pub fn run(self, lesson: &mut Lesson, folder: Option<PathBuf>) -> Result<Trained> {
        let Self { settings, material, text, save_every, resume } = self;
        describe_text(lesson, &settings, &material, &text);
        let mut model = settings.untrained(material.vocabulary.size());
        let untrained = model.untied().into_owned();
        describe_model(lesson, &settings, model.count(), resume.as_ref().map(|(saved, _)| saved));
        if let Some(folder) = &folder {
            let about = About {
                shape: model.shape(),
                data: settings.data.clone(),
                sha256: settings.sha256.clone(),
                vocabulary: material.vocabulary.clone(),
            };
            train::set_aside(folder, resume.as_ref().map(|(saved, _)| saved), &[ABOUT_FILE])?;
            about.write(folder)?;
        }
        let run = Run {
            folder,
            settings: serde_json::to_string(&settings).expect("settings are plain data"),
            progress: lesson.shows_progress(),
            save_every,
        };
        let streams = Streams::new(material.train(), settings.batch, settings.seq_len)?;
        let dev = material.dev_evaluation()?;
        let mut task = settings.task(&model, streams, dev)?;
        let plan = &settings.plan;
        let progress = train::train(&mut task, &mut model, plan, &run, resume, |model, so_far| {
            watch(lesson, &settings, &material, &model.untied(), so_far);
        })?;
        let model = model.untied().into_owned();
        let (score, baselines) = show(lesson, &settings, &material, &model, &progress);
        let (seconds, steps) = (progress.seconds, progress.step);
        Ok(Trained { model, untrained, material, settings, baselines, score, seconds, steps })
    }

    /// Trains and says nothing; the model and its loss on val.
    ///
    /// # Errors
    /// Training that diverges.
    pub fn run_silently(self, progress: bool) -> Result<Trained> {
        let Self { settings, material, .. } = self;
        let mut model = settings.untrained(material.vocabulary.size());
        let untrained = model.untied().into_owned();
        let streams = Streams::new(material.train(), settings.batch, settings.seq_len)?;
        let dev = material.dev_evaluation()?;
        let mut task = settings.task(&model, streams, dev)?;
        let run = Run { progress, ..Run::default() };
        let done = train::train(&mut task, &mut model, &settings.plan, &run, None, |_, _| {})?;
        let model = model.untied().into_owned();
        let score = Score::on_val(&model, &material);
        let (seconds, steps, baselines) = (done.seconds, done.step, None);
        Ok(Trained { model, untrained, material, settings, baselines, score, seconds, steps })
    }
}

/// A folder of a part of the tour, marked as ours so that `--resume` can write there too. It is this run's
/// as long as it is held.
///
/// # Errors
/// If it cannot be written.
pub fn folder_for(lesson: &Lesson, syllabus: &Syllabus, part: &str) -> Result<OutputFolder> {
    OutputFolder::claim(&lesson.folder().join(part), syllabus.name)
}

/// The prefix of this level's names in `metrics.json`.
fn prefix(level: Level) -> &'static str {
    match level {
        Level::Char => "charlm",
        Level::Word => "wordlm",
    }
}

fn describe_text(lesson: &mut Lesson, settings: &Settings, material: &Material, text: &Text) {
    let name = settings.text_name();
    lesson.text(text);
    let (train, dev, val) = (material.train().len(), material.dev().len(), material.val.len());
    let tokens = match settings.level {
        Level::Char => "characters",
        Level::Word => "words, spaces and punctuation marks",
    };
    lesson.say(&format!(
        "The text is {name}: {} characters, as {} {tokens}. The last {val} are val, which is scored once, at the end. \
         {dev} from the middle of the rest are dev, which says when the model is best; the other {train} are for \
         training. The vocabulary has {} entries and <unk>; {:.2} % of val is <unk>.",
        text.content.chars().count(),
        train + dev + val,
        material.vocabulary.size() - 1,
        100.0 * material.unknown_share,
    ));
    let prefix = prefix(settings.level);
    lesson.number(&format!("{prefix}.vocabulary"), material.vocabulary.size() as f64);
    lesson.number(&format!("{prefix}.unknown_share"), material.unknown_share);
}

fn describe_model(
    lesson: &mut Lesson,
    settings: &Settings,
    params: usize,
    resumed: Option<&Saved>,
) {
    let Settings { layers, hidden, dropout, weight_drop, average, batch, seq_len, .. } = settings;
    let mut kept = Vec::new();
    if settings.tied {
        kept.push("tied weights".to_owned());
    }
    if *dropout > 0.0 {
        kept.push(format!("dropout {dropout}"));
    }
    if *weight_drop > 0.0 {
        kept.push(format!("weight drop {weight_drop}"));
    }
    if *average > 0.0 {
        kept.push(format!("weights averaged over about {:.0} steps", 1.0 / (1.0 - average)));
    }
    let kept = if kept.is_empty() { String::new() } else { format!(", {}", kept.join(", ")) };
    lesson.say(&format!(
        "{} with {layers} layer(s) of {hidden} units, {params} parameters{kept}. {batch} streams of text side by side, \
         backpropagation cut every {seq_len} steps while the state is carried on; learning rate {} on a cosine. {}",
        settings.cell.label(),
        settings.plan.learning_rate,
        resumed.map_or(String::new(), |saved| format!(
            "The run goes on from step {}.",
            saved.progress().step
        )),
    ));
    lesson.number(&format!("{}.params", prefix(settings.level)), params as f64);
}

/// After each evaluation: where the run stands; now and then, what it writes.
fn watch(
    lesson: &mut Lesson,
    settings: &Settings,
    material: &Material,
    model: &LanguageModel<f32>,
    progress: &Progress,
) {
    let Some(entry) = progress.history.last() else { return };
    let per = if settings.level == Level::Char { "char" } else { "word" };
    lesson.line(&format!(
        "step {:>6} of {}  train {:.3}  dev {:.3} nats/{per}  {:.0} s",
        entry.step, progress.total, entry.train_loss, entry.dev_loss, entry.seconds
    ));
    let twentieths = 20 * entry.step / progress.total;
    if [1, 4, 10].contains(&twentieths) {
        lesson.preformatted(&sample(model, &material.vocabulary, settings.seed, 160));
    }
}

/// Text that the model writes at temperature 0.8, in quotation bars; about `length` characters.
pub fn sample(
    model: &LanguageModel<f32>,
    vocabulary: &Vocabulary,
    seed: u64,
    length: usize,
) -> String {
    let sampler = Sampler::temperature(0.8).expect("a temperature above 0");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let tokens = match vocabulary.level() {
        Level::Char => length,
        Level::Word => length * 2 / 5,
    };
    let mut prompt = vocabulary.encode("\n");
    prompt.retain(|&id| id != UNK);
    let written = vocabulary.decode(&model.generate(&prompt, tokens, &sampler, &mut rng));
    written.trim_start_matches('\n').lines().map(|line| format!("  | {line}\n")).collect()
}

/// The ladder, the curve and a sample; notes the run's numbers.
fn show(
    lesson: &mut Lesson,
    settings: &Settings,
    material: &Material,
    model: &LanguageModel<f32>,
    progress: &Progress,
) -> (Score, Option<Baselines>) {
    let prefix = prefix(settings.level);
    let dev = Score::on_dev(model, material);
    let best = progress.best.map_or(progress.step, |best| best.step);
    lesson.say(&format!(
        "{} steps, {:.0} s of training, {:.0} tokens per second; the weights are those of step {best}, where dev was \
         lowest. To repeat the run exactly: --steps {} --seed {}.",
        progress.step,
        progress.seconds,
        progress.speed(),
        progress.total,
        settings.seed,
    ));
    lesson.number(&format!("{prefix}.dev_nats_per_char"), dev.nats_per_char);
    lesson.number(&format!("{prefix}.tokens_per_s"), progress.speed());
    lesson.number(&format!("{prefix}.train_s"), progress.seconds);
    lesson.number(&format!("{prefix}.steps"), progress.total as f64);
    lesson.number(&format!("{prefix}.best_step"), best as f64);
    if settings.dev_only {
        lesson.say(&format!(
            "On dev: {:.4} nats per character. Val is left alone (--dev-only).",
            dev.nats_per_char
        ));
        return (dev, None);
    }
    let val = Score::on_val(model, material);
    let size = material.vocabulary.size();
    // Counting needs no dev once its order is chosen: it gets all of the text before val.
    let counted = [&material.train(), material.dev()].concat();
    let baselines = Baselines::fit(&counted, material.train().len(), &material.val, size);
    lesson.number(&format!("{prefix}.val_nats_per_char"), val.nats_per_char);
    lesson.number(&format!("{prefix}.ngram_order"), baselines.order as f64);
    ladder(lesson, settings, material, &val, &baselines);
    lesson.say(&format!(
        "On dev: {:.4} nats per character; on val, which took part in no choice: {:.4}.",
        dev.nats_per_char, val.nats_per_char
    ));
    curve(lesson, settings, progress, &baselines);
    lesson.subheading("What it writes");
    lesson.say("Drawn from the model's own probabilities at temperature 0.8.");
    lesson.preformatted(&sample(model, &material.vocabulary, settings.seed, 400));
    (val, Some(baselines))
}

fn ladder(
    lesson: &mut Lesson,
    settings: &Settings,
    material: &Material,
    val: &Score,
    baselines: &Baselines,
) {
    lesson.subheading("The ladder");
    let level = if settings.level == Level::Char { "" } else { " of words" };
    let per_char =
        |nats| Score::new(nats, &material.val, &material.val_text, material).nats_per_char;
    let name = format!("{}{level}", settings.cell.label());
    let rungs = [
        (format!("uniform{level}"), per_char(baselines.uniform)),
        (format!("unigram{level}"), per_char(baselines.unigram)),
        (format!("{}{level}", baselines.ngram_name()), per_char(baselines.ngram)),
        (name.clone(), val.nats_per_char),
    ];
    let mut table = Table::new(["model", "nats/char", "bits/char", "perplexity"]);
    let mut bars = BarChart::new("Loss on val", "Bars: the loss of each model on the last tenth.")
        .unit("nats/char");
    for (rung, nats) in rungs {
        table.push([
            rung.clone(),
            format!("{nats:.3}"),
            format!("{:.3}", bits(nats)),
            format!("{:.1}", perplexity(nats)),
        ]);
        bars = if rung == name { bars.highlight(rung, nats) } else { bars.bar(rung, nats) };
    }
    lesson.table(&table);
    lesson.figure(&bars.render());
    let (lstm, ngram) = (val.nats_per_char, per_char(baselines.ngram));
    let prefix = prefix(settings.level);
    lesson.number(&format!("{prefix}.ngram_val_nats_per_char"), ngram);
    lesson.number(&format!("{prefix}.unigram_val_nats_per_char"), per_char(baselines.unigram));
    lesson.say(&if lstm < ngram {
        format!("The network beats counting: {lstm:.3} against {ngram:.3}.")
    } else {
        format!(
            "Counting wins: {ngram:.3} against {lstm:.3}. On little text, or with little training, that is what to \
             expect: counts need no training steps, and a network needs text."
        )
    });
}

fn curve(lesson: &mut Lesson, settings: &Settings, progress: &Progress, baselines: &Baselines) {
    let points = |f: fn(&train::history::Entry) -> f64| -> Vec<(f64, f64)> {
        progress.history.iter().map(|e| (e.step as f64, f(e))).collect()
    };
    let unit = if settings.level == Level::Char { "nats/char" } else { "nats/word" };
    let chart = LineChart::new(
        "Loss while training",
        "Lines: training and dev loss over training steps, beside the unigram and n-gram losses.",
    )
    .x("step")
    .y(unit)
    .series("training text", &points(|e| e.train_loss))
    .series("dev", &points(|e| e.dev_loss))
    .reference("unigram", baselines.unigram)
    .reference(baselines.ngram_name(), baselines.ngram)
    .caption(
        "Dropout makes the training loss look worse than it is. The count models' lines are their losses on val.",
    );
    lesson.line_chart(&chart);
}
