//! The networks of a run: one, or several that decide together. Each is a run of its own.
//!
//! ```text
//! DIR/run.safetensors                 the record of the only network
//! DIR/networks/2/run.safetensors      or that of the second of several
//! DIR/model.safetensors               the model: all networks together
//! DIR/previous/networks-1/            the networks of an earlier run in this folder
//! ```
//!
//! All networks make as many steps as the first one. With `--resume DIR`, another length is the first one's, and all
//! others follow it; those that are done go on, too.

use std::path::{Path, PathBuf};

use lesson::files::weights::Writer;
use lesson::run::model::Describes;
use lesson::run::resume::{Place, resumed_from};
use lesson::run::{
    HISTORY_FILE, MODEL_FILE, Outcome, RECORD_FILE, Recipe, Record, Resume, Run, export, keep,
    train,
};
use lesson::{Result, RunArgs};
use seqcore::train::{Length, Plan, Progress};

use crate::description::ClassifierDescription;
use crate::model::Classifier;
use crate::recipe::SentimentRecipe;
use crate::task::ReviewTask;

/// The folder of the networks' folders.
const NETWORKS: &str = "networks";

/// Opens the run that `--resume` names, if anything: its recipe, and the record of its first network. As
/// [`lesson::run::resumed`] for a run of one.
///
/// # Errors
/// As there; one network of several.
pub fn resumed(
    args: &mut RunArgs,
    place: Place,
    fixed: &[(&str, bool)],
) -> Result<Option<(SentimentRecipe, Resume)>> {
    let Some(named) = args.resume.clone() else { return Ok(None) };
    let first = first_of_several(&named);
    let record = Record::open(first.as_ref().unwrap_or(&named))?;
    let folder = if first.is_some() { named } else { record.folder() };
    let (recipe, resume) = resumed_from::<SentimentRecipe>(args, record, &folder, place, fixed)?;
    if recipe.networks > 1 && first.is_none() {
        return Err(resume.record.error(format!(
            "this is one of {} networks of a run. Go on with all of them: `cargo run -p {} --resume {}`.",
            recipe.networks,
            recipe.command(),
            folder.ancestors().nth(2).unwrap_or(&folder).display(),
        )));
    }
    Ok(Some((recipe, resume)))
}

/// The record of the first of several networks: in the folder of their run, or in that of an earlier run's networks.
fn first_of_several(named: &Path) -> Option<PathBuf> {
    let own_name = named.file_name().unwrap_or_default().to_string_lossy();
    let earlier = own_name.starts_with(NETWORKS).then(|| named.to_owned());
    let folders = [Some(named.join(NETWORKS)), earlier].into_iter().flatten();
    folders.map(|networks| name(&networks, 0).join(RECORD_FILE)).find(|file| file.is_file())
}

/// The folder of the `k`-th network, from 0.
fn name(networks: &Path, k: usize) -> PathBuf {
    networks.join((k + 1).to_string())
}

/// The networks of a run, trained one after the other.
#[derive(Debug)]
pub struct Networks<'a> {
    recipe: &'a SentimentRecipe,
    description: &'a ClassifierDescription,
    args: &'a RunArgs,
    folder: &'a Path,
    /// What the first one goes on from, until it does.
    resume: Option<Resume>,
    /// The folder with what the others go on from.
    resumed: Option<PathBuf>,
    /// Of the next network.
    length: Length,
    outcomes: Vec<Outcome>,
}

