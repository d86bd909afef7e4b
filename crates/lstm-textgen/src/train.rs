//! A training run, shared by the command `train` and the tour: prepare, train, score, show.

use std::path::Path;

use lesson::files::Text;
use lesson::plot::{BarChart, LineChart, Table};
use lesson::run::resume::{Place, same_data};
use lesson::run::{Outcome, Resume, Run, resumed, train};
use lesson::{Lesson, Result, RunArgs, Syllabus};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::{Streams, UNK};
use seqcore::decode::Sampler;
use seqcore::metrics::{Baselines, bits, perplexity};
use seqcore::models::language::LanguageModel;
use seqcore::params::Named;
use seqcore::train::{Entry, Progress};

use crate::loss::TextLoss;
use crate::recipe::{Options, TextRecipe};
use crate::text::{Level, Material, Vocabulary, read};
use crate::trained::About;

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
    training.run(&mut lesson, Some(&folder))?;
    lesson.finish()
}

/// A run, ready to start: arguments understood, text read.
#[derive(Debug)]
pub struct Training {
    /// All that it depends on.
    pub recipe: TextRecipe,
    /// The text, split.
    pub material: Material,
    text: Text,
    args: RunArgs,
    resume: Option<Resume>,
}

/// A trained model with all that the parts of the lesson ask of it.
#[derive(Debug, Clone)]
pub struct TrainedText {
    /// The model.
    pub model: LanguageModel<f32>,
    /// The same model before its training.
    pub untrained: LanguageModel<f32>,
    /// Its text.
    pub material: Material,
    /// How it was trained.
    pub recipe: TextRecipe,
    /// What the count models reach on test, in nats per token.
    pub baselines: Option<Baselines>,
    /// Its loss on test; on dev where test was left alone.
    pub score: TextLoss,
    /// Training time, evaluation aside, in seconds.
    pub seconds: f64,
    /// Training steps.
    pub steps: usize,
}

impl Training {
    /// Understands the arguments and reads the text, before anything is printed or written. With
    /// `--resume` the settings are those of the record, and the output goes where it lies.
    ///
    /// # Errors
    /// A text that cannot be read, a record that cannot be used, settings that cannot work or
    /// that contradict a resumed run.
    pub fn prepare(args: &mut TrainArgs) -> Result<Self> {
        let fixed = [("--dev-only", args.dev_only)];
        let fetch = args.run.fetch;
        let read = |data: Option<&str>| read(data, fetch);
        let Some((recipe, resume)) = resumed::<TextRecipe>(&mut args.run, Place::Own, &fixed)?
        else {
            let run = &args.run;
            let text = read(run.data.as_deref())?;
            let mut recipe =
                TextRecipe::new(&args.options, run.seed, run.length(), run.data.clone(), &text);
            recipe.dev_only = args.dev_only;
            return Self::new(recipe, text, run, None);
        };
        let text = same_data(&recipe, &args.run, &resume, read, |text| text.sha256.clone())?;
        Self::new(recipe, text, &args.run, Some(resume))
    }

    /// The run that `recipe` describes, checked.
    ///
    /// # Errors
    /// Settings that cannot work, or not with this text.
    pub fn new(
        recipe: TextRecipe,
        text: Text,
        args: &RunArgs,
        resume: Option<Resume>,
    ) -> Result<Self> {
        let material = recipe.material(&text.content)?;
        recipe.validate(material.vocabulary.size())?;
        Streams::new(material.train(), recipe.batch, recipe.seq_len)
            .map_err(|error| recipe.in_text(error.into()))?;
        Ok(Self { recipe, material, text, args: args.clone(), resume })
    }

