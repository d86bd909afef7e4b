//! The binary: mistakes are told in a sentence and cost nothing; stopped runs go on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use seqcore::checkpoint::{Reader, Writer};

/// A folder with a text, in which the binary runs.
struct Place {
    folder: tempfile::TempDir,
}

/// Arguments for a run of an instant.
const TINY: &str = "--part char-lm --data text.txt --hidden 8 --batch 4 --seq-len 8 --steps 12";

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let words = "the king of night is gone and who will mend a bell with no tongue";
        let words: Vec<&str> = words.split(' ').collect();
        // Words in an order that does not repeat.
        let word = |k: usize| words[(k * k + k / 7) % words.len()];
        let line = |k: usize| (0..8).map(|i| word(8 * k + i)).collect::<Vec<_>>().join(" ");
        let text: Vec<String> = (0..100).map(line).collect();
        place.write("text.txt", text.join("\n"));
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write(&self, below: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(below).parent().unwrap()).unwrap();
        fs::write(self.path(below), content).unwrap();
    }

    fn read(&self, below: &str) -> Vec<u8> {
        fs::read(self.path(below)).unwrap_or_else(|e| panic!("{below}: {e}"))
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-basics"));
        command.current_dir(&self.folder).args(arguments.split_whitespace()).arg("--quiet");
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn succeeds(&self, arguments: &str) {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {errors}");
        assert_eq!(errors, "", "{arguments}");
    }

    /// Every file with its content.
    fn content(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        fn visit(folder: &Path, into: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    into.insert(path.clone(), None);
                    visit(&path, into);
                } else {
                    into.insert(path.clone(), Some(fs::read(&path).unwrap()));
                }
            }
        }
        let mut content = BTreeMap::new();
        visit(self.folder.path(), &mut content);
        content
    }

    /// Runs what must fail with code 2 and change nothing; the message.
    fn fails(&self, arguments: &str) -> String {
        let before = self.content();
        let output = self.run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.starts_with("error: ") && !message.contains("panicked"), "{message}");
        assert!(self.content() == before, "{arguments} changed something");
        message
    }

    /// As [`Place::fails`], with a message of one line that holds all of `parts`.
    fn refuses(&self, arguments: &str, parts: &[&str]) {
        let message = self.fails(arguments);
        assert_eq!(message.lines().count(), 1, "{arguments}: {message}");
        assert!(message.ends_with(".\n"), "{message}");
        for part in parts {
            assert!(message.contains(part), "{arguments}: no {part:?} in {message}");
        }
    }
}

#[test]
fn texts_that_cannot_be_used() {
    let place = Place::new();
    place.write("empty.txt", "");
    place.write("mark.txt", "\u{FEFF}");
    place.write("binary.txt", b"some\nbytes\0and more");
    place.write("latin.txt", b"caf\xe9");
    place.write("wide.txt", b"\xff\xfea\0b\0");
    place.write("short.txt", "To be, or not to be.");
    place.write("one.txt", "a");
    place.write("folder/file", "");
    for (name, parts) in [
        ("missing.txt", ["cannot read", "Check the path"]),
        ("folder", ["it is a folder", "Name a file"]),
        ("empty.txt", ["is empty", "Give a file"]),
        ("mark.txt", ["is empty", "Give a file"]),
        ("binary.txt", ["line 2", "binary"]),
        ("latin.txt", ["0xE9", "Save the file as UTF-8"]),
        ("wide.txt", ["UTF-16", "Save it as UTF-8"]),
        ("short.txt", ["18 tokens", "Use more text"]),
        ("one.txt", ["1 items", "Use more data"]),
    ] {
        let arguments = format!("--part char-lm --data {name}");
        place.refuses(&arguments, &[name, parts[0], parts[1]]);
    }
    // The same text is long enough for shorter sequences.
    place.succeeds("--part char-lm --data short.txt --hidden 3 --batch 1 --seq-len 2 --steps 2");
}

