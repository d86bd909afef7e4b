//! The networks of a study: each is a run with a record of its own.
//!
//! ```text
//! DIR/networks/gru-1/run.safetensors      the record of one network, with the recipe of the whole study
//! DIR/previous/networks-1/                those of an earlier study in this folder
//! ```
//!
//! All networks make as many steps as the first one. With `--resume`, another length is the first one's, and
//! all others follow it; those that are done go on, too.

use std::path::{Path, PathBuf};

use lesson::run::resume::{Place, resumed_from};
use lesson::run::{MODEL_FILE, Outcome, RECORD_FILE, Recipe, Record, Resume, Run, keep, train};
use lesson::{Error, Result, RunArgs};
use seqcore::train::{Length, Plan};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::forecaster::Forecaster;
use crate::forecaster::task::ForecastTask;

/// The folder of the networks' folders.
const NETWORKS: &str = "networks";

/// What a network's record says of it: the recipe of its study, and which samples it is trained on.
#[derive(Debug, Serialize, Deserialize)]
struct NetworkRecipe<R> {
    study: R,
    /// The checksum of the samples.
    samples: String,
}

impl<R: Recipe> Recipe for NetworkRecipe<R> {
    const NAME: &'static str = R::NAME;
    type Options = R::Options;

    fn command(&self) -> String {
        self.study.command()
    }

    fn seed(&self) -> u64 {
        self.study.seed()
    }

    fn data(&self) -> Option<&str> {
        self.study.data()
    }

    fn sha256(&self) -> &str {
        self.study.sha256()
    }
}

/// Opens the study that `--resume` names, if anything: its recipe, and the record of one of its networks. As
/// [`lesson::run::resumed`] for a run of one.
///
/// # Errors
/// A folder without a study of this recipe; options that a resumed run cannot take.
pub fn resumed<R: Recipe>(
    args: &mut RunArgs,
    fixed: &[(&str, bool)],
) -> Result<Option<(R, Resume)>> {
    let Some(named) = args.resume.clone() else { return Ok(None) };
    let record = any_record(&named)?;
    let (recipe, resume) =
        resumed_from::<NetworkRecipe<R>>(args, record, &named, Place::Below, fixed)?;
    Ok(Some((recipe.study, resume)))
}

/// The networks of the study in a folder, or the folder of an earlier study's networks itself.
fn networks_in(folder: &Path) -> PathBuf {
    let below = folder.join(NETWORKS);
    if below.is_dir() { below } else { folder.to_owned() }
}

/// The record of one network; the recipe of the study stands in each.
fn any_record(folder: &Path) -> Result<Record> {
    let entries = std::fs::read_dir(networks_in(folder)).map_err(|e| Error::read(folder, e))?;
    let records = entries.flatten().map(|entry| entry.path().join(RECORD_FILE));
    match records.filter(|file| file.is_file()).min() {
        Some(file) => Record::open(&file),
        None => Err(Error::checkpoint(
            folder,
            format!(
                "there is no {NETWORKS}/NAME/{RECORD_FILE} in it, so there is no run to go on with. Name the folder that the \
                 run named when it stopped, such as out/timeseries/weather."
            ),
        )),
    }
}

/// Trains the networks of a study, one after the other, and goes on where there are records to go on from.
#[derive(Debug, Default)]
pub struct Networks {
    /// What the runs share; the folder is that of the study.
    run: Run,
    /// What the names begin with.
    prefix: String,
    /// The folder with the records to go on from.
    resumed: Option<PathBuf>,
    /// Of the next network: what was asked for on `--resume`, then the steps of the first one.
    length: Option<Length>,
    outcomes: Vec<Outcome>,
}

impl Networks {
    /// Those of a study of `recipe` in `folder`; `Networks::default()` keeps no files. A study that does not go
    /// on there keeps what an earlier one left, in `previous/`.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn new<R: Recipe>(recipe: &R, folder: &Path, args: &RunArgs) -> Result<Self> {
        let run = Run::of(recipe, folder.to_owned(), args);
        let run = Run { resume_name: Some(folder.to_owned()), ..run };
        let resumed = args.resume.as_deref().map(networks_in);
        let own = folder.join(NETWORKS).canonicalize().ok();
        let goes_on = own.is_some() && own == resumed.as_ref().and_then(|r| r.canonicalize().ok());
        if !goes_on {
            keep(folder, MODEL_FILE)?;
            keep(folder, NETWORKS)?;
        }
        let length = resumed.as_ref().and_then(|_| args.length());
        Ok(Self { run, resumed, length, ..Self::default() })
    }

    /// From here on, the names of networks begin with this.
    pub fn begin_names_with(&mut self, prefix: &str) {
        self.prefix = prefix.to_owned();
    }

    /// Trains one network, `samples` being the checksum of what it is trained on; returns its number of steps.
    ///
    /// # Errors
    /// A record that is of other samples or cannot be written; training that diverges; Ctrl-C.
    pub(super) fn train(
        &mut self,
        name: &str,
        samples: String,
        task: &mut ForecastTask,
        model: &mut Forecaster<f32>,
        plan: &Plan,
    ) -> Result<usize> {
        let name = format!("{}{name}", self.prefix);
        let plan = Plan { length: self.length.unwrap_or(plan.length), ..plan.clone() };
        let resume = self.resume(&name, &samples)?;
        let run = self.run_of(&name, samples).with_model(&model.config);
        let outcome = train(task, model, &plan, &run, resume, |_, _| {})?;
        let steps = outcome.progress.total;
        self.length = Some(Length::Steps(steps));
        self.outcomes.push(outcome);
        Ok(steps)
    }

    /// The run of one network.
    fn run_of(&self, name: &str, samples: String) -> Run {
        let folder = self.run.folder.as_ref().map(|folder| folder.join(NETWORKS).join(name));
        let (of, study) = self.run.recipe.clone();
        let recipe = serde_json::to_value(NetworkRecipe { study, samples }).expect("plain data");
        Run { folder, recipe: (of, recipe), ..self.run.clone() }
    }

    /// What one network goes on from, where the resumed study had begun with it.
    fn resume(&self, name: &str, samples: &str) -> Result<Option<Resume>> {
        let folder = self.resumed.as_ref().map(|networks| networks.join(name));
        let Some(folder) = folder.filter(|folder| folder.join(RECORD_FILE).exists()) else {
            return Ok(None);
        };
        let record = Record::open(&folder)?;
        if record.settings::<NetworkRecipe<Value>>()?.samples != samples {
            return Err(record.error(
                "this network was trained on other samples: another version of the lesson cut them. Start a new run.",
            ));
        }
        Ok(Some(Resume { record, length: self.length }))
    }

    /// How to repeat the study exactly, as one sentence.
    pub fn repeat(&self) -> String {
        Outcome::repeat_all(&self.outcomes)
    }
}
