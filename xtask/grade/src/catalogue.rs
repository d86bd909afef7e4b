//! The register of the exercises, `exercises/catalogue.toml`, and where each one's files lie.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// An exercise, as registered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Unique over the course; the file's name.
    pub id: String,
    /// Folder, and the lesson it belongs to.
    pub lesson: String,
    /// What it is about, in a few words.
    pub title: String,
    /// Points for all of its cases.
    pub points: f64,
    /// How long it takes, honestly.
    pub minutes: u32,
    /// 1 to 3.
    pub difficulty: u8,
    /// Part of the short way through the course.
    #[serde(default)]
    pub core: bool,
    /// Three, each saying more than the one before.
    pub hints: Vec<String>,
    /// Names of the parts of a returned tuple: each is graded as a case of its own. The fields of a
    /// struct name themselves.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Names of the blocks that gates form along an axis of 4H or 3H.
    #[serde(default)]
    pub gates: Vec<String>,
    /// The reference has no meaning in f32: hashing, big counts.
    #[serde(default)]
    pub f64_only: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    #[serde(rename = "exercise")]
    exercises: Vec<Exercise>,
}

/// All exercises, in the order in which they are done.
#[derive(Debug, Clone)]
pub struct Course {
    /// The folder `exercises`.
    pub root: PathBuf,
    /// In the catalogue's order.
    pub exercises: Vec<Exercise>,
}

impl Course {
    /// Reads `root/catalogue.toml`.
    ///
    /// # Errors
    /// A file that is not there or says something impossible.
    pub fn open(root: &Path) -> Result<Self> {
        let path = root.join("catalogue.toml");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read the catalogue {}", path.display()))?;
        let register: Register =
            toml::from_str(&text).with_context(|| path.display().to_string())?;
        let mut ids = HashSet::new();
        for exercise in &register.exercises {
            let Exercise { id, lesson, points, hints, .. } = exercise;
            let plain = |text: &str| {
                !text.is_empty()
                    && text
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            };
            if !plain(id) || !plain(lesson) {
                bail!("{}: {id:?} in {lesson:?} is no module's name", path.display());
            }
            if !ids.insert(id.clone()) {
                bail!("{}: there are two exercises {id}", path.display());
            }
            if !points.is_finite() || *points <= 0.0 || hints.len() != 3 {
                bail!("{}: {id} needs points and three hints", path.display());
            }
        }
        Ok(Self { root: root.to_owned(), exercises: register.exercises })
    }

    /// The exercise of this id.
    ///
    /// # Errors
    /// There is none; similar ones are named.
    pub fn get(&self, id: &str) -> Result<&Exercise> {
        let found = self.exercises.iter().find(|exercise| exercise.id == id);
        found.with_context(|| {
            let similar: Vec<_> = self.matching(id).map(|exercise| exercise.id.as_str()).collect();
            match similar.is_empty() {
                true => format!("there is no exercise {id:?}. `cargo xtask list` names them all."),
                false => format!("there is no exercise {id:?}. Perhaps: {}?", similar.join(", ")),
            }
        })
    }

    /// Exercises whose lesson or id contains the filter.
    pub fn matching<'c>(&'c self, filter: &'c str) -> impl Iterator<Item = &'c Exercise> {
        self.exercises
            .iter()
            .filter(move |exercise| exercise.id.contains(filter) || exercise.lesson == filter)
    }

    /// A file of the exercise in one of the trees: `src`, `stubs`, `solutions`, `cases`.
    pub fn file(&self, tree: &str, exercise: &Exercise) -> PathBuf {
        self.root.join(tree).join(&exercise.lesson).join(format!("{}.rs", exercise.id))
    }

    /// Its other right solutions: name and source, in the order of the names.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn alternatives(&self, exercise: &Exercise) -> Result<Vec<(String, String)>> {
        let folder = self.file("alternatives", exercise).with_extension("");
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                found.push((name, read(&path)?));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// A text file, with `\n` at the end of lines.
///
/// # Errors
/// A file that cannot be read, with its path.
pub fn read(path: &Path) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}
