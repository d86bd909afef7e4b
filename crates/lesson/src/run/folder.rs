//! The output folder: ours, or left alone.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::{UNFINISHED, write_atomically};

/// The file that marks a folder as a lesson's output.
const MARKER: &str = ".course-output";

/// The file that a run holds locked as long as it writes to the folder. Not the marker: that is
/// replaced, and a lock would go with the old one.
const LOCK: &str = ".lock";

/// A folder that a lesson may write to.
///
/// A folder that does not exist is created, an empty one is taken, one that carries this lesson's
/// marker is used again. Any other is refused and not touched, and so is one that another run is
/// writing to: the files of two runs would be mixed.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    lesson: String,
    /// None where the file system has no locks.
    _lock: Option<File>,
}

impl OutputFolder {
    /// Claims the folder for a lesson and checks that it can be written.
    ///
    /// # Errors
    /// [`Error::Write`] if it is not a folder, holds something else, belongs to another lesson or
    /// another run, or cannot be written. Nothing is left behind then.
    pub fn claim(path: &Path, lesson: &str) -> Result<Self> {
        let refuse = |why: String| Err(Error::write(path, io::Error::other(why)));
        let failed = |source| Error::write(path, source);
        let marker = path.join(MARKER);
        let text = marker_text(lesson);
        match fs::metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let created = create_all(path).map_err(failed)?;
                if let Err(error) = write_atomically(&marker, text.as_bytes()) {
                    remove(&created);
                    return Err(error);
                }
                return Self::locked(path, lesson);
            }
            Err(e) => return Err(failed(e)),
            Ok(metadata) if !metadata.is_dir() => {
                return refuse("it is a file, not a folder".into());
            }
            Ok(_) => {}
        }
        match fs::read_to_string(&marker) {
            Ok(found) => {
                let owner = found.lines().next().and_then(|l| l.strip_prefix("lesson: "));
                if owner != Some(lesson) {
                    let owner = owner.unwrap_or("something else");
                    return refuse(format!("it holds the output of {owner}, not of {lesson}"));
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(entry) = fs::read_dir(path).map_err(failed)?.next() {
                    let name = entry.map_err(failed)?.file_name();
                    let name = name.to_string_lossy();
                    return refuse(format!("it holds files that no lesson wrote, such as {name}"));
                }
            }
            Err(e) => return Err(failed(e)),
        }
        let folder = Self::locked(path, lesson)?;
        // Writing the marker again shows at once, and not after the training, whether we can write.
        write_atomically(&marker, text.as_bytes()).map_err(|e| match e {
            Error::Write { source, .. } => failed(source),
            other => other,
        })?;
        Ok(folder)
    }

    /// The folder, for this run alone.
    fn locked(path: &Path, lesson: &str) -> Result<Self> {
        let held = |file: &File| matches!(file.try_lock(), Err(TryLockError::WouldBlock));
        let open = File::options().create(true).truncate(false).write(true).open(path.join(LOCK));
        let lock = open.ok();
        if lock.as_ref().is_some_and(held) {
            let why = "another run is writing to it; wait until it ends";
            return Err(Error::write(path, io::Error::other(why)));
        }
        sweep(path);
        Ok(Self { path: path.to_owned(), lesson: lesson.to_owned(), _lock: lock })
    }

    /// A folder in this one, for one part of the lesson. It is ours, for this one is.
    ///
    /// # Errors
    /// [`Error::Write`] if it cannot be written, or another run is writing to it.
    pub fn below(&self, name: &str) -> Result<Self> {
        let path = self.path.join(name);
        let failed = |source| Error::write(&path, source);
        fs::create_dir_all(&path).map_err(failed)?;
        write_atomically(&path.join(MARKER), marker_text(&self.lesson).as_bytes())?;
        Self::locked(&path, &self.lesson)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What stands in the marker.
fn marker_text(lesson: &str) -> String {
    format!(
        "lesson: {lesson}\nA lesson of the course writes to this folder and replaces its own files.\n"
    )
}

/// Removes what a killed run left behind half written. Nobody else writes here: we hold the lock.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            _ = fs::remove_file(entry.path());
        }
    }
}

/// Creates a folder with its parents; returns those that are new, the outermost first.
fn create_all(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut missing: Vec<PathBuf> = path
        .ancestors()
        .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    for (i, folder) in missing.iter().enumerate() {
        match fs::create_dir(folder) {
            Ok(()) => {}
            // Another run was faster, or the path goes up and down (`a/../b`).
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => {
                remove(&missing[..i]);
                return Err(e);
            }
        }
    }
    Ok(missing)
}

/// Removes folders that we made and that are still empty.
fn remove(created: &[PathBuf]) {
    for folder in created.iter().rev() {
        _ = fs::remove_dir(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(path: &Path) -> std::result::Result<(), String> {
        OutputFolder::claim(path, "rnn-basics").map(drop).map_err(|e| e.to_string())
    }

    #[test]
    fn new_empty_and_own_folders_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        claim(folder.path()).unwrap();
        let new = folder.path().join("a/b");
        claim(&new).unwrap();
        fs::write(new.join("metrics.json"), "{}").unwrap();
        claim(&new).unwrap();
        assert!(new.join("metrics.json").exists());
    }

    #[test]
    fn other_folders_are_refused_and_untouched() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let error = claim(folder.path()).unwrap_err();
        assert!(error.contains("thesis.txt") && error.contains("--out"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let other = tempfile::tempdir().unwrap();
        OutputFolder::claim(other.path(), "gru-seq").unwrap();
        let error = claim(other.path()).unwrap_err();
        assert!(error.contains("the output of gru-seq, not of rnn-basics"), "{error}");
    }

    #[test]
    fn a_folder_is_for_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        let first = OutputFolder::claim(&path, "rnn-basics").unwrap();
        let error = claim(&path).unwrap_err();
        assert!(error.contains("another run") && error.contains("--out"), "{error}");
        drop(first);
        claim(&path).unwrap();
    }

    #[test]
    fn what_a_killed_run_left_half_written_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        claim(folder.path()).unwrap();
        fs::write(folder.path().join(".unfinished-a1b2"), "half").unwrap();
        let whole = OutputFolder::claim(folder.path(), "rnn-basics").unwrap();
        assert!(!folder.path().join(".unfinished-a1b2").exists());
        fs::create_dir(folder.path().join("char-lm")).unwrap();
        fs::write(folder.path().join("char-lm/.unfinished-c3"), "half").unwrap();
        let part = whole.below("char-lm").unwrap();
        assert!(!part.path().join(".unfinished-c3").exists());
        assert!(whole.below("char-lm").unwrap_err().to_string().contains("another run"));
    }

    #[test]
    fn what_cannot_be_a_folder_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(claim(&file).unwrap_err().contains("not a folder"));
        assert!(claim(&file.join("x/y")).unwrap_err().contains("cannot write"));
        let long = folder.path().join("new").join("n".repeat(300));
        assert!(claim(&long).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
