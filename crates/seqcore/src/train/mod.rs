//! The training loop that all lessons share.
//!
//! A [`Task`] knows its data and how to turn a step's number into a loss and a gradient. The
//! loop does the rest: learning rate, clipping, optimiser, evaluation, the best weights kept,
//! checkpoints, Ctrl-C, resuming.
//!
//! **The same steps give the same bits.** What a step does depends on the model, the task's
//! carried state, the step's number and the number of steps in all; on no clock and no thread.
//! A checkpoint holds exactly that, so a run that was stopped arrives where the run that was
//! never stopped does.

pub mod forecast;
pub mod history;
pub mod interrupt;
pub mod language;
pub mod pairs;
pub mod plan;
pub mod shards;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::checkpoint::{Reader, Writer};
use crate::optim::{Optimiser, Schedule, clip_global_norm};
use crate::params::Named;
use crate::{Error, Result};
use history::Entry;
pub use plan::{Keep, Length, Plan};

/// What is trained: the data, and how a step is computed from it.
pub trait Task {
    /// The model's parameters.
    type Model: Named<f32> + Clone;
    /// Their gradient.
    type Gradient: Named<f32>;
    /// What goes from one step to the next beside the parameters, such as a recurrent state.
    type Carried: Named<f32>;

    /// Loss and gradient of the step with this number, counted from 0.
    fn gradient(&mut self, model: &Self::Model, step: usize) -> (StepLoss, &mut Self::Gradient);

    /// The loss of the weights that are [`Task::kept`] on the development part.
    fn evaluate(&mut self, model: &Self::Model) -> f64;

    /// The weights that an evaluation scores and a run ends with: the model's own, unless a task keeps
    /// others, such as an average over the steps.
    fn kept<'a>(&'a self, model: &'a Self::Model) -> &'a Self::Model {
        model
    }

    /// The learning rate of one array, as a share of the run's: 1 for all, unless a task says
    /// otherwise.
    fn rate(&self, _name: &str) -> f64 {
        1.0
    }

    /// The first step that takes as long as most: what a budget is measured from. 0, unless the first steps do less,
    /// such as those with frozen layers.
    fn typical(&self) -> usize {
        0
    }

    /// What goes from step to step.
    fn carried(&mut self) -> &mut Self::Carried;

    /// Makes the task as it was before its first step.
    fn restart(&mut self);
}

/// The loss of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepLoss {
    /// Summed over what was predicted.
    pub sum: f64,
    /// How many predictions that were.
    pub count: usize,
}

/// The loss of a batch from its shards', added in their order.
impl std::iter::Sum for StepLoss {
    fn sum<I: Iterator<Item = Self>>(losses: I) -> Self {
        losses.fold(Self { sum: 0.0, count: 0 }, |all, one| Self {
            sum: all.sum + one.sum,
            count: all.count + one.count,
        })
    }
}

/// Where a run keeps its files and what it shows.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The folder for checkpoints, best weights and history; `None` keeps nothing.
    pub folder: Option<PathBuf>,
    /// The lesson's own settings as JSON; they stand in the checkpoint, so that a resumed run
    /// can build the same task.
    pub settings: String,
    /// Whether to show a progress bar.
    pub progress: bool,
    /// A checkpoint at least so often; `None` means every 10 s.
    pub save_every: Option<Duration>,
}

/// The file that holds all that resuming needs.
pub const RESUME_FILE: &str = "resume.safetensors";
/// The folder that an earlier run's files are moved to.
pub const PREVIOUS: &str = "previous";
/// The file of the best weights, under PyTorch's names.
pub const MODEL_FILE: &str = "model.safetensors";
/// The file of the history.
pub const HISTORY_FILE: &str = "history.csv";

/// At least so often a run that has a folder writes a checkpoint, unless it is told otherwise.
const SAVE_EVERY: Duration = Duration::from_secs(10);

/// What a run has come to. All of it is in the checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps in all.
    pub total: usize,
    /// Steps done.
    pub step: usize,
    /// One entry per evaluation.
    pub history: Vec<Entry>,
    /// The evaluation with the lowest loss so far.
    pub best: Option<Best>,
    /// Whether patience ran out.
    pub stopped_early: bool,
    /// Training time, evaluation aside, in seconds.
    pub seconds: f64,
    /// Predictions made while training, for the speed.
    pub predictions: usize,
    /// Sums since the last evaluation: loss, predictions, gradient norms, steps.
    since: (f64, usize, f64, usize),
    /// The schedule with what it has measured.
    schedule: Schedule,
}

/// The best evaluation of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Steps done by then.
    pub step: usize,
    /// Its loss.
    pub loss: f64,
}

