//! The commands as a user meets them.

#[path = "lesson/exchange.rs"]
mod exchange;

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
    for name in ["test_nats_per_char", "dev_nats_per_char", "tokens_per_s", "params", "steps"] {
        assert!(metrics.contains(&format!("charlm.{name}")), "{name} is not in {metrics}");
    }
    worked(&lesson(folder.path(), &["eval", "--model", "mine"]));
    let write =
        ["generate", "--model", "mine", "--prompt", "The ", "--length", "40", "--seed", "7"];
    let written = worked(&lesson(folder.path(), &write));
    assert!(written.chars().count() >= 40, "{written}");
    assert_eq!(written, worked(&lesson(folder.path(), &write)), "same seed, same text");

    let said =
        worked(&lesson(folder.path(), &["explore", "--model", "mine", "--text", "To be,\\nor"]));
    assert!(said.contains("reads 9 characters") && said.contains("explore.html"), "{said}");
    let page = std::fs::read_to_string(folder.path().join("mine/explore.html")).unwrap();
    assert!(page.contains(r#""pieces":["T","o"," ","b","e",",","\n","o","r"]"#));
    // The page of before may be replaced, a file of the user's not.
    worked(&lesson(folder.path(), &["explore", "--model", "mine", "--length", "50"]));
    std::fs::write(folder.path().join("notes.html"), "three years").unwrap();
    let taken = ["explore", "--model", "mine", "--out", "notes.html"];
    refused(&lesson(folder.path(), &taken), "notes.html");
    refused(
        &lesson(folder.path(), &["explore", "--model", "mine", "--text", "T"]),
        "two characters",
    );

    worked(&lesson(folder.path(), &["export", "--model", "mine", "--out", "mine.safetensors"]));
    refused(
        &lesson(folder.path(), &["export", "--model", "mine", "--out", "mine.safetensors"]),
        "exists",
    );
    worked(&lesson(folder.path(), &["import", "mine.safetensors", "--out", "back"]));
    refused(&lesson(folder.path(), &["import", "mine.safetensors", "--out", "back"]), "already");
    let again = write.map(|word| if word == "mine" { "back" } else { word });
    assert_eq!(written, worked(&lesson(folder.path(), &again)), "there and back, the same text");
    refused(&lesson(folder.path(), &["import", "notes.html"]), "safetensors");
}

#[test]
fn a_run_that_goes_on_keeps_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &str| {
        lesson(folder.path(), &arguments.split(' ').chain(["--quiet"]).collect::<Vec<_>>())
    };
    let small = "train --hidden 8 --batch 4 --seq-len 16 --steps 20 --seed 7";
    worked(&run(&format!("{small} --out whole")));
    worked(&run(&format!("{small} --out mine --stop-at 9")));
    refused(&run("train --resume mine --seed 1"), "--seed 1 (the run's is 7)");
    refused(&run("train --resume mine --hidden 512"), "cannot take --hidden.");
    refused(
        &run("train --resume mine --dev-only"),
        "`cargo run -p lstm-textgen -- train --resume mine`",
    );
    refused(&run("--resume mine"), "`cargo run -p lstm-textgen -- train --resume mine`");
    worked(&run("train --resume mine --seed 7"));
    let model =
        |out: &str| std::fs::read(folder.path().join(out).join("model.safetensors")).unwrap();
    assert!(model("mine") == model("whole"), "the bits of the run that was never stopped");
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
