//! `handout DIR`: the course as learners get it.
//!
//! Left out are the solutions, the known mistakes, the generators of cases and what only instructors
//! need. Their place is taken by recorded exams (see `recorded`), so that a copy still grades and says what went wrong. The exercises
//! are the stubs, whatever stands in `src/` at the moment.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::files;
use crate::bank::Bank;
use crate::catalogue::{Course, Exercise, read};
use crate::parallel;
use crate::recorded::{self, Drawing};
use crate::say;
use crate::selfcheck;

/// What learners do not get.
const LEFT_OUT: [&str; 11] = [
    ".ci/",
    ".github/",
    "CONTRIBUTING.md",
    "fuzz/",
    "docs/grading.md",
    "exercises/AUTHORING.md",
    "exercises/alternatives/",
    "exercises/cases/",
    "exercises/mistakes/",
    "exercises/solutions/",
    "xtask/grade/tests/",
];

/// The test of a copy, in the place of those that know the solutions.
const TEST: &str = include_str!("handout_test.txt");

/// Writes a copy into `to`, which is not there yet or empty, with these exams; with `check`, builds and
/// tests it there.
///
/// # Errors
/// A folder with something in it, stubs that are out of date, broken files of the course, and, with `check`,
/// a copy that does not build or pass.
pub fn handout(
    bank: Bank,
    exams: &[&Exercise],
    workspace: &Path,
    to: &Path,
    check: bool,
) -> Result<usize> {
    ensure!(!recorded::is_handout(bank.course), "this is a handout already");
    let is_empty = fs::read_dir(to).map_or(true, |mut entries| entries.next().is_none());
    ensure!(is_empty, "{} is not empty; name another folder", to.display());
    for stale in selfcheck::derived(bank.course, false)? {
        // Learners' work in src/ is no matter; a stub that is not copied is.
        if stale.starts_with("stubs/") {
            bail!("{stale} is out of date: `cargo xtask selfcheck --write`");
        }
    }
    let all = files::all(workspace, &LEFT_OUT)?;
    for (path, from) in &all {
        let own = to.join(path);
        fs::create_dir_all(own.parent().context("it lies in a folder")?)?;
        let text = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
        fs::write(&own, rewritten(path, text))
            .with_context(|| format!("cannot write {}", own.display()))?;
    }
    let course = Course { root: to.join("exercises"), ..bank.course.clone() };
    let recorded = parallel::map(exams, |exercise| record(bank, exercise, &course));
    recorded.into_iter().collect::<Result<Vec<_>>>()?;
    let test = to.join("xtask/grade/tests/handout.rs");
    fs::create_dir_all(test.parent().context("it lies in a folder")?)?;
    fs::write(test, TEST)?;
    leaks(bank.course, &course)?;
    if check {
        cargo(to, &["build", "--locked"])?;
        cargo(to, &["test", "--locked"])?;
        cargo(to, &["test", "--locked", "-p", "kit", "-p", "xtask-grade", "--tests"])?;
    }
    Ok(all.len() + 1 + exams.len())
}

/// Draws an exercise's exams where its solution is, for a course where it is not.
fn record(bank: Bank, exercise: &Exercise, to: &Course) -> Result<()> {
    let draw = |seed| {
        let exam = bank.exam(exercise, seed)?;
        Ok(Drawing { mistakes: bank.mistakes(exercise, &exam)?, exam })
    };
    let drawings = recorded::SEEDS.into_iter().map(draw).collect::<Result<Vec<_>>>()?;
    recorded::write(to, exercise, &drawings)
}

/// What a file says that is not true of a copy.
fn rewritten(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    match path {
        "Cargo.toml" => text.replace("exclude = [\"fuzz\"]\n", "").into_bytes(),
        // Links of instructors' pages lead nowhere here.
        _ if path.ends_with(".md") && text.contains("](") => {
            let mut text = text;
            for page in ["AUTHORING.md", "CONTRIBUTING.md", "grading.md"] {
                text = without_links(&text, page);
            }
            text.into_bytes()
        }
        _ => bytes,
    }
}

/// The text with `[words](.../page)` as words.
fn without_links(text: &str, page: &str) -> String {
    let mut out = text.to_owned();
    let mut from = 0;
    while let Some(at) = out[from..].find("](").map(|at| from + at) {
        let Some(end) = out[at..].find(')').map(|end| at + end) else { break };
        let target = out[at + 2..end].split('#').next().unwrap_or_default();
        match out[..at].rfind('[') {
            Some(start) if target == page || target.ends_with(&format!("/{page}")) => {
                out = format!("{}{}{}", &out[..start], &out[start + 1..at], &out[end + 1..]);
                from = start;
            }
            _ => from = end,
        }
    }
    out
}

/// No file of the copy is one of those that were left out, under whatever name.
fn leaks(course: &Course, copy: &Course) -> Result<()> {
    for exercise in &course.exercises {
        let solution = read(&course.file("solutions", exercise))?;
        let own = read(&copy.file("src", exercise))?;
        ensure!(own != solution, "the stub of {} is its solution", exercise.id);
    }
    for tree in ["solutions", "mistakes", "alternatives", "cases"] {
        ensure!(!copy.root.join(tree).exists(), "{tree} came along");
    }
    Ok(())
}

fn cargo(folder: &Path, arguments: &[&str]) -> Result<()> {
    say!("cargo {} ...", arguments.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(arguments)
        .current_dir(folder)
        .env_remove("CARGO_MANIFEST_DIR")
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the copy fails: cargo {}", arguments.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn links_to_pages_that_are_left_out_become_words() {
        let text =
            "see [how](../exercises/AUTHORING.md#x) and [this](README.md), [that](AUTHORING.md).";
        assert_eq!(
            super::without_links(text, "AUTHORING.md"),
            "see how and [this](README.md), that."
        );
    }
}
