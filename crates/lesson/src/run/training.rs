//! Driving a training run: clock, progress bar, checkpoints, signals.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use seqcore::train::{Length, Plan, Progress, Task, Trainer};
use serde_json::Value;

use super::record::{self, About, Stage};
use super::resume::{Recipe, Resume};
use super::{MODEL_FILE, RECORD_FILE, budget, history, model};
use crate::files::weights::Writer;
use crate::{Error, Result, RunArgs, interrupt};

/// The file of the history.
pub const HISTORY_FILE: &str = "history.csv";

/// At least so often a run that has a folder writes its record, unless it is told otherwise.
const SAVE_EVERY: Duration = Duration::from_secs(10);

/// Where a run keeps its files and what it shows.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The folder for record, model and history; `None` keeps nothing.
    pub folder: Option<PathBuf>,
    /// Whose run it is, and all that it depends on.
    pub recipe: (String, Value),
    /// What the exported model says of itself; see [`model`].
    pub model: Value,
    /// Whether to show a progress bar.
    pub progress: bool,
    /// A record at least so often; `None` means every 10 s.
    pub save_every: Option<Duration>,
    /// Stop after this step, as Ctrl-C would.
    pub stop_at: Option<usize>,
    /// What was typed.
    pub command: String,
    /// What is named after `--resume` where a run is stopped; by default the folder.
    pub resume_name: Option<PathBuf>,
}

impl Run {
    /// A run of `recipe` in `folder`.
    pub fn of<R: Recipe>(recipe: &R, folder: PathBuf, args: &RunArgs) -> Self {
        Self {
            folder: Some(folder),
            recipe: (R::NAME.to_owned(), serde_json::to_value(recipe).expect("plain data")),
            progress: !args.quiet,
            save_every: args.save_every,
            stop_at: args.stop_at,
            command: args.command.clone(),
            ..Self::default()
        }
    }

    /// A short run that keeps nothing.
    pub fn in_memory(progress: bool) -> Self {
        Self { progress, ..Self::default() }
    }

    /// The same with what its model says of itself.
    pub fn with_model(self, description: &impl model::Describes) -> Self {
        Self { model: description.described(), ..self }
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Steps, losses, time.
    pub progress: Progress,
    /// How it came to be, in order.
    pub stages: Vec<Stage>,
}

impl Outcome {
    /// The commands that repeat the run exactly: each stage, stopped where the next one began.
    pub fn commands(&self) -> Vec<String> {
        let until = self.stages.iter().skip(1).map(|stage| Some(stage.from)).chain([None]);
        let command = |(stage, until): (&Stage, Option<usize>)| match until {
            Some(step) if step < stage.total => format!("{} --stop-at {step}", stage.command),
            _ => stage.command.clone(),
        };
        self.stages.iter().zip(until).map(command).collect()
    }

    /// The same as one sentence.
    pub fn repeat(&self) -> String {
        let commands: Vec<String> =
            self.commands().iter().map(|command| format!("`{command}`")).collect();
        format!("To repeat the run exactly: {}.", commands.join(", then "))
    }

    /// The same for a run of several networks, of which each makes as many steps as the first one. No sentence
    /// for none.
    pub fn repeat_all(networks: &[Self]) -> String {
        let Some((first, others)) = networks.split_first() else { return String::new() };
        let expected = stages_of_others(&first.stages);
        let steps = |o: &Outcome| o.stages.iter().map(|s| (s.from, s.total)).collect::<Vec<_>>();
        if others.iter().all(|other| steps(other) == expected) {
            return first.repeat();
        }
        "The run was given another length when some of its networks were done and others were not, so no command \
         repeats it exactly."
            .to_owned()
    }
}

/// From which step to which number of steps in all the stages of a later network go, where a run is repeated with
/// [`Outcome::repeat`]. A stage in which the first network was stopped did not reach the others.
fn stages_of_others(first: &[Stage]) -> Vec<(usize, usize)> {
    let ends = first.iter().skip(1).map(|stage| stage.from).chain(first.last().map(|s| s.total));
    let reached = first.iter().zip(ends).filter(|(stage, end)| stage.total == *end);
    let mut from = 0;
    reached.map(|(stage, _)| (std::mem::replace(&mut from, stage.total), stage.total)).collect()
}

/// Trains `model` on `task`. At the end `model` has the weights that `plan.keep` says.
///
/// `resume` is a record to go on from; to the number of steps that it holds, or to another length where
/// one stands beside it. A run that does not go on in its own folder keeps what an earlier one left
/// there, as `previous/run-N.safetensors`, and says so.
///
/// `watch` is called after every evaluation with the model and what was reached.
///
/// # Errors
/// If a file cannot be written, the record does not fit, the loss stops being a number, or the run was
/// asked to stop ([`Error::Interrupted`]).
pub fn train<T: Task>(
    task: &mut T,
    model: &mut T::Model,
    plan: &Plan,
    run: &Run,
    resume: Option<Resume>,
    watch: impl FnMut(&T::Model, &Progress),
) -> Result<Outcome> {
    let _listening = run.folder.is_some().then(interrupt::listen);
    let mut driver = Driver::begin(task, model, plan, run, resume)?;
    let done = driver.go(task, watch);
    driver.bar.finish_and_clear();
    done?;
    let Driver { trainer, stages, .. } = driver;
    *model = trainer.kept;
    Ok(Outcome { progress: trainer.progress, stages })
}

struct Driver<'a, M> {
    plan: &'a Plan,
    run: &'a Run,
    trainer: Trainer<M>,
    stages: Vec<Stage>,
    bar: ProgressBar,
    saved_at: Instant,
    /// Whether the kept weights are others than those in the exported model.
    is_stale: bool,
}