/// Nothing is downloaded without being asked for; the sentence says what to ask for.
#[test]
fn data_that_has_not_been_fetched() {
    let place = Place::new();
    let run = |arguments: &str| {
        let mut command = place.command(arguments);
        command.env("SEQ_DATA_DIR", place.path("cache")).env("CARGO", "false");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let message = run("--data tinyshakespeare");
    assert!(message.contains("`cargo xtask data fetch tinyshakespeare` (1.1 MB)"), "{message}");
    assert!(message.ends_with("or give the lesson --fetch as well.\n"), "{message}");
    let message = run("--data tinyshakespear --fetch");
    assert!(message.contains("neither a data set nor a file"), "{message}");
    if cfg!(unix) {
        let message = run("--data tinyshakespeare --fetch"); // `false` in place of cargo
        assert!(message.contains("`cargo xtask data fetch tinyshakespeare` failed"), "{message}");
    }
    assert!(!place.path("cache").exists() && !place.path("out").exists());
}

/// What is noted and checked is the file as it lies on the disk, not the text in it.
#[test]
fn a_text_is_noted_as_its_file_is() {
    let place = Place::new();
    let text = place.read("text.txt");
    place.write("dos.txt", [b"\xEF\xBB\xBF".as_slice(), &text].concat());
    place.succeeds(&TINY.replace("text.txt", "dos.txt"));
    let metrics: serde_json::Value =
        serde_json::from_slice(&place.read("out/rnn-basics/metrics.json")).unwrap();
    assert_eq!(metrics["data"][0]["name"], "dos.txt");
    assert_eq!(metrics["data"][0]["bytes"], text.len() + 3);
    let sha256 = seqcore::files::sha256(&place.read("dos.txt"));
    assert_eq!(metrics["data"][0]["sha256"], sha256);
    place.succeeds("--resume out/rnn-basics/char-lm --steps 14");
    place.write("dos.txt", &text); // the same text, another file
    place.refuses("--resume out/rnn-basics/char-lm --steps 16", &["dos.txt", "has changed"]);
}

#[test]
fn output_folders_that_are_not_ours() {
    let place = Place::new();
    place.write("file", "mine");
    place.write("thesis/chapter.txt", "years of work");
    place.write("thesis/char-lm/model.safetensors", "years of training");
    place.write("other/.course-output", "lesson: gru-seq\n");
    let to = |folder: &str| format!("{TINY} --out {folder}");
    place.refuses(&to("file"), &["cannot write file", "not a folder", "--out"]);
    let below = Path::new("file").join("x");
    let below = below.to_str().unwrap();
    place.refuses(&to(below), &[&format!("cannot write {below}"), "--out"]);
    place.refuses(&to("thesis"), &["cannot write thesis", "no lesson wrote", "--out"]);
    place.refuses(&to("other"), &["cannot write other", "output of gru-seq", "--out"]);
}

#[cfg(unix)]
#[test]
fn an_output_folder_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let locked = place.path("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), "").is_ok() {
        return; // nothing is locked for root
    }
    for folder in ["locked", "locked/x"] {
        place.refuses(&format!("{TINY} --out {folder}"), &["cannot write locked", "--out"]);
    }
}

#[test]
fn settings_that_cannot_work() {
    let place = Place::new();
    for (options, parts) in [
        ("--hidden 0", ["--hidden is 0", "at least 1"]),
        ("--layers 0", ["--layers is 0", "at least 1"]),
        ("--batch 0", ["--batch is 0", "at least 1"]),
        ("--seq-len 0", ["--seq-len is 0", "at least 1"]),
        ("--learning-rate nan", ["the learning rate is NaN", "above 0"]),
        ("--learning-rate 0", ["the learning rate is 0", "above 0"]),
        ("--learning-rate -1", ["the learning rate is -1", "above 0"]),
        ("--learning-rate inf", ["the learning rate is inf", "above 0"]),
        ("--hidden 1000000", ["too large", "fewer units"]),
        ("--layers 1000000000000000", ["too large", "fewer units or layers"]),
        ("--batch 1000", ["text.txt", "fewer streams"]),
        ("--batch 18446744073709551615", ["text.txt", "fewer streams"]),
        ("--seq-len 18446744073709551615", ["text.txt", "shorter sequences"]),
    ] {
        place.refuses(&format!("--part char-lm --data text.txt {options}"), &parts);
    }
    place.refuses("--resume nowhere --part recurrence", &["only the part char-lm", "resumed"]);
    // What cannot be understood is told with the usage, in a few lines.
    for (arguments, part) in [
        ("--part charlm", "char-lm"),
        ("--steps 0", "at least 1"),
        ("--steps 5 --budget 5s", "cannot be used with"),
        ("--threads 0", "at least 1"),
        ("--threads 99999999", "at most"),
        ("--budget soon", "1m30s"),
        ("--save-every 0", "more than zero"),
        ("--cell transformer", "rnn, rnn_relu, lstm or gru"),
        ("--hidden -3", "--hidden"),
        ("--seed x", "--seed"),
        ("--hold-out test", "val, dev"),
        ("--unheard-of", "--unheard-of"),
    ] {
        let message = place.fails(arguments);
        assert!(message.contains(part), "{arguments}: {message}");
    }
}