impl<'a> Networks<'a> {
    /// Those of a run in `folder`. A run that does not go on there keeps what an earlier one left, in `previous/`.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn new(
        recipe: &'a SentimentRecipe,
        description: &'a ClassifierDescription,
        folder: &'a Path,
        args: &'a RunArgs,
        resume: Option<Resume>,
    ) -> Result<Self> {
        // A budget is shared by the networks.
        let share = |length| match length {
            Length::Budget(budget) => Length::Budget(budget / recipe.networks as u32),
            steps => steps,
        };
        let resume = resume.map(|r| Resume { length: r.length.map(share), ..r });
        let resumed = resume.as_ref().map(|resume| resume.record.folder());
        let resumed = resumed.and_then(|first| first.parent().map(Path::to_owned));
        let length = share(recipe.plan.length);
        let outcomes = Vec::new();
        let networks =
            Self { recipe, description, args, folder, resume, resumed, length, outcomes };
        if !networks.goes_on() {
            networks.keep_earlier()?;
        }
        Ok(networks)
    }

    fn is_one(&self) -> bool {
        self.recipe.networks == 1
    }

    fn folder_of(&self, k: usize) -> PathBuf {
        if self.is_one() { self.folder.to_owned() } else { name(&self.folder.join(NETWORKS), k) }
    }

    /// Whether the first network goes on in its own folder.
    fn goes_on(&self) -> bool {
        let Some(resume) = &self.resume else { return false };
        let [own, record] =
            [self.folder_of(0), resume.record.folder()].map(|folder| folder.canonicalize().ok());
        own.is_some() && own == record
    }

    /// Keeps the networks of an earlier run. Of one that had a single network, [`train`] keeps the record, unless
    /// the folders are others now.
    fn keep_earlier(&self) -> Result<()> {
        let of_several = self.folder.join(NETWORKS).exists();
        if of_several || !self.is_one() {
            for name in [MODEL_FILE, NETWORKS, RECORD_FILE, HISTORY_FILE] {
                keep(self.folder, name)?;
            }
        }
        Ok(())
    }

    /// Trains the next network; its task and its model are those of the recipe's
    /// [`SentimentRecipe::numbered`]. `watch` is called after each evaluation.
    ///
    /// # Errors
    /// A record that cannot be written, training that diverges, Ctrl-C.
    pub fn train(
        &mut self,
        task: &mut ReviewTask,
        model: &mut Classifier<f32>,
        mut watch: impl FnMut(&Progress),
    ) -> Result<&Outcome> {
        let k = self.outcomes.len();
        let plan = Plan { length: self.length, ..self.recipe.plan.clone() };
        let resume = if k == 0 { self.resume.take() } else { self.record_of(k)? };
        let one = ClassifierDescription { networks: 1, ..self.description.clone() };
        let run = Run::of(self.recipe, self.folder_of(k), self.args).with_model(&one);
        let run = Run { resume_name: Some(self.folder.to_owned()), ..run };
        let outcome = train(task, model, &plan, &run, resume, |_, progress| watch(progress))?;
        // A budget is measured once; the other networks make as many steps.
        self.length = Length::Steps(outcome.progress.total);
        self.outcomes.push(outcome);
        Ok(&self.outcomes[k])
    }

    /// What the `k`-th network goes on from, where the resumed run had begun with it.
    fn record_of(&self, k: usize) -> Result<Option<Resume>> {
        let folder = self.resumed.as_ref().map(|networks| name(networks, k));
        let Some(folder) = folder.filter(|folder| folder.join(RECORD_FILE).exists()) else {
            return Ok(None);
        };
        Ok(Some(Resume { record: Record::open(&folder)?, length: Some(self.length) }))
    }

    /// Writes several networks as one model. A single one has been written from its record.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn export(&self, networks: &[Classifier<f32>]) -> Result<()> {
        if self.is_one() {
            return Ok(());
        }
        let mut writer = Writer::default();
        for (k, network) in networks.iter().enumerate() {
            writer.named(&self.description.prefix(k), network);
        }
        export(&self.folder.join(MODEL_FILE), &self.description.described(), writer)
    }

    /// Steps and seconds of training, of all networks together.
    pub fn effort(&self) -> (usize, f64) {
        let progress = || self.outcomes.iter().map(|outcome| &outcome.progress);
        (progress().map(|p| p.step).sum(), progress().map(|p| p.seconds).sum())
    }

    /// How to repeat the run exactly, as one sentence.
    pub fn repeat(&self) -> String {
        Outcome::repeat_all(&self.outcomes)
    }
}