impl Progress {
    /// Predictions per second of training time.
    pub fn speed(&self) -> f64 {
        self.predictions as f64 / self.seconds.max(1e-9)
    }
}

/// A checkpoint, opened for resuming.
#[derive(Debug)]
pub struct Saved {
    reader: Reader,
    progress: Progress,
}

impl Saved {
    /// Opens the checkpoint in `folder`.
    ///
    /// # Errors
    /// If there is none, or it is damaged or was not written by a training run.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(RESUME_FILE);
        if folder.exists() && !path.exists() {
            let why =
                if folder.is_dir() { "it holds no" } else { "this is a file, not a folder with a" };
            let what = format!("{why} {RESUME_FILE}. Name the folder of a run that was stopped.");
            return Err(Error::checkpoint(folder, what));
        }
        let reader = Reader::open(&path)?;
        // Files from elsewhere may lack one; ours do not, unless something altered them.
        reader.metadata(crate::checkpoint::CHECKSUM)?;
        let progress = serde_json::from_str(reader.metadata("progress")?).map_err(|e| {
            reader.error(format!("its record of progress cannot be read ({e}). Train again."))
        })?;
        Ok(Self { reader, progress })
    }

    /// The settings of the run, as the lesson stored them.
    pub fn settings<S: DeserializeOwned>(&self) -> Result<S> {
        serde_json::from_str(self.reader.metadata("settings")?).map_err(|e| {
            self.reader.error(format!("its settings belong to another lesson or version ({e})."))
        })
    }

    /// What the run had come to.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Whether it stands in `folder`.
    fn is_in(&self, folder: &Path) -> bool {
        let own = self.reader.path().parent().and_then(|own| own.canonicalize().ok());
        own.is_some() && own == folder.canonicalize().ok()
    }

    /// Steps to stop at: those that the run was started with, or others if `length` says so. A
    /// number of steps counts from the run's beginning, a budget comes on top of what was done.
    fn target(&self, length: Option<Length>) -> Result<Option<usize>> {
        match length {
            None => Ok(Some(self.progress.total)),
            // Of a run that is cut off where it stands, nobody has evaluated the weights.
            Some(Length::Steps(total))
                if total > self.progress.step || total == self.progress.total =>
            {
                Ok(Some(total))
            }
            Some(Length::Steps(total)) => Err(self.reader.error(format!(
                "the run has done {} steps, and {total} are asked for. Ask for more than it has done, or start a new run.",
                self.progress.step
            ))),
            Some(Length::Budget(_)) => Ok(None),
        }
    }
}

/// Trains `model` on `task`. At the end `model` has the weights that `plan.keep` says.
///
/// `resume` is a checkpoint to go on from; to the number of steps that it holds, or to another
/// length where one stands beside it. A run that does not go on in its own folder sets aside what
/// an earlier one left there.
///
/// `watch` is called after every evaluation with the model and what was reached.
///
/// # Errors
/// If a file cannot be written, the checkpoint does not fit, the loss stops being a number, or
/// Ctrl-C was pressed ([`Error::Interrupted`]).
pub fn train<T: Task>(
    task: &mut T,
    model: &mut T::Model,
    plan: &Plan,
    run: &Run,
    resume: Option<(Saved, Option<Length>)>,
    mut watch: impl FnMut(&T::Model, &Progress),
) -> Result<Progress> {
    plan.validate()?;
    let _listening = run.folder.is_some().then(interrupt::listen);
    let goes_on = match (&resume, &run.folder) {
        (Some((saved, _)), Some(folder)) => saved.is_in(folder),
        _ => false,
    };
    let mut optimiser = Optimiser::new(plan.optimiser, model)?;
    let mut best = model.clone();
    let mut progress = match resume {
        None => Progress::start(measure_length(task, model, plan, plan.length)?, plan.schedule),
        Some((saved, length)) => {
            let target = saved.target(length)?;
            saved.reader.load_into("model.", model)?;
            saved.reader.load_into("optimiser.", &mut optimiser)?;
            let mut progress = saved.progress.clone();
            progress.total = match (target, length) {
                (Some(total), _) => total,
                (None, Some(length)) => progress.step + measure_length(task, model, plan, length)?,
                (None, None) => progress.total,
            };
            saved.reader.load_into("carried.", task.carried())?;
            optimiser.set_steps(progress.step as u64);
            if progress.best.is_some() {
                Reader::open(&saved.reader.path().with_file_name(MODEL_FILE))?
                    .load_into("", &mut best)?;
            }
            progress
        }
    };
    if let (Some(folder), false) = (&run.folder, goes_on) {
        set_aside(folder, None, &[])?;
        if progress.best.is_some() {
            save_model(folder, &best)?;
        }
        if progress.step > 0 {
            save(folder, run, task, model, &optimiser, &progress)?;
        }
    }
    let bar = progress_bar(run.progress, &progress);
    let mut saved_at = Instant::now();
    while progress.step < progress.total && !progress.stopped_early {
        let started = Instant::now();
        let rate = progress.schedule.lr(plan.learning_rate, progress.step, progress.total);
        let (loss, norm) = update(task, model, &mut optimiser, progress.step, rate, plan.clip);
        if !(loss.sum.is_finite() && norm.is_finite()) {
            return Err(diverged(progress.step + 1, rate, norm));
        }
        progress.step += 1;
        progress.add(loss, norm, started.elapsed());
        bar.set_position(progress.step as u64);
        if plan.evaluates_after(progress.step, progress.total) {
            let dev_loss = task.evaluate(model);
            if !dev_loss.is_finite() {
                return Err(diverged(progress.step, rate, norm));
            }
            if progress.evaluated(plan, dev_loss, rate) || plan.keep == Keep::Last {
                best = task.kept(model).clone();
                if let Some(folder) = &run.folder {
                    save_model(folder, &best)?;
                }
            }
            bar.set_message(format!("dev {dev_loss:.3}"));
            bar.suspend(|| watch(task.kept(model), &progress));
        } else {
            bar.set_prefix(format!("train {:.3}", loss.sum / loss.count.max(1) as f64));
        }
        let done = progress.step == progress.total || progress.stopped_early;
        let asked = interrupt::asked() && !done;
        if let Some(folder) = &run.folder
            && (done || asked || saved_at.elapsed() >= run.save_every.unwrap_or(SAVE_EVERY))
        {
            save(folder, run, task, model, &optimiser, &progress)?;
            saved_at = Instant::now();
        }
        if asked {
            bar.finish_and_clear();
            return Err(interrupted(run.folder.as_deref(), &progress));
        }
    }
    bar.finish_and_clear();
    *model = best;
    Ok(progress)
}

