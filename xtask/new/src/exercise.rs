//! `new exercise LESSON ID`: the files that `exercises/AUTHORING.md` lists.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::{Written, filled, is_identifier, write_new};

/// What is asked of the catalogue.
#[derive(Deserialize)]
struct Register {
    #[serde(rename = "exercise")]
    exercises: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    lesson: String,
}

/// Path, with `{{...}}`, and content.
const FILES: [(&str, &str); 5] = [
    ("exercises/src/{{lesson}}/{{id}}.rs", include_str!("../templates/exercise/stub.txt")),
    (
        "exercises/solutions/{{lesson}}/{{id}}.rs",
        include_str!("../templates/exercise/solution.txt"),
    ),
    ("exercises/cases/{{lesson}}/{{id}}.rs", include_str!("../templates/exercise/cases.txt")),
    (
        "exercises/mistakes/{{lesson}}/{{id}}.toml",
        include_str!("../templates/exercise/mistakes.txt"),
    ),
    (
        "exercises/alternatives/{{lesson}}/{{id}}/with_a_loop.rs",
        include_str!("../templates/exercise/alternative.txt"),
    ),
];

const CATALOGUE: &str = "exercises/catalogue.toml";

/// Writes an exercise, last in its lesson's section of the catalogue.
///
/// # Errors
/// A name that cannot be, a lesson that the catalogue does not know, an id or a file that exists, and what
/// cannot be read or written.
pub fn write(root: &Path, lesson: &str, id: &str) -> Result<Written> {
    let path = root.join(CATALOGUE);
    let catalogue =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let register: Register = toml::from_str(&catalogue).with_context(|| CATALOGUE.to_owned())?;
    ensure!(
        root.join("exercises/solutions").exists(),
        "this copy of the course has no solutions: it is one for learners, and new exercises belong in the whole course"
    );
    check(&register, lesson, id)?;

    let names = [("lesson", lesson), ("id", id)];
    let entry = filled(include_str!("../templates/exercise/catalogue.txt"), &names);
    let catalogue = with_entry(&catalogue, lesson, &entry)?;
    let files = FILES.map(|(path, text)| (filled(path, &names), filled(text, &names)));
    write_new(root, &files)?;
    fs::write(&path, catalogue).with_context(|| format!("cannot write {}", path.display()))?;

    let mut files: Vec<String> = files.into_iter().map(|(path, _)| path).collect();
    files.insert(0, format!("{CATALOGUE} (an entry, last of {lesson})"));
    let next = filled(include_str!("../templates/exercise/next.txt"), &names);
    Ok(Written { files, next })
}

fn check(register: &Register, lesson: &str, id: &str) -> Result<()> {
    let mut lessons: Vec<&str> = Vec::new();
    for Entry { lesson, .. } in &register.exercises {
        if !lessons.contains(&lesson.as_str()) {
            lessons.push(lesson);
        }
    }
    ensure!(
        lessons.contains(&lesson),
        "no lesson {lesson:?} in {CATALOGUE}. It has: {}.",
        lessons.join(", ")
    );
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        id.chars().all(plain)
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && is_identifier(id),
        "{id:?} cannot name a function. Take lower-case letters, digits and underscores, beginning with a letter and \
         no word of Rust: rnn_step."
    );
    let taken = register.exercises.iter().find(|entry| entry.id == id);
    if let Some(Entry { lesson, .. }) = taken {
        bail!(
            "there is an exercise {id} already, in {lesson}. Ids are unique over the whole course."
        );
    }
    Ok(())
}

/// The catalogue with an entry at the end of a lesson's section, which begins with `# ---- LESSON ---`.
fn with_entry(catalogue: &str, lesson: &str, entry: &str) -> Result<String> {
    let heading = |line: &str| {
        line.strip_prefix("# ---- ").and_then(|rest| rest.split(' ').next().map(str::to_owned))
    };
    let (mut at, mut end, mut inside) = (0, None, false);
    for line in catalogue.split_inclusive('\n') {
        if let Some(name) = heading(line) {
            if inside {
                end = Some(at);
                break;
            }
            inside = name == lesson;
        }
        at += line.len();
    }
    ensure!(
        inside,
        "{CATALOGUE} has no section `# ---- {lesson} ---`: add the line above its first exercise"
    );
    let (before, behind) = catalogue.split_at(end.unwrap_or(catalogue.len()));
    let gap = if behind.is_empty() { "" } else { "\n" };
    Ok(format!("{}\n\n{}\n{gap}{behind}", before.trim_end(), entry.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str =
        "# ---- a ----\n\n[[exercise]]\nid = 1\n\n# ---- b ----\n\n[[exercise]]\nid = 2\n";

    #[test]
    fn an_entry_stands_last_in_its_section() {
        let to = |lesson| with_entry(TWO, lesson, "NEW\n").unwrap();
        assert_eq!(to("a"), TWO.replace("1\n\n", "1\n\nNEW\n\n"));
        assert_eq!(to("b"), format!("{TWO}\nNEW\n"));
        let error = with_entry(TWO, "c", "NEW\n").unwrap_err().to_string();
        assert!(error.contains("no section `# ---- c"), "{error}");
    }
}