impl<'a, M: seqcore::params::Named<f32> + Clone> Driver<'a, M> {
    /// Sets the run up, from nothing or from a record; an earlier run's record goes aside.
    fn begin<T: Task<Model = M>>(
        task: &mut T,
        model: &M,
        plan: &'a Plan,
        run: &'a Run,
        resume: Option<Resume>,
    ) -> Result<Self> {
        plan.validate()?;
        let (trainer, stages) = match &resume {
            None => {
                let total = budget::steps(task, model, plan, plan.length)?;
                let command = counted(&run.command, plan.length, total);
                let stages = vec![Stage { from: 0, total, command }];
                (Trainer::new(model.clone(), plan, total)?, stages)
            }
            Some(resume) => resumed(task, model, plan, run, resume)?,
        };
        let goes_on = |folder| resume.as_ref().is_some_and(|r| r.record.is_in(folder));
        let bar = progress_bar(run.progress, &trainer.progress);
        let is_stale = trainer.progress.best.is_some();
        let mut driver =
            Self { plan, run, trainer, stages, bar, saved_at: Instant::now(), is_stale };
        if let Some(folder) = run.folder.as_ref().filter(|folder| !goes_on(folder)) {
            std::fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
            record::set_aside(folder)?;
        }
        if driver.trainer.progress.step > 0 {
            driver.save(task)?;
        }
        Ok(driver)
    }

    /// Trains to the end.
    fn go<T: Task<Model = M>>(
        &mut self,
        task: &mut T,
        mut watch: impl FnMut(&M, &Progress),
    ) -> Result<()> {
        let save_every = self.run.save_every.unwrap_or(SAVE_EVERY);
        while !self.trainer.is_finished() {
            let started = Instant::now();
            let loss = self.trainer.step(task, self.plan)?;
            self.trainer.progress.seconds += started.elapsed().as_secs_f64();
            self.bar.set_position(self.trainer.progress.step as u64);
            if self.trainer.is_due(self.plan) {
                let dev_loss = self.trainer.evaluate(task, self.plan)?;
                self.is_stale = true;
                self.bar.set_message(format!("dev {dev_loss:.3}"));
                let Self { bar, trainer, .. } = &self;
                bar.suspend(|| watch(task.kept(&trainer.model), &trainer.progress));
            } else {
                self.bar.set_prefix(format!("train {:.3}", loss.mean()));
            }
            let stop = if self.trainer.is_finished() { None } else { self.stop() };
            let is_time = self.saved_at.elapsed() >= save_every;
            if is_time || stop.is_some() || self.trainer.is_finished() {
                self.save(task)?;
            }
            if let Some(stop) = stop {
                return Err(stop);
            }
        }
        Ok(())
    }

    /// Whether the run is to stop here, before its end, and with what words.
    fn stop(&self) -> Option<Error> {
        let Progress { step, total, .. } = self.trainer.progress;
        let (why, code) = match (interrupt::asked(), self.run.stop_at) {
            (Some(asked), _) if self.run.folder.is_some() => (asked.why(), asked.code),
            (_, Some(at)) if step >= at => ("Stopped", 0),
            _ => return None,
        };
        let what = match &self.run.folder {
            Some(folder) => {
                let name = self.run.resume_name.as_ref().unwrap_or(folder).display();
                format!(
                    "{why} at step {step} of {total}. All of it is in {}; go on with --resume {name}",
                    folder.join(RECORD_FILE).display()
                )
            }
            None => format!("{why} at step {step} of {total} of a short run that keeps no record."),
        };
        Some(Error::Interrupted { what, code })
    }

