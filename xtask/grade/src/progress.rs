//! What a learner has done: which version of a file passed, how many hints were shown.
//!
//! A convenience, not a record: it is kept with the built programs, and where it is lost the next
//! `learn` grades again. Several terminals share it, so it is read anew whenever somebody asks, and
//! one at a time may change it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::catalogue::{Course, Exercise, read};
use crate::hash::hash;
use crate::lock;

/// The file's name.
const FILE: &str = "progress.json";

/// A learner's progress, as the file tells it.
#[derive(Debug)]
pub struct Progress {
    /// Where the file lies.
    folder: PathBuf,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// Id, and the hash of what passed: the file, and what it was graded by.
    passed: BTreeMap<String, String>,
    /// Id, and how many hints were shown.
    hints: BTreeMap<String, usize>,
}

/// Where a learner is with an exercise, without compiling anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As the stub was.
    NotStarted,
    /// Changed, and not known to be right.
    Begun,
    /// This version passed.
    Passed,
}

/// The version of an exercise's file that lies there now, with what it is graded by; none where there is
/// no file.
pub fn version(course: &Course, exercise: &Exercise) -> Option<String> {
    let own = read(&course.file("src", exercise)).ok()?;
    // A copy without solutions is graded by what was recorded, which does not change.
    let judge = |tree| read(&course.file(tree, exercise)).unwrap_or_default();
    Some(hash([own, judge("cases"), judge("solutions")]))
}

impl Progress {
    /// What is kept in `folder`; nothing there is a fresh start.
    pub fn open(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn state(&self) -> State {
        let text = fs::read_to_string(self.folder.join(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn save(&self, state: &State) -> Result<()> {
        // Renamed when it is whole: nobody reads half a file.
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(serde_json::to_string_pretty(state)?.as_bytes())?;
        file.persist(self.folder.join(FILE))?;
        Ok(())
    }

    /// Changes what the file says now, which another terminal may have written.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        _ = fs::create_dir_all(&self.folder);
        let _alone = lock::wait(&self.folder.join("progress.lock"));
        let old = self.state();
        let mut new = old.clone();
        let result = change(&mut new);
        if new != old {
            // Not worth an error: what is lost is found out again.
            _ = self.save(&new);
        }
        result
    }

    /// A version of the file has passed, or has not. It was asked for before the file was graded: whoever
    /// saves in the meantime has another one.
    pub fn record(&self, exercise: &Exercise, version: Option<String>, passed: bool) {
        self.change(|state| match version.filter(|_| passed) {
            Some(version) => state.passed.insert(exercise.id.clone(), version),
            None => state.passed.remove(&exercise.id),
        });
    }

    /// Where the learner is with it.
    pub fn standing(&self, course: &Course, exercise: &Exercise) -> Standing {
        if let Some(passed) = self.state().passed.get(&exercise.id)
            && version(course, exercise).as_ref() == Some(passed)
        {
            return Standing::Passed;
        }
        match (read(&course.file("src", exercise)), read(&course.file("stubs", exercise))) {
            (Err(_), _) => Standing::NotStarted,
            (Ok(own), Ok(stub)) if own == stub => Standing::NotStarted,
            _ => Standing::Begun,
        }
    }

    /// The next hint, with its number; after the last, all have been seen.
    pub fn next_hint<'e>(&self, exercise: &'e Exercise) -> (usize, &'e str) {
        let number = self.change(|state| {
            let shown = state.hints.entry(exercise.id.clone()).or_default();
            *shown = (*shown + 1).min(exercise.hints.len());
            *shown
        });
        (number, &exercise.hints[number - 1])
    }
}

/// Brings the stub back. What was there is kept beside it; its new name is returned where there was
/// something to keep.
///
/// # Errors
/// A file that cannot be read or written.
pub fn reset(course: &Course, exercise: &Exercise) -> Result<Option<PathBuf>> {
    let path = course.file("src", exercise);
    let stub = read(&course.file("stubs", exercise))?;
    let kept = match fs::read(&path) {
        Ok(own) if own != stub.as_bytes() => {
            let numbered = |n: usize| path.with_extension(format!("rs.old{n}"));
            let free = (1..).map(numbered).find(|path| !path.exists()).context("no free name")?;
            fs::write(&free, own).with_context(|| format!("cannot write {}", free.display()))?;
            Some(free)
        }
        _ => None,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, stub).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(kept)
}