    /// The whole text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Trains and says what happened, step by step; checkpoints go to `folder`.
    ///
    /// # Errors
    /// A file that cannot be written, training that diverges, Ctrl-C.
    pub fn run(self, lesson: &mut Lesson, folder: Option<&Path>) -> Result<TrainedText> {
        let Self { recipe, material, text, args, resume } = self;
        describe_text(lesson, &recipe, &material, &text);
        let mut model = recipe.untrained(material.vocabulary.size());
        let untrained = model.untied().into_owned();
        describe_model(lesson, &recipe, model.count(), resume.as_ref());
        let run = match folder {
            None => Run::in_memory(lesson.shows_progress()),
            Some(folder) => Run::of(&recipe, folder.to_owned(), &args).with_model(&About {
                shape: model.shape(),
                data: recipe.data.clone(),
                sha256: recipe.sha256.clone(),
                vocabulary: material.vocabulary.clone(),
            }),
        };
        let streams = Streams::new(material.train(), recipe.batch, recipe.seq_len)?;
        let dev = material.dev_evaluation()?;
        let mut task = recipe.task(&model, streams, dev)?;
        let plan = &recipe.plan;
        let outcome = train(&mut task, &mut model, plan, &run, resume, |model, so_far| {
            watch(lesson, &recipe, &material, &model.untied(), so_far);
        })?;
        let model = model.untied().into_owned();
        let (score, baselines) = show(lesson, &recipe, &material, &model, &outcome);
        let (seconds, steps) = (outcome.progress.seconds, outcome.progress.step);
        Ok(TrainedText { model, untrained, material, recipe, baselines, score, seconds, steps })
    }

    /// Trains and says nothing; the model and its loss on test.
    ///
    /// # Errors
    /// Training that diverges.
    pub fn run_silently(self, progress: bool) -> Result<TrainedText> {
        let Self { recipe, material, .. } = self;
        let mut model = recipe.untrained(material.vocabulary.size());
        let untrained = model.untied().into_owned();
        let streams = Streams::new(material.train(), recipe.batch, recipe.seq_len)?;
        let dev = material.dev_evaluation()?;
        let mut task = recipe.task(&model, streams, dev)?;
        let run = Run::in_memory(progress);
        let done = train(&mut task, &mut model, &recipe.plan, &run, None, |_, _| {})?.progress;
        let model = model.untied().into_owned();
        let score = TextLoss::on_test(&model, &material);
        let (seconds, steps, baselines) = (done.seconds, done.step, None);
        Ok(TrainedText { model, untrained, material, recipe, baselines, score, seconds, steps })
    }
}

/// The prefix of this level's names in `metrics.json`.
fn prefix(level: Level) -> &'static str {
    match level {
        Level::Char => "charlm",
        Level::Word => "wordlm",
    }
}

fn describe_text(lesson: &mut Lesson, recipe: &TextRecipe, material: &Material, text: &Text) {
    let name = recipe.text_name();
    lesson.text(text);
    let (train, dev, test) = (material.train().len(), material.dev().len(), material.test.len());
    let tokens = match recipe.level {
        Level::Char => "characters",
        Level::Word => "words, spaces and punctuation marks",
    };
    lesson.say(&format!(
        "The text is {name}: {} characters, as {} {tokens}. The last {test} are test, which is scored once, at the end. \
         {dev} from the middle of the rest are dev, which says when the model is best; the other {train} are for \
         training. The vocabulary has {} entries and <unk>; {:.2} % of test is <unk>.",
        text.content.chars().count(),
        train + dev + test,
        material.vocabulary.size() - 1,
        100.0 * material.unknown_share,
    ));
    let prefix = prefix(recipe.level);
    lesson.number(&format!("{prefix}.vocabulary"), material.vocabulary.size() as f64);
    lesson.number(&format!("{prefix}.unknown_share"), material.unknown_share);
}

fn describe_model(
    lesson: &mut Lesson,
    recipe: &TextRecipe,
    params: usize,
    resumed: Option<&Resume>,
) {
    let TextRecipe { layers, hidden, dropout, weight_drop, average, batch, seq_len, .. } = recipe;
    let mut kept = Vec::new();
    if recipe.tied {
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
        recipe.cell.label(),
        recipe.plan.learning_rate,
        resumed.map_or(String::new(), |resume| format!(
            "The run goes on from step {}.",
            resume.record.progress().step
        )),
    ));
    lesson.number(&format!("{}.params", prefix(recipe.level)), params as f64);
}