#[test]
fn training_that_diverges() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out out"));
    let good = place.read("out/char-lm/model.safetensors");
    let (metrics, report) = (place.read("out/metrics.json"), place.read("out/report.html"));
    let output = place.run(&format!("{TINY} --out out --learning-rate 1e38"));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        message.contains("diverged") && message.contains("Lower the learning rate"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1);
    assert_eq!(place.read("out/char-lm/previous/model.safetensors"), good);
    assert_eq!(place.read("out/metrics.json"), metrics);
    assert_eq!(place.read("out/report.html"), report);
}

#[test]
fn checkpoints_that_cannot_be_used() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out out"));
    place.write("file", "");
    place.write("empty/note", "");
    let (resume, model) = ("out/char-lm/resume.safetensors", "out/char-lm/model.safetensors");
    let (good, weights) = (place.read(resume), place.read(model));
    let refuses = |parts: &[&str]| place.refuses("--resume out/char-lm", parts);

    place.refuses("--resume nowhere", &["cannot read nowhere", "Check the path"]);
    place.refuses("--resume file", &["file: this is a file", "Name the folder"]);
    place.refuses("--resume empty", &["empty: it holds no resume", "Name the folder"]);

    place.write(resume, &good[..good.len() - 1000]); // truncated
    refuses(&["resume.safetensors", "not a whole", "train again"]);
    place.write(resume, "");
    refuses(&["resume.safetensors", "not a whole", "train again"]);
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    place.write(resume, altered);
    refuses(&["resume.safetensors", "checksum", "train again"]);
    place.write(resume, &weights); // foreign
    refuses(&["resume.safetensors", "not written for this purpose"]);
    place.write(resume, fs::read(fixture()).unwrap());
    refuses(&["resume.safetensors", "not written for this purpose"]);
    place.write(resume, &good);
    let progress =
        Reader::open(&place.path(resume)).unwrap().metadata("progress").unwrap().to_owned();
    let mut writer = Writer::default(); // the checkpoint of another lesson
    writer.metadata("progress", progress);
    writer.metadata("settings", r#"{"horizon": 24}"#);
    writer.write(&place.path(resume)).unwrap();
    refuses(&["resume.safetensors", "another lesson"]);
    place.write(resume, &good);

    let more = |arguments: &str| format!("--resume out/char-lm {arguments}");
    for other in ["--hidden 8", "--seed 7", "--data other.txt", "--cell lstm"] {
        place.refuses(&more(other), &["keeps its settings", "start a new run"]);
    }
    place.refuses(&more("--steps 11"), &["resume.safetensors", "has done 12 steps"]);
    place.write(model, &weights[..100]);
    refuses(&["model.safetensors", "not a whole"]);
    place.write(model, &weights);
    let text = place.read("text.txt");
    place.write("text.txt", [&text[..], b"!"].concat());
    refuses(&["text.txt", "has changed", "Start a new run"]);
    fs::remove_file(place.path("text.txt")).unwrap();
    refuses(&["cannot read text.txt", "Check the path"]);

    // With everything in its place again it goes on.
    place.write("text.txt", text);
    place.succeeds(&more("--steps 20"));
    assert_ne!(place.read(model), weights);
}

/// A safetensors file that PyTorch wrote.
fn fixture() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("parity/fixtures/layer_gru_nobias.safetensors")
}

