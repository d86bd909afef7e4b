//! What `new` writes works: the exercise passes its own selfcheck, the lesson compiles and shows its part. All of
//! it in copies; the course is only read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lesson::terminal::Terminal;
use lesson::{Lesson, Part, RunArgs, Screen, Syllabus};
use tempfile::TempDir;
use xtask_grade::bank::Bank;
use xtask_grade::catalogue::Course;
use xtask_grade::compile::Workshop;
use xtask_grade::selfcheck;
use xtask_new::{exercise, lesson as new_lesson};

// The skeleton's part as it is written: there is no name in it to fill in.
#[path = "../templates/lesson/one_unit.txt"]
#[allow(missing_docs)]
mod one_unit;

fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}

/// A folder with the catalogue and the manifest, and with solutions, as the whole course has them.
fn copy() -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::create_dir_all(folder.path().join("exercises/solutions")).unwrap();
    for file in ["Cargo.toml", "exercises/catalogue.toml"] {
        fs::copy(root().join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// Every file below a folder with its content, to see that nothing changed.
fn content(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(content(&path));
        } else {
            all.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn an_exercise_passes_its_own_selfcheck() {
    let folder = copy();
    let written = exercise::write(folder.path(), "lstm", "brand_new").unwrap();
    for file in &written.files {
        let path = folder.path().join(file.split(' ').next().unwrap());
        assert!(path.exists(), "{file}");
    }
    assert!(written.next.contains("cargo xtask selfcheck --write brand_new"));

    let whole = Course::open(&folder.path().join("exercises")).unwrap();
    let place = whole.exercises.iter().position(|exercise| exercise.id == "brand_new").unwrap();
    assert_eq!(whole.exercises[place - 1].lesson, "lstm");
    assert_eq!(whole.exercises[place + 1].lesson, "gru");

    // The others have no files here.
    let course = Course { exercises: vec![whole.exercises[place].clone()], ..whole };
    let stale = selfcheck::derived(&course, true).unwrap();
    assert_eq!(stale, ["src/lib.rs", "stubs/lstm/brand_new.rs"]);
    let programs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exercises");
    let workshop = Workshop::new(&root(), &programs);
    let bank = Bank { course: &course, workshop: &workshop };
    let findings = selfcheck::selfcheck(bank, &[&course.exercises[0]], &|_, _| ());
    assert!(findings.faults.is_empty(), "{:#?}", findings.faults);
    assert_eq!(findings.mistakes, 4);
}

#[test]
fn a_lesson_compiles() {
    let folder = copy();
    let written = new_lesson::write(folder.path(), "brand-new").unwrap();
    assert!(written.files.iter().all(|file| folder.path().join(file).exists()));

    // A workspace of this one package, with the course's crates where they are.
    let path = folder.path().join("Cargo.toml");
    let manifest = fs::read_to_string(&path).unwrap();
    let members = manifest.lines().find(|line| line.starts_with("members = ")).unwrap();
    let defaults = manifest.lines().find(|line| line.starts_with("default-members = ")).unwrap();
    let own = manifest
        .replace(members, "members = [\"crates/brand-new\"]")
        .replace(defaults, "")
        .replace(
            "path = \"",
            &format!("path = \"{}/", root().display().to_string().replace('\\', "/")),
        );
    let own = own.split("# They wait for compilers").next().unwrap(); // profiles of packages that are not here
    fs::write(&path, own).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let check = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--all-targets", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("lesson"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success() && said.is_empty(), "{said}"); // no warnings either
}

#[test]
fn a_lesson_shows_a_table() {
    const SYLLABUS: Syllabus = Syllabus {
        name: "brand-new",
        title: "Test",
        about: "The skeleton's part.",
        parts: &[Part { name: "one-unit", about: "the part" }],
        examples: &[],
    };
    let folder = tempfile::tempdir().unwrap();
    let screen = Screen::memory(Terminal::plain(80), false);
    let args = RunArgs { out: Some(folder.path().join("out")), ..RunArgs::default() };
    let mut lesson = Lesson::on(&SYLLABUS, &args, screen.clone()).unwrap();
    one_unit::run(&mut lesson);
    lesson.finish().unwrap();
    let text = screen.text();
    assert!(
        text.contains("w = 0.5") && text.contains("0.7616") && text.contains("0.8586"),
        "{text}"
    );
}

#[test]
fn nothing_is_overwritten() {
    let folder = copy();
    let path = folder.path().join("exercises/mistakes/rnn/taken.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "mine").unwrap();
    fs::create_dir_all(folder.path().join("crates/taken")).unwrap();
    fs::write(folder.path().join("crates/taken/README.md"), "mine").unwrap();
    let before = content(folder.path());
    for (error, name) in [
        (exercise::write(folder.path(), "rnn", "taken").unwrap_err(), "mistakes/rnn/taken.toml"),
        (new_lesson::write(folder.path(), "taken").unwrap_err(), "crates/taken/README.md"),
    ] {
        let error = error.to_string();
        assert!(error.contains(name) && error.contains("nothing was written"), "{error}");
    }
    assert_eq!(content(folder.path()), before);
}

#[test]
fn names_that_cannot_be_are_refused() {
    let folder = copy();
    let before = content(folder.path());
    let exercise = |lesson, id| exercise::write(folder.path(), lesson, id).unwrap_err().to_string();
    for id in ["", "Step", "a-b", "1st", "_x", "match", "self", "a/b", "../x", "é"] {
        assert!(exercise("rnn", id).contains("cannot name a function"), "{id}");
    }
    assert!(
        exercise("rnn", "lstm_step").contains("there is an exercise lstm_step already, in lstm")
    );
    assert!(exercise("rnns", "x").contains("It has: rnn, lstm, gru"));
    let lesson = |name| new_lesson::write(folder.path(), name).unwrap_err().to_string();
    for name in ["", "Gru", "a_b", "-a", "a-", "a--b", "2d", "match", "a/b", "../x"] {
        assert!(lesson(name).contains("cannot name a package"), "{name}");
    }
    for name in ["rand", "seqcore", "test", "exercises"] {
        assert!(lesson(name).contains("a package that the course uses"), "{name}");
    }
    assert_eq!(content(folder.path()), before);

    // A handout has no solutions.
    fs::remove_dir_all(folder.path().join("exercises/solutions")).unwrap();
    assert!(exercise("rnn", "x").contains("whole course"));
}
