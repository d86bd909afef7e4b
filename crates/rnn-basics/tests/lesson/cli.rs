//! The binary: mistakes are told in a sentence and cost nothing; stopped runs go on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lesson::files::weights::{self, Reader, Writer};
use lesson::run::Record;

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
        let is_expected =
            |line: &str| line.starts_with("note: ") || line.starts_with("Stopped at ");
        assert!(errors.lines().all(is_expected), "{arguments}: {errors}");
    }

    /// Whether two safetensors files hold the same arrays under these prefixes.
    fn same_arrays(&self, [one, other]: [&str; 2], [of_one, of_other]: [&str; 2]) -> bool {
        let [one, other] = [one, other].map(|file| Reader::open(&self.path(file)).unwrap());
        let names = one.names();
        let names: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix(of_one)).collect();
        let array = |file: &Reader, prefix: &str, name: &str| {
            file.array::<f32>(&format!("{prefix}{name}")).unwrap()
        };
        !names.is_empty()
            && names.iter().all(|n| array(&one, of_one, n) == array(&other, of_other, n))
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
    let sha256 = lesson::files::sha256(&place.read("dos.txt"));
    assert_eq!(metrics["data"][0]["sha256"], sha256);
    place.succeeds("--resume out/rnn-basics/char-lm --steps 14");
    place.write("dos.txt", &text); // the same text, another file
    let again = "--resume out/rnn-basics/char-lm --steps 16";
    place.refuses(
        again,
        &["dos.txt", "its content is not what the run was trained on", "--data PATH"],
    );
    place.write("dos.txt.txt", b"something else");
    // The right file is named, wherever it lies now.
    let right = [b"\xEF\xBB\xBF".as_slice(), &text].concat();
    place.write("elsewhere/dos.txt", right);
    place.succeeds(&format!("{again} --data elsewhere/dos.txt"));
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
        ("--layers 1000000000000000", ["layers are too many", "250 are the most"]),
        ("--batch 1000", ["text.txt", "fewer streams"]),
        ("--batch 18446744073709551615", ["text.txt", "fewer streams"]),
        ("--seq-len 18446744073709551615", ["text.txt", "shorter sequences"]),
    ] {
        place.refuses(&format!("--part char-lm --data text.txt {options}"), &parts);
    }
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
        ("--hold-out val", "test or dev"),
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
    assert_eq!(message.lines().count(), 2, "{message}"); // and where the run before is kept
    place.write("good.safetensors", good);
    let kept = ["out/char-lm/previous/run-1.safetensors", "good.safetensors"];
    assert!(place.same_arrays(kept, ["kept.", ""]));
    assert_eq!(place.read("out/metrics.json"), metrics);
    assert_eq!(place.read("out/report.html"), report);
}

#[test]
fn checkpoints_that_cannot_be_used() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out out"));
    place.write("file", "");
    place.write("empty/note", "");
    let (record, model) = ("out/char-lm/run.safetensors", "out/char-lm/model.safetensors");
    let (good, weights) = (place.read(record), place.read(model));
    let refuses = |parts: &[&str]| place.refuses("--resume out/char-lm", parts);

    place.refuses("--resume nowhere", &["cannot read nowhere", "Check the path"]);
    place.refuses("--resume file", &["file: this is not a whole", "train again"]);
    place.refuses("--resume empty", &["empty: it holds no run.safetensors", "Name the folder"]);

    place.write(record, &good[..good.len() - 1000]); // truncated
    refuses(&["run.safetensors", "not a whole", "train again"]);
    place.write(record, "");
    refuses(&["run.safetensors", "not a whole", "train again"]);
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    place.write(record, altered);
    refuses(&["run.safetensors", "checksum", "train again"]);
    place.write(record, &weights); // foreign
    refuses(&["run.safetensors", "not written for this purpose"]);
    place.write(record, fs::read(fixture()).unwrap());
    refuses(&["run.safetensors", "not written for this purpose"]);
    place.write(record, &good);
    let reader = Reader::open(&place.path(record)).unwrap();
    let about =
        reader.metadata("record").unwrap().replace("char-lm of rnn-basics", "another lesson");
    let mut writer = Writer::default(); // the record of another lesson
    writer.metadata("record", about);
    weights::write(&place.path(record), writer).unwrap();
    refuses(&["run.safetensors", "a run of another lesson, not of char-lm of rnn-basics"]);
    place.write(record, &good);

    let more = |arguments: &str| format!("--resume out/char-lm {arguments}");
    let goes_on = "Go on with `cargo run -p rnn-basics -- --resume out/char-lm`";
    for (other, named) in [
        ("--hidden 8", "cannot take --hidden."),
        ("--cell rnn --layers 1", "cannot take --cell, --layers."),
        ("--seed 7", "cannot take --seed 7 (the run's is 1)."),
        ("--part bptt", "cannot take --part bptt."),
    ] {
        place.refuses(&more(other), &["keeps its settings", named, goes_on]);
    }
    place.refuses(&more("--data other.txt"), &["cannot read other.txt"]);
    place.refuses(&more("--steps 11"), &["run.safetensors", "has done 12 steps"]);
    let text = place.read("text.txt");
    place.write("text.txt", [&text[..], b"!"].concat());
    refuses(&["text.txt", "not what the run was trained on", "--data PATH`, or start a new run"]);
    fs::remove_file(place.path("text.txt")).unwrap();
    refuses(&["text.txt", "cannot read", "--data PATH`, or start a new run"]);

    // What was written from the record is no part of it.
    place.write(model, &weights[..100]);
    // With everything in its place again it goes on.
    place.write("text.txt", text);
    place.succeeds(&more("--steps 20"));
    assert_ne!(place.read(model), weights);
}

