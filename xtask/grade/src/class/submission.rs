//! What learners handed in: a folder or a zip each.
//!
//! Of each, only the exercises' own `.rs` files are taken, by their names; never a Cargo.toml, a build
//! script, a toolchain file, a `.cargo` folder. Nothing is unpacked to the disk, and no link is followed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use zip::ZipArchive;

use crate::catalogue::Course;

/// The longest file that is taken; a solution has 2 to 4 KB.
pub const LONGEST: u64 = 64 << 10;
/// The largest zip that is opened.
const LARGEST_ZIP: u64 = 32 << 20;
/// How many files and folders of a submission are looked at.
const MOST_ENTRIES: usize = 5000;
/// How deep folders are looked into.
const DEPTH: usize = 8;
/// Folders that hold other things than what is handed in.
const NOT_OURS: [&str; 12] = [
    "target",
    "crates",
    "xtask",
    "solutions",
    "stubs",
    "cases",
    "mistakes",
    "alternatives",
    "recorded",
    "node_modules",
    "__MACOSX",
    "out",
];

/// A learner's file for an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Its text, with `\n` at the end of lines.
    Text(String),
    /// It was there, and cannot be taken; why.
    Not(String),
}

/// What a learner handed in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Submission {
    /// The folder's or zip's name: whose it is. Anything can stand in it.
    pub learner: String,
    /// By exercise.
    pub files: BTreeMap<String, Taken>,
    /// What else the learner should know.
    pub notes: Vec<String>,
}

/// Where a file for an exercise was found; the best of several is taken.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Not in a folder of its lesson's name.
    is_elsewhere: bool,
    depth: usize,
    path: String,
}

/// Whether what lies in a folder of this name is nothing that is handed in.
fn is_other(folder: &str) -> bool {
    NOT_OURS.contains(&folder) || (folder.starts_with('.') && folder != "." && folder != "..")
}

/// Which exercise a file is for, if any.
fn place(course: &Course, path: &str) -> Option<(String, Place)> {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let (file, folders) = parts.split_last()?;
    if folders.iter().any(|folder| is_other(folder)) || folders.len() > DEPTH {
        return None;
    }
    let exercise = course.exercises.iter().find(|e| file.strip_suffix(".rs") == Some(&e.id))?;
    let is_elsewhere = folders.last() != Some(&exercise.lesson.as_str());
    Some((exercise.id.clone(), Place { is_elsewhere, depth: folders.len(), path: path.to_owned() }))
}

/// Collects the best file for each exercise.
#[derive(Default)]
struct Collector {
    best: BTreeMap<String, (Place, Taken)>,
    notes: Vec<String>,
}

impl Collector {
    fn offer(&mut self, course: &Course, path: &str, taken: impl FnOnce() -> Taken) {
        let Some((id, place)) = place(course, path) else { return };
        if let Some((old, _)) = self.best.get(&id) {
            let (used, left) = if place < *old { (&place, old) } else { (old, &place) };
            self.notes.push(format!(
                "{id}: there are {} and {}; the first was graded",
                used.path, left.path
            ));
            if *old <= place {
                return;
            }
        }
        self.best.insert(id, (place, taken()));
    }

    fn finish(self, learner: String) -> Submission {
        let mut notes = self.notes;
        if self.best.is_empty() && notes.is_empty() {
            notes.push(
                "no file is named like an exercise: LESSON/ID.rs is what is looked for".into(),
            );
        }
        notes.truncate(20);
        let files = self.best.into_iter().map(|(id, (_, taken))| (id, taken)).collect();
        Submission { learner, files, notes }
    }
}

fn text(file: impl Read) -> Taken {
    let mut bytes = Vec::new();
    match file.take(LONGEST + 1).read_to_end(&mut bytes) {
        Err(error) => Taken::Not(format!("it cannot be read: {error}")),
        Ok(count) if count as u64 > LONGEST => {
            Taken::Not(format!("it is longer than {} KB", LONGEST >> 10))
        }
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => Taken::Text(text.trim_start_matches('\u{feff}').replace("\r\n", "\n")),
            Err(_) => Taken::Not("it is not UTF-8 text".into()),
        },
    }
}

fn walk(course: &Course, root: &Path, collector: &mut Collector) -> Result<()> {
    let mut open = vec![(root.to_owned(), String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, name, depth)) = open.pop() {
        let mut entries: Vec<_> =
            fs::read_dir(&folder)?.take(MOST_ENTRIES).collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            seen += 1;
            if seen > MOST_ENTRIES {
                collector.notes.push(format!("only the first {MOST_ENTRIES} files were looked at"));
                return Ok(());
            }
            let file = entry.file_name().to_string_lossy().into_owned();
            if is_other(&file) {
                continue;
            }
            let path = if name.is_empty() { file } else { format!("{name}/{file}") };
            // The kind of the entry itself, not of what a link leads to.
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < DEPTH {
                open.push((entry.path(), path, depth + 1));
            } else if kind.is_file() {
                collector.offer(course, &path, || match File::open(entry.path()) {
                    Ok(file) => text(file),
                    Err(error) => Taken::Not(format!("it cannot be read: {error}")),
                });
            } else if kind.is_symlink() {
                collector.offer(course, &path, || {
                    Taken::Not("it is a link, and links are not followed".into())
                });
            } else if !kind.is_dir() {
                collector.offer(course, &path, || Taken::Not("it is no regular file".into()));
            }
        }
    }
    Ok(())
}

