//! The binary: commands work together, mistakes are told in a sentence, stopped runs go on.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A folder in which the binary runs.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gru-seq"));
        command.current_dir(&self.folder).args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs words without spaces in them, quietly, and expects success.
    fn succeeds(&self, arguments: &str) {
        let words: Vec<&str> = arguments.split_whitespace().chain(["--quiet"]).collect();
        let output = self.run(&words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {errors}");
    }

    /// Expects code 2 and a message that holds `part`.
    fn refuses(&self, arguments: &[&str], part: &str) {
        let output = self.run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(
            message.contains(part) && !message.contains("panicked"),
            "{arguments:?}: {message}"
        );
    }

    fn result(&self, out: &str, name: &str) -> f64 {
        let json = fs::read_to_string(self.path(out).join("metrics.json")).unwrap();
        let metrics: serde_json::Value = serde_json::from_str(&json).unwrap();
        metrics["results"][name].as_f64().unwrap_or_else(|| panic!("{name} in {json}"))
    }
}

const TINY: &str = "--hidden 12 --batch 16 --out out";

#[test]
fn a_network_is_trained_asked_and_looked_into() {
    let place = Place::new();
    place.succeeds(&format!("train dates {TINY} --steps 20"));
    let exact = place.result("out", "dates.exact_match");
    assert!((0.0..=1.0).contains(&exact));
    let predict = |arguments: &[&str]| {
        let words = [&["predict", "--model", "out/dates"], arguments].concat();
        let output = place.run(&words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(predict(&["--task", "dates", "3 March 1998"]).lines().count(), 1);
    assert_eq!(predict(&["--beam", "3", "3 March 1998"]).lines().count(), 3);
    // Without a text it reads lines; here there are none.
    assert_eq!(predict(&[]), "");
    let output = place.run(&["attention", "--model", "out/dates", "3 March 1998", "--out", "look"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_to_string(place.path("look/report.html")).unwrap().contains("<svg"));

    place.refuses(
        &["predict", "--model", "out/dates", "--task", "addition", "1+1="],
        "trained for dates",
    );
    place.refuses(&["predict", "--model", "nowhere", "x"], "cannot read");
    // Below the folder of a run there is one network: it is the one that is meant.
    assert!(place.run(&["predict", "--model", "out", "3 March 1998"]).status.success());
    place.refuses(&["predict", "--model", "look", "x"], "holds no model");
    place.refuses(&["predict", "--model", "out/dates", " "], "the text is empty");
    place.refuses(&["predict", "--model", "out/dates", "--beam", "0", "x"], "at least 1");
    place.refuses(&["predict", "--model", "out/dates", "--beam", "99999999", "x"], "too wide");
    let file = place.path("out/dates/model.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    place.refuses(&["predict", "--model", "out/dates", "x"], "model.safetensors");
}

#[test]
fn a_run_goes_on_to_the_same_bits_on_any_number_of_threads() {
    let place = Place::new();
    let model = |out: &str| fs::read(place.path(out).join("addition/model.safetensors")).unwrap();
    let settings = "train addition --hidden 12 --batch 16 --steps 12";
    place.succeeds(&format!("{settings} --threads 1 --out whole"));
    place.succeeds(&format!("{settings} --threads 2 --out two"));
    assert_eq!(model("whole"), model("two"));
    place.succeeds(&format!("{settings} --stop-at 5 --out cut"));
    place.succeeds("train addition --resume cut/addition");
    assert_eq!(model("whole"), model("cut"));
    // A finished run goes on for more steps, with its own settings.
    place.succeeds("train addition --resume two/addition --steps 20");
    assert_ne!(model("whole"), model("two"));
    assert_eq!(place.result("two", "addition.steps"), 20.0);
    let report = fs::read_to_string(place.path("two/report.html")).unwrap();
    assert!(report.contains("To repeat the run exactly"), "{report}");
}

#[test]
fn a_resumed_run_refuses_by_name_what_it_cannot_change() {
    let place = Place::new();
    place.succeeds(&format!("train addition {TINY} --steps 4 --seed 7"));
    for (more, part) in [
        ("addition --seed 1", "cannot take --seed 1 (the run's is 7)"),
        ("addition --hidden 12", "cannot take --hidden."),
        ("addition --hidden 8", "cargo run -p gru-seq -- train addition --resume out/addition`"),
        ("addition --attention dot --reversed", "--attention, --reversed"),
        ("addition --data pairs.tsv", "cannot take --data."),
        ("dates", "another task, addition, not of dates"),
    ] {
        let words = format!("train {more} --resume out/addition");
        place.refuses(&words.split_whitespace().collect::<Vec<_>>(), part);
    }
    place.succeeds("train addition --resume out/addition --seed 7 --steps 6");
}

#[test]
fn pairs_that_were_moved_are_found_by_their_checksum() {
    let place = Place::new();
    let pairs = pairs();
    fs::write(place.path("pairs.tsv"), &pairs).unwrap();
    place.succeeds(&format!("train translate --data pairs.tsv {TINY} --steps 5"));
    fs::rename(place.path("pairs.tsv"), place.path("renamed.tsv")).unwrap();
    place.succeeds("train translate --resume out/translate --steps 8");
    assert_eq!(place.result("out", "translate.steps"), 8.0);
    // Another file of that name is not it; the same content under any name is.
    fs::rename(place.path("renamed.tsv"), place.path("moved.txt")).unwrap();
    fs::write(place.path("renamed.tsv"), pairs.replace("cats", "dogs")).unwrap();
    let resume = ["train", "translate", "--resume", "out/translate", "--steps", "11"];
    place.refuses(&resume, "not what the run was trained on");
    place.succeeds(&format!("{} --data moved.txt", resume.join(" ")));
}

#[test]
fn earlier_runs_in_a_folder_are_kept() {
    let place = Place::new();
    let record = |name: &str| fs::read(place.path("out/dates").join(name)).unwrap();
    let run = |seed: usize| place.succeeds(&format!("train dates {TINY} --steps 2 --seed {seed}"));
    run(1);
    let first = record("run.safetensors");
    run(2);
    let second = record("run.safetensors");
    assert_eq!(record("previous/run-1.safetensors"), first);
    run(3);
    assert_eq!(record("previous/run-1.safetensors"), first);
    assert_eq!(record("previous/run-2.safetensors"), second);
    place.succeeds(
        "train dates --resume out/dates/previous/run-1.safetensors --out again --steps 3",
    );
}

/// Sixty pairs.
fn pairs() -> String {
    (0..60).map(|k| format!("The {k} cats.\tLes {k} chats.\n")).collect()
}

#[test]
fn pairs_of_ones_own_are_translated() {
    let place = Place::new();
    fs::write(place.path("pairs.tsv"), pairs()).unwrap();
    for tokens in ["--words 20", "--subwords 280"] {
        place.succeeds(&format!("train translate --data pairs.tsv {TINY} --steps 5 {tokens}"));
        let bleu = place.result("out", "translate.bleu");
        let memory = place.result("out", "translate.bleu_memory");
        assert!((0.0..=100.0).contains(&bleu) && memory > 5.0, "{bleu} {memory}");
    }
    let output = place.run(&["predict", "--model", "out/translate", "Les 7 chats."]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn mistakes_are_told() {
    let place = Place::new();
    fs::write(place.path("few.tsv"), "a\tb\n").unwrap();
    fs::write(place.path("bad.tsv"), "a\tb\nno tab\n").unwrap();
    for (arguments, part) in [
        (&["train", "translate", "--data", "few.tsv"][..], "too few to split"),
        (&["train", "translate", "--data", "bad.tsv"], "line 2"),
        (&["train", "translate", "--data", "missing.tsv"], "missing.tsv"),
        (&["train", "dates", "--data", "few.tsv"], "for the task translate"),
        (&["train", "dates", "--hidden", "0"], "at least 1"),
        (&["train", "dates", "--batch", "0"], "at least 1"),
        (&["train", "dates", "--own-tokens", "2"], "from 0 to 1"),
        (&["train", "dates", "--learning-rate", "-1"], "above 0"),
        (&["train", "dates", "--attention", "self"], "dot or additive"),
        (&["train", "dates", "--hidden", "9999999"], "too large"),
        (&["train", "sums"], "addition"),
        (&["--budget", "5s"], "train TASK"),
        (&["--stop-at", "5"], "--part addition"),
        (&["--part", "addison"], "addition"),
    ] {
        place.refuses(arguments, part);
    }
    assert!(!place.path("out").exists(), "a mistake leaves nothing behind");
}

#[test]
fn the_later_parts_run_with_few_steps() {
    let place = Place::new();
    for part in ["memory", "predict", "duel"] {
        place.succeeds(&format!("--part {part} --steps 2 --out {part}"));
    }
    for (out, name) in [
        ("memory", "memory.adding_gru_t10_mse"),
        ("memory", "memory.copy_lstm_chrono_t50_recalled"),
        ("predict", "predict.sunspots_linear_rmse"),
        ("duel", "duel.adding_problem.time.lstm"),
    ] {
        assert!(place.result(out, name) > 0.0, "{name}");
    }
    assert_eq!(place.result("duel", "duel.comparisons"), 18.0);
    for sound in ["strings-true.wav", "strings-forced.wav", "strings-free.wav"] {
        assert!(place.path("predict/predict").join(sound).exists(), "{sound}");
    }
}

#[test]
fn a_network_remembers_on_a_course() {
    let place = Place::new();
    place.succeeds("remember adding --cell gru --hidden 6 --course 4:3:0.01,6:2:0.005 --out a");
    assert!(place.result("a", "memory.adding_gru_course_t6_mse") > 0.0);
    let settings = "--hidden 6 --symbols 2 --course 4:3:0.01";
    place.succeeds(&format!("remember copying --chrono 8 {settings} --out b"));
    assert!(place.result("b", "memory.copy_lstm_chrono_t4_nats") > 0.0);
    for (more, part) in [
        ("--steps 5", "leave --steps away"),
        ("--save-every 5s --data x", "leave --save-every, --data away"),
        ("--cell gru --forget-bias 1", "for lstm"),
        ("--chrono 1", "more than 2 steps"),
        ("--batch 0", "at least 1"),
        ("--symbols 18446744073709551615 --course 4:3:0.01", "more memory"),
        ("--hidden 18446744073709551615 --course 4:3:0.01", "more memory"),
        ("--batch 1000000000000", "more memory"),
        ("--course 18446744073709551615:1:0.01", "more memory"),
        ("--course 1:1:0.01", "below 2"),
        ("--course 5:1:-1", "above 0"),
        ("--course 5:0:0.01", "at least 1"),
        ("--course 5:1", "not T:UPDATES:RATE"),
    ] {
        let course = if more.contains("--course") { "" } else { settings };
        let words = format!("remember copying {more} {course} --out c");
        place.refuses(&words.split_whitespace().collect::<Vec<_>>(), part);
    }
}