/// One training step: gradient, clipping, optimiser. Returns the loss before the step and the
/// gradient's norm before clipping. Where one of them is no longer a number, no step is made.
pub fn update<T: Task>(
    task: &mut T,
    model: &mut T::Model,
    optimiser: &mut Optimiser<f32>,
    step: usize,
    rate: f64,
    clip: Option<f64>,
) -> (StepLoss, f64) {
    let factors: Vec<f64> = model.named().iter().map(|(name, _)| task.rate(name)).collect();
    let (loss, gradient) = task.gradient(model, step);
    let norm = clip_global_norm(gradient, clip.unwrap_or(f64::INFINITY));
    if loss.sum.is_finite() && norm.is_finite() {
        let rates: Vec<f64> = factors.iter().map(|factor| rate * factor).collect();
        optimiser.step_each(model, gradient, &rates);
    }
    (loss, norm)
}

impl Progress {
    fn start(total: usize, schedule: Schedule) -> Self {
        Self {
            total,
            step: 0,
            history: Vec::new(),
            best: None,
            stopped_early: false,
            seconds: 0.0,
            predictions: 0,
            since: (0.0, 0, 0.0, 0),
            schedule,
        }
    }

    /// Books one step.
    fn add(&mut self, loss: StepLoss, norm: f64, time: Duration) {
        let (sum, count, norms, steps) = self.since;
        self.since = (sum + loss.sum, count + loss.count, norms + norm, steps + 1);
        self.seconds += time.as_secs_f64();
        self.predictions += loss.count;
    }

    /// Books one evaluation; says whether it is the best so far.
    fn evaluated(&mut self, plan: &Plan, dev_loss: f64, learning_rate: f64) -> bool {
        let (sum, count, norms, steps) = std::mem::take(&mut self.since);
        self.history.push(Entry {
            step: self.step,
            train_loss: sum / count.max(1) as f64,
            dev_loss,
            learning_rate,
            gradient_norm: norms / steps.max(1) as f64,
            seconds: self.seconds,
        });
        self.schedule.update(dev_loss);
        let better = self.best.is_none_or(|best| dev_loss < best.loss);
        if better {
            self.best = Some(Best { step: self.step, loss: dev_loss });
        }
        let since_best = self
            .history
            .iter()
            .rev()
            .take_while(|e| Some(e.step) != self.best.map(|b| b.step))
            .count();
        self.stopped_early = plan.patience.is_some_and(|patience| since_best >= patience);
        better
    }
}

