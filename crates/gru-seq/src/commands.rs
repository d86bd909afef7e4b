//! The commands beside the tour: `train`, `predict`, `attention` and
//! `remember`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use lesson::run::resume::{Place, same_data};
use lesson::run::{Recipe, Resume, resumed};
use lesson::{Error, Lesson, Result, RunArgs, Syllabus};
use seqcore::params::Named;

use crate::memory::command::{self, RememberArgs};
use crate::options::NetworkOptions;
use crate::recipe::Seq2SeqRecipe;
use crate::task::Task;
use crate::text_to_text::TextToText;
use crate::translate::corpus::Corpus;
use crate::{addition, dates, exposure, training, translate};

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
    Remember(Box<RememberArgs>),
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
    options: NetworkOptions,
}

/// Arguments of `predict`.
#[derive(Debug, clap::Args)]
pub struct PredictArgs {
    /// The folder or file of a trained model, such as out/gru-seq/dates
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
    /// The folder or file of a trained model, such as out/gru-seq/dates
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
    let mut run = args.run.clone();
    let Prepared { recipe, corpus, resume } = match go_on(args.task, &mut run)? {
        Some(prepared) => prepared,
        None => fresh(args.task, &run, &args.options)?,
    };
    recipe.validate()?;
    let task = recipe.task;
    let material = match (task, &corpus) {
        (Task::Translate, Some(corpus)) => translate::material(&recipe, corpus)?,
        (Task::Dates, _) => dates::material(&recipe),
        (Task::Totals, _) => exposure::material(&recipe),
        _ => addition::material(&recipe),
    };
    let mut lesson = Lesson::new(syllabus, &run)?;
    lesson.heading(&format!("Training: {}", task.name()));
    let folder = lesson.folder_of(task.name())?;
    if let Some(corpus) = &corpus {
        translate::describe(&mut lesson, corpus);
    }
    let (network, outcome, test) = training::train(&recipe, material, Some(&folder), &run, resume)?;
    let progress = &outcome.progress;
    lesson.say(&format!(
        "{}: {} parameters, {} steps of {}, {:.0} s of training. {}",
        recipe.shape(),
        network.model.count(),
        progress.total,
        recipe.batch,
        progress.seconds,
        outcome.repeat(),
    ));
    lesson.number(&format!("{}.steps", task.name()), progress.total as f64);
    lesson.number(&format!("{}.training_s", task.name()), progress.seconds);
    match (task, &corpus) {
        (Task::Addition, _) => addition::report(&mut lesson, &addition::results(&network, &test)),
        (Task::Dates, _) => dates::report(&mut lesson, &network, &dates::results(&network, &test))?,
        (Task::Translate, Some(corpus)) => translate::report(&mut lesson, &network, corpus)?,
        _ => {}
    }
    let shown = folder.path().display();
    lesson.say(&format!(
        "The model is in {shown}. Ask it: cargo run -p gru-seq -- predict --model {shown} \"{}\"",
        task.example()
    ));
    lesson.finish()
}

/// A run before its first step.
struct Prepared {
    recipe: Seq2SeqRecipe,
    /// For translation.
    corpus: Option<Corpus>,
    resume: Option<Resume>,
}

/// A new run.
fn fresh(task: Task, run: &RunArgs, options: &NetworkOptions) -> Result<Prepared> {
    if task != Task::Translate && run.data.is_some() {
        return Err(Error::config(
            "--data is for the task translate; the others draw their own examples.",
        ));
    }
    let mut recipe = Seq2SeqRecipe::full(task, run.seed, run.data.is_some()).with(options);
    let mut corpus = None;
    if task == Task::Translate {
        let opened = Corpus::open(run.data.as_deref(), run.fetch)?;
        recipe = recipe.on(run, opened.sha256());
        corpus = Some(opened);
    }
    if let Some(length) = run.length() {
        recipe.plan.length = length;
    }
    Ok(Prepared { recipe, corpus, resume: None })
}

/// The run that `--resume` names, if it names one.
fn go_on(task: Task, run: &mut RunArgs) -> Result<Option<Prepared>> {
    let draws = task != Task::Translate;
    let fixed = [("--data", draws && run.given.has("data"))];
    let Some((mut recipe, resume)) = resumed::<Seq2SeqRecipe>(run, Place::Below, &fixed)? else {
        return Ok(None);
    };
    if recipe.task != task {
        return Err(resume.record.error(format!(
            "this is a run of another task, {}, not of {}. Go on with `cargo run -p {} --resume {}`.",
            recipe.task.name(),
            task.name(),
            recipe.command(),
            run.resume.as_deref().unwrap_or(resume.record.path()).display(),
        )));
    }
    let mut corpus = None;
    if task == Task::Translate {
        let read = |data: Option<&str>| Corpus::open(data, run.fetch);
        let opened = same_data(&recipe, run, &resume, read, Corpus::sha256)?;
        // Where it is now.
        recipe.data = recipe.data.map(|_| opened.name.clone());
        corpus = Some(opened);
    }
    Ok(Some(Prepared { recipe, corpus, resume: Some(resume) }))
}

fn predict(args: &PredictArgs) -> Result<()> {
    let network = TextToText::open(&args.model, args.task)?;
    if !args.text.is_empty() {
        return answer(&network, &args.text.join(" "), args.beam);
    }
    let interactive = std::io::stdin().is_terminal();
    if interactive {
        eprintln!(
            "{}: type something such as {:?}; an empty line ends.",
            network.task.name(),
            network.task.example()
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
        answer(&network, &line, args.beam)?;
    }
    Ok(())
}

/// Prints the answer to a text, or the answers of a beam with their scores.
fn answer(network: &TextToText, text: &str, beam: usize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let failed = |e| Error::write(Path::new("standard output"), e);
    if beam == 1 {
        let answer = network.answer(text)?;
        if answer.unknown > 0 {
            let tokens = answer.read.len();
            eprintln!("note: {} of {tokens} tokens are not in the vocabulary.", answer.unknown);
        }
        return writeln!(out, "{}", answer.text).map_err(failed);
    }
    for (text, hypothesis) in network.hypotheses(text, beam)? {
        writeln!(out, "{:8.3}  {text}", hypothesis.score).map_err(failed)?;
    }
    Ok(())
}

fn show_attention(args: &AttentionArgs, syllabus: &'static Syllabus) -> Result<()> {
    let network = TextToText::open(&args.model, None)?;
    let answer = network.answer(&args.text)?;
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