#[test]
fn a_seed_that_is_the_default_is_known_as_given() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out out --seed 7"));
    place.refuses("--resume out/char-lm --seed 1", &["--seed 1 (the run's is 7)"]);
    place.succeeds("--resume out/char-lm --seed 7 --steps 14");
}

#[test]
fn a_text_that_was_moved_is_found_by_its_content() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out out"));
    fs::rename(place.path("text.txt"), place.path("renamed.txt")).unwrap();
    place.write("another.txt", "not this one");
    let output = place.run("--resume out/char-lm --steps 14");
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{message}");
    assert!(
        message.contains("text.txt is now read from") && message.contains("renamed.txt"),
        "{message}"
    );
}

#[test]
fn no_run_destroys_an_earlier_one() {
    let place = Place::new();
    for seed in [1, 2, 3] {
        place.succeeds(&format!("{TINY} --out out --seed {seed}"));
        fs::copy(
            place.path("out/char-lm/model.safetensors"),
            place.path(&format!("{seed}.safetensors")),
        )
        .unwrap();
    }
    for (seed, record) in [
        (1, "previous/run-1.safetensors"),
        (2, "previous/run-2.safetensors"),
        (3, "run.safetensors"),
    ] {
        let files = [&format!("out/char-lm/{record}"), &format!("{seed}.safetensors")];
        assert!(place.same_arrays(files.map(String::as_str), ["kept.", ""]), "{record}");
    }
    // An earlier one goes on, elsewhere.
    place.succeeds("--resume out/char-lm/previous/run-1.safetensors --steps 14 --out again");
}

/// The learning rate follows from the number of steps in all: a run that got another length on the way has two
/// stages, and the commands that are printed repeat it to the bit.
#[test]
fn a_run_of_two_lengths_is_repeated_by_what_it_prints() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out out --stop-at 7"));
    assert_eq!(Record::open(&place.path("out/char-lm")).unwrap().progress().step, 7);
    place.succeeds("--resume out/char-lm --steps 20");
    let report = String::from_utf8(place.read("out/report.html")).unwrap();
    let (_, commands) = report.split_once("To repeat the run exactly: ").unwrap();
    let commands: Vec<&str> = commands.split("</code>").take(2).collect();
    let typed = |text: &&str| text.rsplit_once("rnn-basics ").unwrap().1.replace("--quiet", "");
    let commands: Vec<String> = commands.iter().map(typed).collect();
    for command in &commands {
        place
            .succeeds(&command.replace("--out out", "--out repeated").replace("out/", "repeated/"));
    }
    assert!(commands[0].contains("--stop-at 7"), "{commands:?}");
    let model = |out: &str| place.read(&format!("{out}/char-lm/model.safetensors"));
    assert_eq!(model("repeated"), model("out"));
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
    assert!(report.contains(&format!("--out timed --quiet --steps {steps}</code>")), "{report}");
    place.succeeds(&format!("{settings} --steps {steps} --out counted"));
    assert_eq!(model("counted"), model("timed"));
}

