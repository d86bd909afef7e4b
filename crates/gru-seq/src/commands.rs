//! The commands beside the tour: `train`, `predict`, `attention` and
//! `remember`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use seqcore::cells::Cell;
use seqcore::lesson::{Lesson, RunArgs, Syllabus};
use seqcore::nn::Score;
use seqcore::train::{Plan, Saved};
use seqcore::{Error, Result, params::Named};

use crate::memory::command::{self, RememberArgs};
use crate::task::{self, Settings, Task};
use crate::trained::Trained;
use crate::{addition, dates, translate};

/// A command and its arguments.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Train a network and keep it
    Train(Box<TrainArgs>),
    /// Ask a trained network; line by line where no text is given
    Predict(PredictArgs),
    /// Show where a trained network looks while it answers
    Attention(AttentionArgs),
    /// Train a network to remember, on a course of your own
    #[command(mut_args(command::without_refused))]
    Remember(RememberArgs),
}

/// Arguments of `train`.
#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// What to learn
    task: Task,
    /// What training shares with the tour.
    #[command(flatten)]
    run: RunArgs,
    /// The network's settings.
    #[command(flatten)]
    options: Options,
}

/// What a learner may change.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Settings of the network")]
pub struct Options {
    /// The recurrent cell: rnn, rnn_relu, lstm or gru [default: gru]
    #[arg(long)]
    cell: Option<Cell>,
    /// Units in a layer
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    hidden: Option<usize>,
    /// Layers of encoder and decoder [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    layers: Option<usize>,
    /// How the decoder looks back: none, dot or additive [default: additive]
    #[arg(long, value_name = "SCORE", value_parser = attention)]
    attention: Option<Attention>,
    /// Read the source from its end
    #[arg(long)]
    reversed: bool,
    /// Examples in a step
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    batch: Option<usize>,
    /// Learning rate
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// Share of values dropped in training
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    dropout: Option<f64>,
    /// Share of the decoder's inputs that are its own tokens (S13)
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    own_tokens: Option<f64>,
    /// Most words in a vocabulary (translate) [default: 8000]
    #[arg(long, value_name = "N", conflicts_with = "subwords", allow_negative_numbers = true)]
    words: Option<usize>,
    /// Subwords in place of words: the size of a vocabulary (translate)
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    subwords: Option<usize>,
}

/// `--attention`: one of the scores or none.
#[derive(Debug, Clone, Copy)]
struct Attention(Option<Score>);

fn attention(text: &str) -> std::result::Result<Attention, String> {
    match text {
        "none" => Ok(Attention(None)),
        _ => text.parse().map(|score| Attention(Some(score))).map_err(|e| format!("{e}, or none")),
    }
}

impl Options {
    fn given(&self) -> bool {
        let sizes = [self.hidden, self.layers, self.batch, self.words, self.subwords];
        let shares = [self.learning_rate, self.dropout, self.own_tokens];
        sizes.iter().any(Option::is_some)
            || shares.iter().any(Option::is_some)
            || self.cell.is_some()
            || self.attention.is_some()
            || self.reversed
    }

    fn apply(&self, settings: Settings) -> Settings {
        let hidden = self.hidden.unwrap_or(settings.hidden);
        Settings {
            cell: self.cell.unwrap_or(settings.cell),
            hidden,
            embedding: self.hidden.map_or(settings.embedding, |h| h.min(256)),
            layers: self.layers.unwrap_or(settings.layers),
            attention: self.attention.map_or(settings.attention, |a| a.0),
            reversed: self.reversed,
            batch: self.batch.unwrap_or(settings.batch),
            dropout: self.dropout.unwrap_or(settings.dropout),
            own_tokens: self.own_tokens.unwrap_or(settings.own_tokens),
            words: self.words.unwrap_or(settings.words),
            subwords: self.subwords.or(settings.subwords),
            plan: Plan {
                learning_rate: self.learning_rate.unwrap_or(settings.plan.learning_rate),
                ..settings.plan.clone()
            },
            ..settings
        }
    }
}

/// Arguments of `predict`.
#[derive(Debug, clap::Args)]
pub struct PredictArgs {
    /// The folder of the trained model, such as out/gru-seq/dates
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// The task that it must have been trained for
    #[arg(long)]
    task: Option<Task>,
    /// How many answers a beam search keeps; 1 is greedy
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    beam: usize,
    /// What to read
    text: Vec<String>,
}

/// Arguments of `attention`.
#[derive(Debug, clap::Args)]
pub struct AttentionArgs {
    /// The folder of the trained model, such as out/gru-seq/dates
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Folder for the figure [default: out/gru-seq]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to read
    text: String,
}

/// Runs a command.
///
/// # Errors
/// A user's mistake, a file that cannot be written, Ctrl-C.
pub fn run(command: &Command, syllabus: &'static Syllabus) -> Result<()> {
    match command {
        Command::Train(args) => train(args, syllabus),
        Command::Predict(args) => predict(args),
        Command::Attention(args) => show_attention(args, syllabus),
        Command::Remember(args) => command::run(args, syllabus),
    }
}

