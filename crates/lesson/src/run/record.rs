//! The record of a run: one safetensors file with all that resuming needs.
//!
//! Arrays: `current.*`, the weights of the last step; `kept.*`, those that the run would end with, once there
//! was an evaluation; `optimiser.*`; `carried.*`, what goes from step to step beside the weights. In its
//! metadata, `record` holds the rest as JSON.

use std::path::{Path, PathBuf};

use seqcore::train::{Progress, Task, Trainer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::files::weights::{self, Reader, Writer};
use crate::{Error, Result};

/// The file of a run's record.
pub const RECORD_FILE: &str = "run.safetensors";
/// The folder that keeps the records of earlier runs.
pub const PREVIOUS: &str = "previous";

const METADATA: &str = "record";

/// What a run did in one go. A run that is resumed with another length has several stages, for the learning
/// rate follows from the number of steps in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The step after which it began.
    pub from: usize,
    /// The steps in all that it was told.
    pub total: usize,
    /// What was typed, with a budget as the steps that it became.
    pub command: String,
}

/// The part of a record that is no array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Whose run it is: [`Recipe::NAME`](super::Recipe::NAME).
    pub recipe: String,
    /// The recipe itself.
    pub settings: Value,
    /// What the exported model says of itself; see [`model`](super::model).
    pub model: Value,
    pub stages: Vec<Stage>,
    pub progress: Progress,
}

/// A record that was read and checked.
#[derive(Debug)]
pub struct Record {
    reader: Reader,
    pub(crate) about: About,
}

impl Record {
    /// Opens the record in `folder`, or the record that a path names itself, such as one in `previous/`.
    ///
    /// # Errors
    /// If there is none, or it is damaged or was not written by a run.
    pub fn open(path: &Path) -> Result<Self> {
        let file = if path.is_file() { path.to_owned() } else { path.join(RECORD_FILE) };
        if path.is_dir() && !file.exists() {
            return Err(Error::checkpoint(path, missing(path)));
        }
        let reader = Reader::open(&file)?.of_ours()?;
        let about = serde_json::from_str(reader.metadata(METADATA)?);
        let about = about.map_err(|e| {
            reader.error(format!(
                "its record cannot be read ({e}). It is of another version; train again."
            ))
        })?;
        Ok(Self { reader, about })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.reader.path()
    }

    /// The folder of the run.
    pub fn folder(&self) -> PathBuf {
        match self.path().parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// What the run had come to.
    pub fn progress(&self) -> &Progress {
        &self.about.progress
    }

    /// Its stages, in order.
    pub fn stages(&self) -> &[Stage] {
        &self.about.stages
    }

    /// The settings of the run, as the lesson stored them.
    ///
    /// # Errors
    /// Settings of another lesson or version.
    pub fn settings<S: DeserializeOwned>(&self) -> Result<S> {
        serde_json::from_value(self.about.settings.clone()).map_err(|e| {
            self.error(format!("its settings belong to another version ({e}). Train again."))
        })
    }

    /// An error about this record.
    pub fn error(&self, what: impl Into<String>) -> Error {
        self.reader.error(what)
    }

    /// Whether it stands in `folder`, as the record of the run there.
    pub(crate) fn is_in(&self, folder: &Path) -> bool {
        let own = self.path().canonicalize().ok();
        own.is_some() && own == folder.join(RECORD_FILE).canonicalize().ok()
    }

    /// Sets up `trainer` and what `task` carries as they were. Nothing is changed unless all fits.
    ///
    /// # Errors
    /// A record of another model.
    pub(crate) fn restore<T: Task>(
        &self,
        task: &mut T,
        trainer: &mut Trainer<T::Model>,
    ) -> Result<()> {
        let progress = &self.about.progress;
        let (mut model, mut optimiser) = (trainer.model.clone(), trainer.optimiser.clone());
        self.reader.load_into("current.", &mut model)?;
        self.reader.load_into("optimiser.", &mut optimiser)?;
        let mut kept = model.clone();
        if progress.best.is_some() {
            self.reader.load_into("kept.", &mut kept)?;
        }
        self.reader.load_into("carried.", task.carried())?;
        optimiser.set_steps(progress.step as u64);
        *trainer = Trainer { model, kept, optimiser, progress: progress.clone() };
        Ok(())
    }
}

fn missing(folder: &Path) -> String {
    let shown = folder.display();
    if folder.join("resume.safetensors").exists() {
        return "this run was made by an earlier version and cannot go on. Start a new run in another folder, with \
                --out."
            .to_owned();
    }
    format!("it holds no {RECORD_FILE}, so no run was made in {shown}. Name the folder of a run.")
}

/// Writes the record of a run.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write<T: Task>(
    path: &Path,
    about: &About,
    task: &mut T,
    trainer: &Trainer<T::Model>,
) -> Result<()> {
    let mut writer = Writer::default();
    writer.named("current.", &trainer.model);
    if trainer.progress.best.is_some() {
        writer.named("kept.", &trainer.kept);
    }
    writer.named("optimiser.", &trainer.optimiser);
    writer.named("carried.", task.carried());
    writer.metadata(METADATA, serde_json::to_string(about).expect("plain data"));
    weights::write(path, writer)
}

/// Keeps a file or a folder of an earlier run out of the way of a new one: one rename, to the first free number
/// in `previous/`. Returns where it is now; `None` where there was none.
///
/// # Errors
/// If the folder cannot be written.
pub fn keep(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    let own = folder.join(name);
    if !own.exists() {
        return Ok(None);
    }
    let previous = folder.join(PREVIOUS);
    std::fs::create_dir_all(&previous).map_err(|e| Error::write(&previous, e))?;
    let (stem, end) =
        name.split_once('.').map_or((name, String::new()), |(s, e)| (s, format!(".{e}")));
    let numbered = |n: usize| previous.join(format!("{stem}-{n}{end}"));
    let free = (1..).map(numbered).find(|path| !path.exists()).expect("a number is free");
    std::fs::rename(&own, &free).map_err(|e| Error::write(&free, e))?;
    crate::note(&format!("the run that was here is kept as {}.", free.display()));
    Ok(Some(free))
}

/// Keeps the record in `folder`, if there is one; see [`keep`]. What was written from it goes: it can be
/// written again.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn set_aside(folder: &Path) -> Result<()> {
    keep(folder, RECORD_FILE)?;
    for export in [super::MODEL_FILE, super::HISTORY_FILE].map(|name| folder.join(name)) {
        match std::fs::remove_file(&export) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::write(&export, e));
            }
            _ => {}
        }
    }
    Ok(())
}