/// The number of steps that `length` means; a budget is measured on a copy of the model.
fn measure_length<T: Task>(
    task: &mut T,
    model: &T::Model,
    plan: &Plan,
    length: Length,
) -> Result<usize> {
    let budget = match length {
        Length::Steps(steps) => return Ok(steps),
        Length::Budget(budget) => budget,
    };
    let mut copy = model.clone();
    let mut optimiser = Optimiser::new(plan.optimiser, &copy)?;
    let begin = Instant::now();
    // Batches of sequences differ in length: the longer the budget, the more of them are tried.
    let trial = (budget / 20).min(Duration::from_secs(3).max(budget / 100));
    let mut times = Vec::new();
    // The first step warms up caches and memory; it takes part only if there is no other.
    while times.len() < 4 || begin.elapsed() < trial {
        let started = Instant::now();
        let step = task.typical() + times.len();
        update(task, &mut copy, &mut optimiser, step, 0.0, plan.clip);
        times.push(started.elapsed().as_secs_f64());
        if begin.elapsed() >= budget {
            break;
        }
    }
    task.restart();
    let steady = &times[usize::from(times.len() > 1)..];
    let mean = steady.iter().sum::<f64>() / steady.len() as f64;
    let left = budget.saturating_sub(begin.elapsed()).as_secs_f64();
    Ok(((left / mean) as usize).max(1))
}

/// Moves the files of an earlier run to `previous/`, so that a new run never destroys an old one.
/// What `previous/` held before is replaced, as a whole: files of two runs never stand together.
///
/// [`train`] does this. Who writes something `beside` the weights, a file that is needed to use them or
/// the folder of a second network, calls it before writing, so that it goes along. A run that goes on in
/// the folder of the checkpoint `resume` keeps what is there.
///
/// # Errors
/// If the folder cannot be written.
pub fn set_aside(folder: &Path, resume: Option<&Saved>, beside: &[&str]) -> Result<()> {
    if resume.is_some_and(|saved| saved.is_in(folder)) {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
    let own = [RESUME_FILE, MODEL_FILE, HISTORY_FILE];
    let trained = |name: &&str| folder.join(name).exists();
    let another = |name: &&str| folder.join(name).is_dir();
    if !own.iter().any(trained) && !beside.iter().any(another) {
        return Ok(());
    }
    let previous = folder.join(PREVIOUS);
    std::fs::create_dir_all(&previous).map_err(|e| Error::write(&previous, e))?;
    for name in own.iter().chain(beside) {
        let (from, to) = (folder.join(name), previous.join(name));
        remove_if_there(&to).map_err(|e| Error::write(&to, e))?;
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|e| Error::write(&to, e))?;
        }
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match path {
        _ if path.is_dir() => std::fs::remove_dir_all(path),
        _ if path.exists() => std::fs::remove_file(path),
        _ => Ok(()),
    }
}

fn progress_bar(show: bool, progress: &Progress) -> indicatif::ProgressBar {
    if !show {
        return indicatif::ProgressBar::hidden();
    }
    let style = "  {bar:24} step {pos}/{len}  {prefix}  {msg}  {eta} left";
    let style = indicatif::ProgressStyle::with_template(style).expect("a correct template");
    let bar = indicatif::ProgressBar::new(progress.total as u64).with_style(style);
    bar.set_position(progress.step as u64);
    bar.reset_eta();
    bar
}

fn save_model<M: Named<f32>>(folder: &Path, model: &M) -> Result<()> {
    let mut writer = Writer::default();
    writer.named("", model);
    writer.write(&folder.join(MODEL_FILE))
}

/// Writes the checkpoint and the history.
fn save<T: Task>(
    folder: &Path,
    run: &Run,
    task: &mut T,
    model: &T::Model,
    optimiser: &Optimiser<f32>,
    progress: &Progress,
) -> Result<()> {
    history::write_csv(&folder.join(HISTORY_FILE), &progress.history)?;
    let mut writer = Writer::default();
    writer.named("model.", model);
    writer.named("optimiser.", optimiser);
    writer.named("carried.", task.carried());
    writer.metadata("progress", serde_json::to_string(progress).expect("progress is plain data"));
    writer.metadata("settings", run.settings.as_str());
    writer.write(&folder.join(RESUME_FILE))
}

fn interrupted(folder: Option<&Path>, progress: &Progress) -> Error {
    let (step, total) = (progress.step, progress.total);
    Error::Interrupted(match folder.map(Path::display) {
        Some(folder) => format!(
            "Stopped at step {step} of {total}. The checkpoint is {folder}/{RESUME_FILE}; go on with --resume {folder}"
        ),
        None => {
            format!("Stopped at step {step} of {total} of a short run that keeps no checkpoint.")
        }
    })
}

fn diverged(step: usize, rate: f64, norm: f64) -> Error {
    Error::config(format!(
        "training diverged at step {step}: the loss or its gradient is no longer a number (gradient norm {norm}, \
         learning rate {rate:.2e}). Lower the learning rate or clip gradients to a smaller norm."
    ))
}
