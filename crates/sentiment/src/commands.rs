//! The commands beside the tour: train, pretrain, eval, predict, explain.

use std::io::Write;
use std::path::{Path, PathBuf};

use lesson::plot::{Scale, TextHeat};
use lesson::report::Report;
use lesson::run::resume::{Place, same_data};
use lesson::run::{Resume, resumed};
use lesson::terminal::{self, Terminal};
use lesson::{Error, Lesson, OutputFolder, Result, RunArgs, Syllabus};
use seqcore::train::Length;
use serde::Serialize;

use crate::bags::{Bar, PAIRS};
use crate::corpus::Corpus;
use crate::ends;
use crate::evaluation::{ClassificationScores, compare};
use crate::lstm::{self, PreparedRun};
use crate::options::{FOR_TRAIN, Options};
use crate::predict::{TrainedClassifier, lines};
use crate::pretrain::recipe::PretrainRecipe;
use crate::pretrain::train_language;
use crate::recipe::SentimentRecipe;
use crate::why::occlusion;

/// What can be done beside the tour.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Train a network and measure it beside NB-SVM
    Train {
        /// What every run takes.
        #[command(flatten)]
        run: RunArgs,
        /// What network.
        #[command(flatten)]
        options: Options,
    },
    /// Train a language model on the reviews' texts, for train --from
    #[command(mut_args(without_refused))]
    Pretrain {
        /// What every run takes.
        #[command(flatten)]
        run: RunArgs,
        /// What network.
        #[command(flatten)]
        options: Options,
    },
    /// Measure a trained network on the test part, beside NB-SVM
    Eval {
        /// The folder that train wrote
        #[arg(long, value_name = "DIR")]
        model: PathBuf,
        /// What every run takes.
        #[command(flatten)]
        run: RunArgs,
    },
    /// Say of texts, or of lines from standard input, whether they are positive
    Predict {
        /// The folder that train wrote
        #[arg(long, value_name = "DIR")]
        model: PathBuf,
        /// Print JSON, one object a line
        #[arg(long)]
        json: bool,
        /// The texts
        texts: Vec<String>,
    },
    /// Colour the words of a text by what they add, in the terminal and as HTML
    Explain {
        /// The folder that train wrote
        #[arg(long, value_name = "DIR")]
        model: PathBuf,
        /// Folder for explain.html
        #[arg(long, value_name = "DIR", default_value = "out/sentiment-explain")]
        out: PathBuf,
        /// The text
        text: String,
    },
}

/// Leaves what `pretrain` refuses out of its help.
fn without_refused(arg: clap::Arg) -> clap::Arg {
    if FOR_TRAIN.iter().any(|name| *name == arg.get_id()) { arg.hide(true) } else { arg }
}

/// Does what was asked.
///
/// # Errors
/// Whatever the command cannot do.
pub fn run(command: Command, syllabus: &'static Syllabus) -> Result<()> {
    match command {
        Command::Train { run, options } => train(run, &options, syllabus),
        Command::Pretrain { run, options } => pretrain(run, &options, syllabus),
        Command::Eval { model, run } => eval(&model, &run, syllabus),
        Command::Predict { model, json, texts } => predict(&model, json, texts),
        Command::Explain { model, out, text } => explain(&model, &out, &text, syllabus),
    }
}

fn train(mut run: RunArgs, options: &Options, syllabus: &'static Syllabus) -> Result<()> {
    let PreparedRun { recipe, corpus, resume } =
        PreparedRun::new(&mut run, options, Place::Own, &[])?;
    let mut lesson = Lesson::new(syllabus, &run)?;
    corpus.describe(&mut lesson)?;
    lesson.heading("A network, beside NB-SVM");
    let bar = Bar::fit(&corpus, PAIRS, run.seed);
    let folder = lesson.folder().to_owned();
    lstm::run(&mut lesson, &corpus, &recipe, &bar, (&folder, &run), resume)?;
    lesson.finish()
}

fn pretrain(mut run: RunArgs, options: &Options, syllabus: &'static Syllabus) -> Result<()> {
    if let Some(name) = FOR_TRAIN.iter().find(|name| run.given.has(name)) {
        let what =
            format!("--{name} is for train; leave it away: a language model has no use for it.");
        return Err(Error::config(what));
    }
    let (recipe, corpus, resume) = prepare_pretraining(&mut run, options)?;
    let mut lesson = Lesson::new(syllabus, &run)?;
    corpus.describe(&mut lesson)?;
    lesson.heading("A language model of reviews");
    let folder = lesson.folder().to_owned();
    train_language(&mut lesson, &corpus, &recipe, (&folder, &run), resume)?;
    lesson.finish()
}

