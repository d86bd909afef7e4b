//! The commands beside the tour: train, pretrain, eval, predict, explain.

use std::io::Write;
use std::path::{Path, PathBuf};

use seqcore::lesson::{Lesson, OutputFolder, RunArgs, Syllabus};
use seqcore::plot::{Scale, Terminal, TextHeat, terminal};
use seqcore::report::Report;
use seqcore::train::{Length, Run, Saved};
use seqcore::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bags::{Bar, PAIRS};
use crate::corpus::Corpus;
use crate::evaluation::{Scores, compare, ends};
use crate::lstm;
use crate::predict::{Trained, lines};
use crate::pretrain::{PretrainSettings, train_language};
use crate::settings::{Options, Settings};
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
    let refused = Options::default().for_train().iter().any(|(name, _)| *name == arg.get_id());
    if refused { arg.hide(true) } else { arg }
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

/// A checkpoint to go on from, and how long.
type Resume = Option<(Saved, Option<Length>)>;

/// Opens what `--resume` names; the run then goes on in that folder with its own settings.
fn resumed<S: DeserializeOwned>(
    run: &mut RunArgs,
    options: &Options,
    of: impl Fn(&S) -> &Settings,
) -> Result<Option<(S, Resume)>> {
    let Some(folder) = run.resume.clone() else { return Ok(None) };
    let saved = Saved::open(&folder)?;
    let settings: S = saved.settings()?;
    let own = of(&settings);
    let another_seed = run.seed != RunArgs::default().seed && run.seed != own.seed;
    let another_data = run.data.is_some() && run.data != own.data;
    if options.given() || another_seed || another_data {
        let what = "a resumed run keeps its settings and its data; leave the other options away, or start a new run.";
        return Err(Error::config(what));
    }
    (run.seed, run.data) = (own.seed, own.data.clone());
    run.out.get_or_insert(folder);
    let length = run.length();
    Ok(Some((settings, Some((saved, length)))))
}

/// The reviews. Those of a resumed run must be what they were.
fn reviews(run: &RunArgs, options: &Options, resumed: Option<&Settings>) -> Result<Corpus> {
    let dev = resumed.map_or(options.dev(run.data.as_deref()), |own| own.dev);
    let corpus = Corpus::read(run.data.as_deref(), run.fetch, dev, run.seed)?;
    if resumed.is_some_and(|own| own.sha256 != corpus.sha256) {
        let what = "the training reviews have changed since the run began, so it cannot go on. Start a new run.";
        return Err(Error::data(Path::new(&corpus.name), None, what));
    }
    Ok(corpus)
}

/// How a run keeps its files: in the lesson's own folder, which is then the model's.
fn kept(lesson: &Lesson, run: &RunArgs, settings: &impl Serialize) -> Run {
    Run {
        folder: Some(lesson.folder().to_owned()),
        settings: serde_json::to_string(settings).expect("settings are plain data"),
        progress: lesson.shows_progress(),
        save_every: run.save_every,
    }
}

fn train(mut run: RunArgs, options: &Options, syllabus: &'static Syllabus) -> Result<()> {
    let resumed = resumed(&mut run, options, |settings: &Settings| settings)?;
    let corpus = reviews(&run, options, resumed.as_ref().map(|(own, _)| own))?;
    let (settings, resume) = match resumed {
        Some(resumed) => resumed,
        None => (Settings::new(&run, options, &corpus)?, None),
    };
    let mut lesson = Lesson::new(syllabus, &run)?;
    corpus.describe(&mut lesson)?;
    lesson.heading("A network, beside NB-SVM");
    let bar = Bar::fit(&corpus, PAIRS, run.seed);
    let kept = kept(&lesson, &run, &settings);
    lstm::run(&mut lesson, &corpus, &settings, &bar, &kept, resume)?;
    lesson.finish()
}

fn pretrain(mut run: RunArgs, options: &Options, syllabus: &'static Syllabus) -> Result<()> {
    if let Some((name, _)) = options.for_train().iter().find(|(_, given)| *given) {
        let what =
            format!("--{name} is for train; leave it away: a language model has no use for it.");
        return Err(Error::config(what));
    }
    let resumed = resumed(&mut run, options, |settings: &PretrainSettings| &settings.classifier)?;
    let corpus = reviews(&run, options, resumed.as_ref().map(|(own, _)| &own.classifier))?;
    let (settings, resume) = match resumed {
        Some(resumed) => resumed,
        None => {
            let classifier = Settings::new(&run, options, &corpus)?;
            let epoch = corpus.fit.len().div_ceil(classifier.batch);
            let length = run.length().unwrap_or(Length::Steps(4 * epoch));
            (PretrainSettings::new(classifier, length)?, None)
        }
    };
    let mut lesson = Lesson::new(syllabus, &run)?;
    corpus.describe(&mut lesson)?;
    lesson.heading("A language model of reviews");
    let kept = kept(&lesson, &run, &settings);
    train_language(&mut lesson, &corpus, &settings, &kept, resume)?;
    lesson.finish()
}

fn eval(model: &Path, run: &RunArgs, syllabus: &'static Syllabus) -> Result<()> {
    let trained = Trained::open(model)?;
    let corpus = Corpus::read(run.data.as_deref(), run.fetch, 0.1, run.seed)?;
    // What is measured goes to its own folder, never over the training's.
    let out = run.out.clone().unwrap_or_else(|| ["out", "sentiment-eval"].iter().collect());
    let mut lesson = Lesson::new(syllabus, &RunArgs { out: Some(out), ..run.clone() })?;
    corpus.describe(&mut lesson)?;
    lesson.heading("On the test part");
    let bar = Bar::fit(&corpus, PAIRS, run.seed);
    let probabilities = trained.probabilities(&corpus.test.texts);
    let scores = Scores::new(&probabilities, &corpus.test.labels, &corpus.seen);
    let mut table = Scores::table();
    table.push(bar.scores.row("NB-SVM, pairs"));
    table.push(scores.row("the network"));
    lesson.table(&table);
    let (sentence, p) = compare("the network", &scores.right, "NB-SVM", &bar.scores.right);
    lesson.say(&sentence);
    ends(&mut lesson, &trained, &corpus);
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
    let trained = Trained::open(model)?;
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
    let trained = Trained::open(model)?;
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
    seqcore::lesson::Screen::stdout(false).print(&shown);
    Ok(())
}