/// Stopping a run from outside.
#[cfg(unix)]
mod stopped {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    /// A run of a second or two, on a fast machine too.
    const LONGER: &str =
        "--part char-lm --data text.txt --hidden 64 --batch 16 --seq-len 32 --steps 1500";

    /// The step of the checkpoint in `folder`, if there is one.
    fn saved_step(folder: &Path) -> Option<usize> {
        Record::open(folder).ok().map(|record| record.progress().step)
    }

    /// Starts a run that saves often, and waits until it has saved something later than `step`.
    fn started(place: &Place, arguments: &str, folder: &str, step: Option<usize>) -> Child {
        let mut command = place.command(&format!("{arguments} --save-every 0.05s"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_record(&place.path(folder), step);
        child
    }

    /// Waits until a run has saved something later than `step`.
    fn wait_for_record(folder: &Path, step: Option<usize>) {
        let begun = Instant::now();
        while saved_step(folder) <= step {
            assert!(begun.elapsed() < Duration::from_secs(60), "no checkpoint is written");
            std::thread::sleep(Duration::from_millis(5));
        }
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

    /// Sends a signal by the shell's own `kill`: small images have no such program.
    fn signal(child: &Child, name: &str) {
        let (kill, pid) = (format!("kill -{name} \"$0\""), child.id().to_string());
        assert!(Command::new("sh").args(["-c", &kill, &pid]).status().unwrap().success());
    }

    /// Whether whoever runs the tests has SIGHUP ignored, as `nohup` has. Programs inherit that.
    fn ignores_hangups() -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1)
    }

    #[test]
    fn kill_and_a_closed_terminal_save_as_control_c_does() {
        for (name, code) in [("TERM", 143), ("HUP", 129)] {
            let place = Place::new();
            let child = started(&place, &format!("{LONGER} --out out"), "out/char-lm", None);
            signal(&child, name);
            let output = child.wait_with_output().unwrap();
            let message = String::from_utf8(output.stderr).unwrap();
            let step = saved_step(&place.path("out/char-lm")).unwrap();
            if name == "HUP" && ignores_hangups() {
                // What was started to outlive its terminal does.
                assert_eq!((output.status.code(), step), (Some(0), 1500), "{message}");
                continue;
            }
            assert_eq!(output.status.code(), Some(code), "{message}");
            assert!(message.contains(&format!("at step {step} of 1500.")), "{message}");
        }
    }

    #[test]
    fn a_reader_that_has_gone_costs_nothing() {
        let place = Place::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-basics"));
        command.current_dir(&place.folder).args(LONGER.split_whitespace());
        command.args(["--save-every", "0.05s"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // In the middle of the training, or there would be nothing to lose.
        let folder = place.path("out/rnn-basics/char-lm");
        wait_for_record(&folder, None);
        drop(child.stdout.take()); // what `| head` does once it has read enough
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(141), "{message}");
        let step = saved_step(&folder).unwrap();
        assert!(step < 1500 && message.contains("The reader of the output has gone"), "{message}");
        assert!(message.contains(&format!("at step {step} of 1500.")), "{message}");
    }

    #[test]
    fn a_full_disk_behind_the_output_is_an_error_in_the_end() {
        let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
        let place = Place::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rnn-basics"));
        command.current_dir(&place.folder).args(TINY.split_whitespace());
        let output = command.stdout(full).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("cannot write to standard output"), "{message}");
        assert!(place.path("out/rnn-basics/char-lm/model.safetensors").exists());
    }

    #[test]
    fn control_c_saves_and_says_how_to_go_on() {
        let place = Place::new();
        place.succeeds(&format!("{LONGER} --out whole"));
        let child = started(&place, &format!("{LONGER} --out out"), "out/char-lm", None);
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        let step = saved_step(&place.path("out/char-lm")).unwrap();
        assert!(message.contains(&format!("Stopped at step {step} of 1500.")), "{message}");
        assert!(message.contains("out/char-lm/run.safetensors"), "{message}");
        assert!(!place.path("out/report.html").exists());
        // The sentence ends with what to type.
        let (_, resume) = message.trim().split_once("go on with ").unwrap();
        place.succeeds(resume);
        let model = |out: &str| place.read(&format!("{out}/char-lm/model.safetensors"));
        assert_eq!(model("out"), model("whole"));
    }
}