/// Understands the arguments of `pretrain` and reads the reviews, before anything is printed or written.
fn prepare_pretraining(
    run: &mut RunArgs,
    options: &Options,
) -> Result<(PretrainRecipe, Corpus, Option<Resume>)> {
    let Some((recipe, resume)) = resumed::<PretrainRecipe>(run, Place::Own, &[])? else {
        let dev = options.dev(run.data.as_deref());
        let corpus = Corpus::read(run.data.as_deref(), run.fetch, dev, run.seed)?;
        let classifier = SentimentRecipe::new(run, options, &corpus)?;
        let epoch = corpus.fit.len().div_ceil(classifier.batch);
        let length = run.length().unwrap_or(Length::Steps(4 * epoch));
        let recipe = PretrainRecipe::new(classifier, length, &corpus)?;
        return Ok((recipe, corpus, None));
    };
    let SentimentRecipe { dev, seed, .. } = recipe.classifier;
    let read = |data: Option<&str>| Corpus::read(data, run.fetch, dev, seed);
    let corpus = same_data(&recipe, run, &resume, read, |corpus| corpus.sha256.clone())?;
    Ok((recipe, corpus, Some(resume)))
}

fn eval(model: &Path, run: &RunArgs, syllabus: &'static Syllabus) -> Result<()> {
    let trained = TrainedClassifier::open(model)?;
    let corpus = Corpus::read(run.data.as_deref(), run.fetch, 0.1, run.seed)?;
    // What is measured goes to its own folder, never over the training's.
    let out = run.out.clone().unwrap_or_else(|| ["out", "sentiment-eval"].iter().collect());
    let mut lesson = Lesson::new(syllabus, &RunArgs { out: Some(out), ..run.clone() })?;
    corpus.describe(&mut lesson)?;
    lesson.heading("On the test part");
    let bar = Bar::fit(&corpus, PAIRS, run.seed);
    let probabilities = trained.probabilities(&corpus.test.texts);
    let scores = ClassificationScores::new(&probabilities, &corpus.test.labels, &corpus.seen);
    let mut table = ClassificationScores::table();
    table.push(bar.scores.row("NB-SVM, pairs"));
    table.push(scores.row("the network"));
    lesson.table(&table);
    let (sentence, p) = compare("the network", &scores.right, "NB-SVM", &bar.scores.right);
    lesson.say(&sentence);
    ends::run(&mut lesson, &trained, &corpus);
    scores.figures(&mut lesson, "the network");
    scores.write(&mut lesson, "sentiment.test_");
    bar.scores.write(&mut lesson, "sentiment.nbsvm_test_");
    lesson.number("sentiment.mcnemar_p", p);
    lesson.finish()
}

/// One prediction, as `predict --json` prints it.
#[derive(Debug, Serialize)]
struct Prediction<'a> {
    label: &'static str,
    positive: f64,
    words: usize,
    unknown: usize,
    text: &'a str,
}

fn predict(model: &Path, json: bool, texts: Vec<String>) -> Result<()> {
    let trained = TrainedClassifier::open(model)?;
    let texts = if texts.is_empty() { lines(std::io::stdin().lock())? } else { texts };
    let mut out = std::io::stdout().lock();
    let failed = |e| Error::write(Path::new("standard output"), e);
    for (text, positive) in texts.iter().zip(trained.probabilities(&texts)) {
        let label = if positive >= 0.5 { "positive" } else { "negative" };
        let line = if json {
            let ids = trained.numbers(text);
            let unknown = ids.iter().filter(|&&id| id == seqcore::data::UNK).count();
            let prediction = Prediction { label, positive, words: ids.len(), unknown, text };
            serde_json::to_string(&prediction).expect("plain values serialise")
        } else {
            // One line each, whatever the text holds, and no control characters for the terminal.
            let shown: String =
                text.chars().take(100).map(|c| if c.is_control() { ' ' } else { c }).collect();
            format!("{label}  {positive:.3}  {shown}")
        };
        writeln!(out, "{line}").map_err(failed)?;
    }
    Ok(())
}

fn explain(model: &Path, out: &Path, text: &str, syllabus: &'static Syllabus) -> Result<()> {
    let trained = TrainedClassifier::open(model)?;
    let explained = occlusion(&trained, text);
    let verdict = if explained.positive >= 0.5 { "positive" } else { "negative" };
    let title = format!("{verdict}, P(positive) = {:.3}", explained.positive);
    let heat = TextHeat::new(title, explained.pieces.clone())
        .scale(Scale::Diverging)
        .caption("How much the log-odds fall when a word is taken out: above zero a word speaks for positive.");
    let terminal = Terminal::detect();
    let mut shown = terminal::heat_text(&heat, &terminal);
    if explained.words == 0 {
        shown += "The text has no word: this is what the network says of nothing.\n";
    }
    let folder = OutputFolder::claim(out, syllabus.name)?;
    let path = folder.path().join("explain.html");
    let mut report = Report::new(
        "Why this verdict?",
        "Each word is taken out in turn, and the network is asked again.",
    );
    report.text_heat(&heat);
    report.write(&path)?;
    shown += &format!("wrote {}\n", path.display());
    lesson::Screen::stdout(false).print(&shown);
    Ok(())
}