fn train(args: &TrainArgs, syllabus: &'static Syllabus) -> Result<()> {
    let TrainArgs { task, run, options } = args;
    let mut run = run.clone();
    let (settings, resume) = match run.resume.clone() {
        None => (fresh(*task, &run, options)?, None),
        Some(folder) => {
            let saved = Saved::open(&folder)?;
            let settings: Settings = saved.settings()?;
            if settings.task != *task {
                let other = settings.task.name();
                let what = format!("it is the run of another task: train {other} --resume ...");
                return Err(Error::checkpoint(&folder, what));
            }
            let another_seed = run.seed != RunArgs::default().seed && run.seed != settings.seed;
            let another_text = run.data.is_some() && run.data != settings.data;
            if options.given() || another_seed || another_text {
                let what = "a resumed run keeps its settings and its text; leave the other options away, or start a new run.";
                return Err(Error::config(what));
            }
            run.seed = settings.seed;
            let beside = folder.parent().filter(|p| !p.as_os_str().is_empty());
            run.out = run.out.or(Some(beside.unwrap_or(Path::new(".")).to_owned()));
            let length = run.length();
            (settings, Some((saved, length)))
        }
    };
    settings.validate()?;
    let material = settings.material()?;
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading(&format!("Training: {}", task.name()));
    let folder = lesson.subfolder(task.name())?;
    let corpus = match task {
        Task::Translate => Some(translate::describe(&mut lesson, &settings)?),
        _ => None,
    };
    let (trained, progress, test) =
        task::train(&lesson, Some(folder.clone()), &settings, material, &run, resume)?;
    lesson.say(&format!(
        "{}: {} parameters, {} steps of {}, {:.0} s of training. The same run again: --steps {} --seed {}.",
        settings.shape(),
        trained.model.count(),
        progress.total,
        settings.batch,
        progress.seconds,
        progress.total,
        settings.seed,
    ));
    lesson.number(&format!("{}.steps", task.name()), progress.total as f64);
    lesson.number(&format!("{}.training_s", task.name()), progress.seconds);
    match (task, corpus) {
        (Task::Addition, _) => addition::report(&mut lesson, &addition::score(&trained, &test)),
        (Task::Dates, _) => {
            let score = dates::score(&trained, &test);
            dates::report(&mut lesson, &trained, &score)?;
        }
        (Task::Translate, Some(corpus)) => translate::report(&mut lesson, &trained, &corpus)?,
        _ => {}
    }
    let shown = folder.display();
    lesson.say(&format!(
        "The model is in {shown}. Ask it: cargo run -p gru-seq -- predict --model {shown} \"{}\"",
        example_of(*task)
    ));
    lesson.finish()
}

/// Settings of a new run.
fn fresh(task: Task, run: &RunArgs, options: &Options) -> Result<Settings> {
    if task != Task::Translate && run.data.is_some() {
        return Err(Error::config(
            "--data is for the task translate; the others draw their own examples.",
        ));
    }
    let mut settings = options.apply(Settings::full(task, run.seed, run.data.is_some()));
    if task == Task::Translate {
        (settings.data, settings.sha256) = translate::source(run)?;
    }
    if let Some(length) = run.length() {
        settings.plan.length = length;
    }
    Ok(settings)
}

/// Something to ask a network of this task.
fn example_of(task: Task) -> &'static str {
    match task {
        Task::Addition => "535+61=",
        Task::Dates => "the 3rd of March, 1998",
        Task::Translate => "Le chat dort.",
        Task::Totals => "384",
    }
}

fn predict(args: &PredictArgs) -> Result<()> {
    let trained = Trained::open(&args.model)?;
    if let Some(task) = args.task.filter(|&task| task != trained.task) {
        let what = format!("it was trained for {}, not for {}.", trained.task.name(), task.name());
        return Err(Error::checkpoint(&args.model, what));
    }
    if !args.text.is_empty() {
        return answer(&trained, &args.text.join(" "), args.beam);
    }
    let interactive = std::io::stdin().is_terminal();
    if interactive {
        eprintln!(
            "{}: type something such as {:?}; an empty line ends.",
            trained.task.name(),
            example_of(trained.task)
        );
    }
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| Error::read(Path::new("standard input"), e))?;
        if line.trim().is_empty() {
            if interactive {
                break;
            }
            continue;
        }
        answer(&trained, &line, args.beam)?;
    }
    Ok(())
}

/// Prints the answer to a text, or the answers of a beam with their scores.
fn answer(trained: &Trained, text: &str, beam: usize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let failed = |e| Error::write(Path::new("standard output"), e);
    if beam == 1 {
        let answer = trained.answer(text)?;
        if answer.unknown > 0 {
            let tokens = answer.read.len();
            eprintln!("note: {} of {tokens} tokens are not in the vocabulary.", answer.unknown);
        }
        return writeln!(out, "{}", answer.text).map_err(failed);
    }
    for (text, hypothesis) in trained.hypotheses(text, beam)? {
        writeln!(out, "{:8.3}  {text}", hypothesis.score).map_err(failed)?;
    }
    Ok(())
}

fn show_attention(args: &AttentionArgs, syllabus: &'static Syllabus) -> Result<()> {
    let trained = Trained::open(&args.model)?;
    let answer = trained.answer(&args.text)?;
    let Some(figure) = answer.figure(&format!("Attention, “{}”", args.text)) else {
        let what = "it was trained without attention. Train it with --attention additive or dot.";
        return Err(Error::checkpoint(&args.model, what));
    };
    let run = RunArgs { out: args.out.clone(), ..RunArgs::default() };
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading("Where the decoder looks");
    lesson.say(&format!("Read “{}”, written “{}”.", args.text, answer.text));
    let unicode = lesson.terminal().unicode;
    lesson.terminal_chart(&answer.sketch(unicode));
    let figure = figure.render();
    lesson.figure(&figure);
    lesson.finish()
}
