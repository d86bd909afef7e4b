//! The commands as a user meets them.

use std::path::Path;
use std::process::{Command, Output};

fn lesson(folder: &Path, arguments: &[&str]) -> Output {
    let binary = env!("CARGO_BIN_EXE_lstm-textgen");
    Command::new(binary).args(arguments).current_dir(folder).output().unwrap()
}

#[track_caller]
fn worked(out: &Output) -> String {
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[track_caller]
fn refused(out: &Output, expected: &str) {
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains(expected) && !said.contains("panicked"), "{said}");
}

#[test]
fn a_trained_model_is_scored_and_writes() {
    let folder = tempfile::tempdir().unwrap();
    let small = ["--hidden", "24", "--batch", "16", "--seq-len", "32", "--steps", "30", "--quiet"];
    worked(&lesson(folder.path(), &[&["train", "--out", "mine"], &small[..]].concat()));
    let metrics = std::fs::read_to_string(folder.path().join("mine/metrics.json")).unwrap();
    for name in ["val_nats_per_char", "dev_nats_per_char", "tokens_per_s", "params", "steps"] {
        assert!(metrics.contains(&format!("charlm.{name}")), "{name} is not in {metrics}");
    }
    worked(&lesson(folder.path(), &["eval", "--model", "mine"]));
    let write =
        ["generate", "--model", "mine", "--prompt", "The ", "--length", "40", "--seed", "7"];
    let written = worked(&lesson(folder.path(), &write));
    assert!(written.chars().count() >= 40, "{written}");
    assert_eq!(written, worked(&lesson(folder.path(), &write)), "same seed, same text");
}

#[test]
fn mistakes_are_told_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("thesis")).unwrap();
    std::fs::write(folder.path().join("thesis/notes.txt"), "three years").unwrap();
    refused(&lesson(folder.path(), &["train", "--data", "missing.txt"]), "missing.txt");
    refused(&lesson(folder.path(), &["train", "--steps", "1", "--out", "thesis"]), "thesis");
    refused(&lesson(folder.path(), &["generate", "--model", "nothing"]), "nothing");
    refused(&lesson(folder.path(), &["--part", "chars"]), "char");
    let kept = std::fs::read_dir(folder.path().join("thesis")).unwrap().count();
    assert_eq!(kept, 1);
}