/// After each evaluation: where the run stands; now and then, what it writes.
fn watch(
    lesson: &mut Lesson,
    recipe: &TextRecipe,
    material: &Material,
    model: &LanguageModel<f32>,
    progress: &Progress,
) {
    let Some(entry) = progress.history.last() else { return };
    let per = if recipe.level == Level::Char { "char" } else { "word" };
    lesson.line(&format!(
        "step {:>6} of {}  train {:.3}  dev {:.3} nats/{per}  {:.0} s",
        entry.step, progress.total, entry.train_loss, entry.dev_loss, entry.seconds
    ));
    let twentieths = 20 * entry.step / progress.total;
    if [1, 4, 10].contains(&twentieths) {
        lesson.preformatted(&sample(model, &material.vocabulary, recipe.seed, 160));
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
    recipe: &TextRecipe,
    material: &Material,
    model: &LanguageModel<f32>,
    outcome: &Outcome,
) -> (TextLoss, Option<Baselines>) {
    let progress = &outcome.progress;
    let prefix = prefix(recipe.level);
    let dev = TextLoss::on_dev(model, material);
    let best = progress.best.map_or(progress.step, |best| best.step);
    lesson.say(&format!(
        "{} steps, {:.0} s of training, {:.0} tokens per second; the weights are those of step {best}, where dev was \
         lowest. {}",
        progress.step,
        progress.seconds,
        progress.speed(),
        outcome.repeat(),
    ));
    lesson.number(&format!("{prefix}.dev_nats_per_char"), dev.nats_per_char);
    lesson.number(&format!("{prefix}.tokens_per_s"), progress.speed());
    lesson.number(&format!("{prefix}.train_s"), progress.seconds);
    lesson.number(&format!("{prefix}.steps"), progress.total as f64);
    lesson.number(&format!("{prefix}.best_step"), best as f64);
    if recipe.dev_only {
        lesson.say(&format!(
            "On dev: {:.4} nats per character. Test is left alone (--dev-only).",
            dev.nats_per_char
        ));
        return (dev, None);
    }
    let test = TextLoss::on_test(model, material);
    let size = material.vocabulary.size();
    // Counting needs no dev once its order is chosen: it gets all of the text before test.
    let counted = [&material.train(), material.dev()].concat();
    let baselines = Baselines::fit(&counted, material.train().len(), &material.test, size);
    lesson.number(&format!("{prefix}.test_nats_per_char"), test.nats_per_char);
    lesson.number(&format!("{prefix}.ngram_order"), baselines.order as f64);
    ladder(lesson, recipe, material, &test, &baselines);
    lesson.say(&format!(
        "On dev: {:.4} nats per character; on test, which took part in no choice: {:.4}.",
        dev.nats_per_char, test.nats_per_char
    ));
    curve(lesson, recipe, progress, &baselines);
    lesson.subheading("What it writes");
    lesson.say("Drawn from the model's own probabilities at temperature 0.8.");
    lesson.preformatted(&sample(model, &material.vocabulary, recipe.seed, 400));
    (test, Some(baselines))
}

fn ladder(
    lesson: &mut Lesson,
    recipe: &TextRecipe,
    material: &Material,
    test: &TextLoss,
    baselines: &Baselines,
) {
    lesson.subheading("The ladder");
    let level = if recipe.level == Level::Char { "" } else { " of words" };
    let per_char =
        |nats| TextLoss::new(nats, &material.test, &material.test_text, material).nats_per_char;
    let name = format!("{}{level}", recipe.cell.label());
    let rungs = [
        (format!("uniform{level}"), per_char(baselines.uniform)),
        (format!("unigram{level}"), per_char(baselines.unigram)),
        (format!("{}{level}", baselines.ngram_name()), per_char(baselines.ngram)),
        (name.clone(), test.nats_per_char),
    ];
    let mut table = Table::new(["model", "nats/char", "bits/char", "perplexity"]);
    let mut bars = BarChart::new("Loss on test", "Bars: the loss of each model on the last tenth.")
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
    let (lstm, ngram) = (test.nats_per_char, per_char(baselines.ngram));
    let prefix = prefix(recipe.level);
    lesson.number(&format!("{prefix}.ngram_test_nats_per_char"), ngram);
    lesson.number(&format!("{prefix}.unigram_test_nats_per_char"), per_char(baselines.unigram));
    lesson.say(&if lstm < ngram {
        format!("The network beats counting: {lstm:.3} against {ngram:.3}.")
    } else {
        format!(
            "Counting wins: {ngram:.3} against {lstm:.3}. On little text, or with little training, that is what to \
             expect: counts need no training steps, and a network needs text."
        )
    });
}

fn curve(lesson: &mut Lesson, recipe: &TextRecipe, progress: &Progress, baselines: &Baselines) {
    let points = |f: fn(&Entry) -> f64| -> Vec<(f64, f64)> {
        progress.history.iter().map(|e| (e.step as f64, f(e))).collect()
    };
    let unit = if recipe.level == Level::Char { "nats/char" } else { "nats/word" };
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
        "Dropout makes the training loss look worse than it is. The count models' lines are their losses on test.",
    );
    lesson.line_chart(&chart);
}