#[test]
fn threads_and_budgets_change_no_bit() {
    let place = Place::new();
    // Sixteen streams are two shards of work.
    let settings = "--part char-lm --data text.txt --hidden 8 --batch 16 --seq-len 8";
    let model = |out: &str| place.read(&format!("{out}/char-lm/model.safetensors"));
    place.succeeds(&format!("{settings} --steps 12 --threads 1 --out one"));
    place.succeeds(&format!("{settings} --steps 12 --threads 2 --out two"));
    place.succeeds(&format!("{settings} --steps 12 --threads 2 --out seed --seed 2"));
    assert_eq!(model("one"), model("two"));
    assert_ne!(model("one"), model("seed"));

    // A budget prints the number of steps that repeats it.
    let output = place.command(&format!("{settings} --budget 0.2s --out timed")).output().unwrap();
    assert!(output.status.success());
    let metrics: serde_json::Value =
        serde_json::from_slice(&place.read("timed/metrics.json")).unwrap();
    let steps = metrics["results"]["charlm.steps"].as_f64().unwrap();
    let report = String::from_utf8(place.read("timed/report.html")).unwrap();
    assert!(report.contains(&format!("--steps {steps} --seed 1")));
    place.succeeds(&format!("{settings} --steps {steps} --out counted"));
    assert_eq!(model("counted"), model("timed"));
}

/// Stopping a run from outside.
#[cfg(unix)]
mod stopped {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    use seqcore::train::Saved;

    use super::*;

    /// A run of a second or two, on a fast machine too.
    const LONGER: &str =
        "--part char-lm --data text.txt --hidden 64 --batch 16 --seq-len 32 --steps 1500";

    /// The step of the checkpoint in `folder`, if there is one.
    fn saved_step(folder: &Path) -> Option<usize> {
        Saved::open(folder).ok().map(|saved| saved.progress().step)
    }

    /// Starts a run that saves often, and waits until it has saved something later than `step`.
    fn started(place: &Place, arguments: &str, folder: &str, step: Option<usize>) -> Child {
        let mut command = place.command(&format!("{arguments} --save-every 0.05s"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while saved_step(&place.path(folder)) <= step {
            assert!(begun.elapsed() < Duration::from_secs(60), "no checkpoint is written");
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    #[test]
    fn a_killed_run_resumes_to_the_same_bytes() {
        let place = Place::new();
        place.succeeds(&format!("{LONGER} --out whole"));
        let folder = "killed/char-lm";
        let kill = |mut child: Child| {
            child.kill().unwrap(); // SIGKILL
            let status = child.wait().unwrap();
            assert_eq!(status.signal(), Some(9), "it ended before it was killed: {status}");
            saved_step(&place.path(folder))
        };
        let first = kill(started(&place, &format!("{LONGER} --out killed"), folder, None));
        let second = kill(started(&place, &format!("--resume {folder}"), folder, first));
        assert!(first < second && second < Some(1500), "{first:?}, {second:?}");
        place.succeeds(&format!("--resume {folder} --threads 1"));
        let model = |out: &str| place.read(&format!("{out}/char-lm/model.safetensors"));
        assert_eq!(model("killed"), model("whole"));
    }

    #[test]
    fn control_c_saves_and_says_how_to_go_on() {
        let place = Place::new();
        place.succeeds(&format!("{LONGER} --out whole"));
        let child = started(&place, &format!("{LONGER} --out out"), "out/char-lm", None);
        // The shell's own `kill`: small images have no such program.
        let pid = child.id().to_string();
        let signal = Command::new("sh").args(["-c", "kill -INT \"$0\"", &pid]).status();
        assert!(signal.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        let step = saved_step(&place.path("out/char-lm")).unwrap();
        assert!(message.contains(&format!("Stopped at step {step} of 1500.")), "{message}");
        assert!(message.contains("out/char-lm/resume.safetensors"), "{message}");
        assert!(!place.path("out/report.html").exists());
        // The sentence ends with what to type.
        let (_, resume) = message.trim().split_once("go on with ").unwrap();
        place.succeeds(resume);
        let model = |out: &str| place.read(&format!("{out}/char-lm/model.safetensors"));
        assert_eq!(model("out"), model("whole"));
    }
}