    /// Writes the record, then what is written from it.
    fn save<T: Task<Model = M>>(&mut self, task: &mut T) -> Result<()> {
        self.saved_at = Instant::now();
        let Some(folder) = &self.run.folder else { return Ok(()) };
        let (recipe, settings) = self.run.recipe.clone();
        let about = About {
            recipe,
            settings,
            model: self.run.model.clone(),
            stages: self.stages.clone(),
            progress: self.trainer.progress.clone(),
        };
        record::write(&folder.join(RECORD_FILE), &about, task, &self.trainer)?;
        history::write_csv(&folder.join(HISTORY_FILE), &about.progress.history)?;
        if self.is_stale {
            let mut writer = Writer::default();
            writer.named("", &self.trainer.kept);
            model::export(&folder.join(MODEL_FILE), &about.model, writer)?;
            self.is_stale = false;
        }
        Ok(())
    }
}

/// A run as its record says, with the length that is asked for now.
fn resumed<T: Task>(
    task: &mut T,
    model: &T::Model,
    plan: &Plan,
    run: &Run,
    resume: &Resume,
) -> Result<(Trainer<T::Model>, Vec<Stage>)> {
    let Resume { record, length } = resume;
    let Progress { step, total, .. } = *record.progress();
    let mut trainer = Trainer::new(model.clone(), plan, total)?;
    record.restore(task, &mut trainer)?;
    let mut stages = record.stages().to_vec();
    let asked = match *length {
        None => total,
        // Of a run that is cut off where it stands, nobody has evaluated the weights.
        Some(Length::Steps(asked)) if asked <= step && asked != total => {
            return Err(record.error(format!(
                "the run has done {step} steps, and {asked} are asked for. Ask for more than it has done, or start a \
                 new run."
            )));
        }
        Some(Length::Steps(asked)) => asked,
        Some(budget) => {
            let more = budget::steps(task, &trainer.model, plan, budget)?;
            // It was measured on a task that began anew; what it carries is as it was.
            record.restore(task, &mut trainer)?;
            step + more
        }
    };
    if asked != total {
        let command = counted(&run.command, length.unwrap_or(Length::Steps(asked)), asked);
        stages.retain(|stage| stage.from < step); // one in which nothing was done is none
        stages.push(Stage { from: step, total: asked, command });
        trainer.progress.total = asked;
    }
    Ok((trainer, stages))
}

/// A command that is to be repeated: to its end, and with a budget as the steps that it became.
fn counted(command: &str, length: Length, steps: usize) -> String {
    let whole = without(command, "--stop-at");
    match length {
        Length::Steps(_) => whole,
        Length::Budget(_) => format!("{} --steps {steps}", without(&whole, "--budget")),
    }
}

/// A command without an option and its value.
fn without(command: &str, option: &str) -> String {
    let mut words: Vec<&str> = command.split(' ').collect();
    if let Some(at) = words.iter().position(|word| *word == option) {
        words.drain(at..(at + 2).min(words.len()));
    }
    let with_value = format!("{option}=");
    words.retain(|word| !word.starts_with(&with_value));
    words.join(" ")
}

fn progress_bar(show: bool, progress: &Progress) -> ProgressBar {
    if !show {
        return ProgressBar::hidden();
    }
    let style = "  {bar:24} step {pos}/{len}  {prefix}  {msg}  {eta} left";
    let style = ProgressStyle::with_template(style).expect("a correct template");
    let bar = ProgressBar::new(progress.total as u64).with_style(style);
    bar.set_position(progress.step as u64);
    bar.reset_eta();
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_was_stopped_does_not_reach_the_later_networks() {
        let stage = |(from, total)| Stage { from, total, command: String::new() };
        let of = |stages: &[(usize, usize)]| {
            stages_of_others(&stages.iter().copied().map(stage).collect::<Vec<_>>())
        };
        assert_eq!(of(&[(0, 400)]), [(0, 400)]);
        assert_eq!(of(&[(0, 400), (400, 600)]), [(0, 400), (400, 600)]);
        assert_eq!(of(&[(0, 400), (150, 600)]), [(0, 600)]);
    }
}