fn unzip(course: &Course, path: &Path, collector: &mut Collector) -> Result<()> {
    let size = fs::metadata(path)?.len();
    if size > LARGEST_ZIP {
        bail!("the zip has {} MB; at most {} are opened", size >> 20, LARGEST_ZIP >> 20);
    }
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).context("it is no zip")?;
    if archive.len() > MOST_ENTRIES {
        bail!("the zip has {} entries; at most {MOST_ENTRIES} are looked at", archive.len());
    }
    for index in 0..archive.len() {
        let member = archive.by_index(index);
        let member = match member {
            Ok(member) => member,
            // Encrypted, or packed in an unusual way.
            Err(error) => {
                collector
                    .notes
                    .push(format!("entry {} of the zip cannot be read: {error}", index + 1));
                continue;
            }
        };
        let Ok(name) = member.name().map(|name| name.into_owned()) else { continue };
        if member.is_symlink() {
            collector.offer(course, &name, || {
                Taken::Not("it is a link, and links are not followed".into())
            });
        } else if member.is_file() {
            collector.offer(course, &name, || text(member));
        }
    }
    Ok(())
}

/// Reads one submission, folder or zip. What is wrong with it is among its notes.
pub fn read(course: &Course, path: &Path, learner: &str) -> Submission {
    let mut collector = Collector::default();
    let result = match path.is_dir() {
        true => walk(course, path, &mut collector),
        false => unzip(course, path, &mut collector),
    };
    if let Err(error) = result {
        collector.notes.push(format!("the submission cannot be read: {error:#}"));
    }
    collector.finish(learner.to_owned())
}

/// Who handed in something, by name, and where it lies; and what lies there that is no submission.
///
/// # Errors
/// A folder that is not there.
pub fn find(folder: &Path) -> Result<(BTreeMap<String, std::path::PathBuf>, Vec<String>)> {
    let (mut found, mut notes) = (BTreeMap::new(), Vec::new());
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    // Folders come before zips of the same name.
    entries.sort_by_key(|entry| {
        (!entry.file_type().is_ok_and(|kind| kind.is_dir()), entry.file_name())
    });
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let zip = name.len().checked_sub(4).filter(|&at| name.is_char_boundary(at));
        let zip =
            zip.map(|at| name.split_at(at)).filter(|(_, end)| end.eq_ignore_ascii_case(".zip"));
        let learner = match zip {
            _ if name.starts_with('.') || name == "__MACOSX" => continue,
            // The instructor's own; see `roster`.
            _ if kind.is_file() && name.ends_with(".csv") => continue,
            _ if kind.is_dir() => name.clone(),
            Some((stem, _)) if kind.is_file() => stem.to_owned(),
            _ if kind.is_symlink() => {
                notes.push(format!("{name} is a link, and links are not followed"));
                continue;
            }
            _ => {
                notes.push(format!("{name} is neither a folder nor a zip"));
                continue;
            }
        };
        if found.contains_key(&learner) {
            notes.push(format!("{name}: there is a folder of this name, which is graded instead"));
            continue;
        }
        found.insert(learner, entry.path());
    }
    Ok((found, notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn course() -> Course {
        Course::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../exercises")).unwrap()
    }

    fn taken<'s>(submission: &'s Submission, id: &str) -> &'s Taken {
        &submission.files[id]
    }

    #[test]
    fn only_the_exercises_files_are_taken_from_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join("ann").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for other in
            ["Cargo.toml", "build.rs", ".cargo/config.toml", "rust-toolchain.toml", "rnn/other.rs"]
        {
            write(other, "evil");
        }
        write("exercises/src/rnn/rnn_step.rs", "\u{feff}mine\r\n");
        write("exercises/solutions/rnn/rnn_step.rs", "not mine");
        write("old/rnn_step.rs", "older");
        write("exercises/src/lstm/top_p.rs", &"x".repeat(70_000));
        let secret = folder.path().join("secret.rs");
        fs::write(&secret, "secret").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&secret, folder.path().join("ann/lstm_step_backward.rs"))
            .unwrap();
        let (found, notes) = find(folder.path()).unwrap();
        assert_eq!(
            (found.len(), notes.as_slice()),
            (1, &["secret.rs is neither a folder nor a zip".to_owned()][..])
        );
        let submission = read(&course(), &found["ann"], "ann");
        assert_eq!(taken(&submission, "rnn_step"), &Taken::Text("mine\n".into()));
        assert!(
            submission.notes[0]
                .contains("there are exercises/src/rnn/rnn_step.rs and old/rnn_step.rs")
        );
        assert_eq!(taken(&submission, "top_p"), &Taken::Not("it is longer than 64 KB".into()));
        #[cfg(unix)]
        assert!(
            matches!(taken(&submission, "lstm_step_backward"), Taken::Not(why) if why.contains("link"))
        );
    }

    #[test]
    fn a_zip_is_read_where_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bob.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        let plain = zip::write::SimpleFileOptions::default();
        for (name, text) in [("../../rnn/rnn_step.rs", "mine"), ("/etc/top_p.rs", "also")] {
            zip.start_file(name, plain).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        // A bomb: 50 MB of zeros in 50 KB.
        zip.start_file("lstm/lstm_step_backward.rs", plain).unwrap();
        for _ in 0..50 {
            zip.write_all(&vec![0; 1 << 20]).unwrap();
        }
        zip.finish().unwrap();
        let (found, _) = find(folder.path()).unwrap();
        let submission = read(&course(), &found["bob"], "bob");
        assert_eq!(submission.notes, Vec::<String>::new());
        // Names are only compared; nothing is written anywhere.
        assert_eq!(taken(&submission, "rnn_step"), &Taken::Text("mine".into()));
        assert!(matches!(taken(&submission, "lstm_step_backward"), Taken::Not(_)));
        fs::write(&path, "no zip").unwrap();
        assert!(read(&course(), &path, "bob").notes[0].contains("it is no zip"));
    }
}
