//! The binary: a model is trained, measured, asked and explained; mistakes are told in a sentence.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A folder in which the binary runs.
struct Place {
    folder: tempfile::TempDir,
}

/// A run of an instant.
const TINY: &str = "--hidden 6 --vocabulary 500 --batch 32 --steps 6";

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sentiment"));
        command.current_dir(&self.folder).args(arguments);
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(&line.split_whitespace().collect::<Vec<_>>()).output().unwrap()
    }

    fn succeeds(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refuses(&self, line: &str, parts: &[&str]) {
        let output = self.run(line);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {message}");
        assert!(!message.contains("panicked"), "{message}");
        for part in parts {
            assert!(message.contains(part), "{line}: no {part:?} in {message}");
        }
    }

    fn metrics(&self, folder: &str) -> serde_json::Value {
        let text = fs::read_to_string(self.path(folder).join("metrics.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What `predict --json` says of bytes on standard input.
    fn predict(&self, input: &[u8]) -> Vec<serde_json::Value> {
        let mut child = self
            .command(&["predict", "--model", "out", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Reviews of one word each.
fn words() -> String {
    let verdict = |split: &str, i: usize| {
        let (label, word) = [("pos", "good"), ("neg", "bad")][i % 2];
        format!("{split},{label},{word}\n")
    };
    let line = |i: usize| verdict(if i < 600 { "train" } else { "test" }, i);
    (0..700).map(line).fold("split,label,text\n".to_owned(), |all, line| all + &line)
}

/// What was said without its line breaks.
fn unbroken(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_model_is_trained_measured_asked_and_explained() {
    let place = Place::new();
    place.succeeds(&format!("train {TINY} --out out --quiet"));
    let metrics = place.metrics("out");
    let results = &metrics["results"];
    for name in ["test_accuracy", "nbsvm_test_accuracy", "test_auc", "test_ece"] {
        let value = results[format!("sentiment.{name}")].as_f64();
        assert!(value.is_some_and(|v| (0.0..=1.0).contains(&v)), "{name}: {value:?}");
    }
    assert_eq!(metrics["data"][0]["name"], "reviews.csv");

    // Measured again from its folder: the same.
    place.succeeds("eval --model out --out again --quiet");
    let again = &place.metrics("again")["results"];
    assert_eq!(again["sentiment.test_accuracy"], results["sentiment.test_accuracy"]);
    assert_eq!(again["sentiment.test_auc"], results["sentiment.test_auc"]);
    assert!(again["sentiment.last_5_words_accuracy"].as_f64() < Some(1.0));
    assert_ne!(again["sentiment.last_5_words_loss"], again["sentiment.last_50_words_loss"]);

    // Texts of every kind.
    let long = "a wonderful film ".repeat(35_000);
    let texts = ["", "dull", "👍 很好看", "Ein schöner Film.", "<br /><script>", long.as_str()];
    let mut input = texts.join("\n").into_bytes();
    input.extend(b"\ncaf\xe9 \xff\xfe");
    let predictions = place.predict(&input);
    assert_eq!(predictions.len(), texts.len() + 1);
    for prediction in &predictions {
        let p = prediction["positive"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&p), "{p}");
        let label = if p >= 0.5 { "positive" } else { "negative" };
        assert_eq!(prediction["label"], label);
    }
    assert_eq!(predictions[0]["words"], 0);
    assert!(place.predict(b"").is_empty());
    let said =
        place.command(&["predict", "--model", "out", "I loved it.", "Dull."]).output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap().lines().count(), 2);

    let why = ["explain", "--model", "out", "--out", "why", "Not <b>bad</b> at all!"];
    let explained = place.command(&why).output().unwrap();
    assert!(explained.status.success());
    assert!(String::from_utf8(explained.stdout).unwrap().contains("P(positive)"));
    let html = fs::read_to_string(place.path("why/explain.html")).unwrap();
    assert!(html.contains("bad") && !html.contains("<b>bad"), "what users write is escaped");
}

#[test]
fn threads_change_no_bit_and_a_stopped_run_goes_on() {
    let place = Place::new();
    let model = |out: &str| fs::read(place.path(out).join("model.safetensors")).unwrap();
    place.succeeds(&format!(
        "train {TINY} --dev 0 --adversary 5 --average 0.9 --threads 1 --out one --quiet"
    ));
    place.succeeds(&format!(
        "train {TINY} --dev 0 --adversary 5 --average 0.9 --threads 2 --out two --quiet"
    ));
    assert_eq!(model("one"), model("two"));
    place.succeeds("train --resume one --steps 9 --quiet");
    assert_ne!(model("one"), model("two"));
    let goes_on = "cargo run -p sentiment -- train --resume one`";
    place.refuses("train --resume one --hidden 9", &["cannot take --hidden.", goes_on]);
    place.refuses("train --resume one --steps 3", &["has done 9 steps"]);
}

#[test]
fn a_resumed_run_has_the_reviews_that_it_began_with() {
    let place = Place::new();
    let own = place.path("own.csv");
    let reviews = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/reviews.csv");
    let reviews = fs::read_to_string(reviews).unwrap();
    fs::write(&own, &reviews).unwrap();
    for (command, out, run) in [
        ("train", "train", "train"),
        ("pretrain", "pretrain", "pretrain"),
        ("--part lstm", "tour", "tour/lstm"),
    ] {
        place.succeeds(&format!("{command} {TINY} --data own.csv --out {out} --quiet"));
        assert_eq!(place.metrics(out)["data"][0]["name"], "own.csv");
        fs::write(&own, reviews.replacen(",train,neg,", ",train,pos,", 1)).unwrap();
        let resume = format!("{command} --resume {run} --quiet --steps");
        let parts = ["own.csv", "not what the run was trained on", "start a new run"];
        place.refuses(&format!("{resume} 9"), &parts);
        // The same reviews under another name are the same.
        fs::write(place.path("moved.csv"), &reviews).unwrap();
        place.succeeds(&format!("{resume} 9 --data moved.csv"));
        fs::remove_file(place.path("moved.csv")).unwrap();
        fs::write(&own, &reviews).unwrap();
        place.succeeds(&format!("{resume} 12"));
        // Wherever they are now, they are found by their checksum.
        fs::rename(&own, place.path("elsewhere.csv")).unwrap();
        place.succeeds(&format!("{resume} 15"));
        fs::rename(place.path("elsewhere.csv"), &own).unwrap();
    }
}

#[test]
fn a_resumed_run_refuses_by_name_what_it_cannot_change() {
    let place = Place::new();
    place.succeeds(&format!("train {TINY} --seed 7 --out mine --quiet"));
    place.succeeds(&format!("--part lstm {TINY} --seed 7 --out tour --quiet"));
    for (resume, goes_on) in [
        ("train --resume mine", "`cargo run -p sentiment -- train --resume mine`"),
        ("--resume tour/lstm", "`cargo run -p sentiment -- --part lstm --resume tour/lstm`"),
    ] {
        for (more, part) in [
            ("--seed 1", "cannot take --seed 1 (the run's is 7)."),
            ("--hidden 6", "cannot take --hidden."),
            ("--one-direction --word-dropout 0.1", "cannot take --one-direction, --word-dropout."),
        ] {
            place.refuses(&format!("{resume} {more}"), &[part, goes_on]);
        }
        place.succeeds(&format!("{resume} --seed 7 --steps 9 --quiet"));
    }
    place.refuses("--resume tour/lstm --part bags", &["cannot take --part bags."]);
    place.refuses("--resume mine", &["none of the tour's", "-- train --resume mine`"]);
    place.refuses("pretrain --resume mine", &["sentiment train, not of sentiment pretrain"]);
}

#[test]
fn networks_that_were_stopped_arrive_where_those_that_were_not_do() {
    let place = Place::new();
    let model = |out: &str| fs::read(place.path(out).join("model.safetensors")).unwrap();
    let line = format!("train {TINY} --networks 2 --average 0.9");
    place.succeeds(&format!("{line} --out whole --quiet"));
    let output = place.run(&format!("{line} --stop-at 4 --out stopped"));
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("stopped/networks/1/run.safetensors"), "{said}");
    assert!(said.contains("go on with --resume stopped"), "{said}");
    place.refuses("predict --model stopped good", &["there is no model.safetensors"]);
    let said = unbroken(&place.succeeds("train --resume stopped"));
    assert!(said.contains("To repeat the run exactly: `sentiment train --hidden 6"), "{said}");
    assert!(model("stopped") == model("whole"));
}

#[test]
fn earlier_runs_in_a_folder_are_kept() {
    let place = Place::new();
    let record = |name: &str| fs::read(place.path("out").join(name)).unwrap();
    let train =
        |seed: usize| place.succeeds(&format!("train {TINY} --out out --seed {seed} --quiet"));
    train(1);
    let first = record("run.safetensors");
    train(2);
    let second = record("run.safetensors");
    assert!(record("previous/run-1.safetensors") == first);
    train(3);
    assert!(record("previous/run-1.safetensors") == first);
    assert!(record("previous/run-2.safetensors") == second);
    place.succeeds("train --resume out/previous/run-1.safetensors --out again --steps 9 --quiet");
    assert_eq!(place.metrics("again")["results"]["sentiment.steps"], 9.0);
    // Several networks in place of one.
    let third = record("run.safetensors");
    place.succeeds(&format!("train {TINY} --networks 2 --out out --quiet"));
    assert!(record("previous/run-3.safetensors") == third);
    assert!(!place.path("out/run.safetensors").exists());
}

#[test]
fn a_network_that_is_given_ratios_keeps_them() {
    let place = Place::new();
    let said = place.succeeds(&format!("train {TINY} --ratios 3 --adversary 5 --out out"));
    assert!(unbroken(&said).contains("with the fewest mistakes on dev"), "{said}");
    for part in ["n-grams of up to 3 words", "only in NB-SVM on triples"] {
        assert!(unbroken(&said).contains(part), "{said}");
    }
    let result = |out: &str| place.metrics(out)["results"]["sentiment.test_auc"].clone();
    place.succeeds("eval --model out --out again --quiet");
    assert_eq!(result("again"), result("out"), "from its folder it reads the same");
    let why = ["explain", "--model", "out", "--out", "why", "Not a good film."];
    assert!(place.command(&why).output().unwrap().status.success());
    place.succeeds("train --resume out --steps 9 --quiet");

    // The counts are in the model's file, and guarded as the weights are.
    let model = place.path("out/model.safetensors");
    let mut bytes = fs::read(&model).unwrap();
    let at = bytes.windows(9).position(|text| text == b"the film,").expect("n-grams as text");
    bytes[at] = b'T';
    fs::write(model, bytes).unwrap();
    place.refuses("predict --model out good", &["model.safetensors", "checksum"]);
    let said = place.succeeds(&format!("train {TINY} --ratios 1 --average 0.9 --out averaged"));
    assert!(unbroken(&said).contains("Nothing is chosen: what is kept is the average"), "{said}");
    assert_eq!(place.metrics("averaged")["results"]["sentiment.best_step"], 6.0);
    place.refuses("train --ratios 4", &["at most 3 words"]);
    let said = place.succeeds(&format!("train {TINY} --passages 0.5 --out passages"));
    assert!(
        unbroken(&said).contains("Of 50 % of the reviews a step reads a passage only"),
        "{said}"
    );
    place.refuses("train --passages 2", &["--passages is 2"]);
    place.refuses("pretrain --ratios 2", &["--ratios is for train"]);
}

#[test]
fn several_networks_decide_together() {
    let place = Place::new();
    let said = place.succeeds(&format!("train {TINY} --networks 2 --out out"));
    assert!(said.contains("2 × BiLSTM-6") && said.contains("network 2"), "{said}");
    let model = |below: &str| fs::read(place.path(below).join("model.safetensors")).unwrap();
    assert_ne!(model("out/networks/1"), model("out/networks/2"));
    let accuracy = |out: &str| place.metrics(out)["results"]["sentiment.test_auc"].clone();
    let trained = accuracy("out");
    place.succeeds("eval --model out --out again --quiet");
    assert_eq!(accuracy("again"), trained);
    place.refuses("train --resume out/networks/2", &["one of 2 networks", "--resume out`"]);
    let said = place.succeeds("train --resume out --steps 9");
    assert_eq!(said.matches("9 steps,").count(), 2, "both go on: {said}");
    // Both are in one file, which can be used wherever it is.
    let both = model("out");
    fs::write(place.path("both.safetensors"), &both).unwrap();
    place.succeeds("eval --model both.safetensors --out moved --quiet");
    assert_eq!(accuracy("moved"), accuracy("out"));
    // A new run takes no network of the one before it, and keeps all of them.
    let second = model("out/networks/2");
    place.succeeds(&format!("train {TINY} --out out"));
    assert!(!place.path("out/networks").exists());
    assert!(model("out/previous/networks-1/2") == second);
    place.succeeds("train --resume out/previous/networks-1 --out on --steps 12 --quiet");
    assert_eq!(place.metrics("on")["results"]["sentiment.steps"], 24.0);
    place.refuses("train --networks 0", &["--networks is 0"]);
    place.refuses("train --networks 4294967296 --budget 1s", &["100 are the most"]);
    place.refuses("pretrain --networks 2", &["--networks is for train"]);
    place.refuses("pretrain --from out", &["--from is for train"]);
}

#[test]
fn a_language_model_can_be_begun_with() {
    let place = Place::new();
    place.succeeds(&format!("pretrain {TINY} --out language --quiet"));
    let results = &place.metrics("language")["results"];
    assert!(results["pretrain.nats_per_word"].as_f64().unwrap() < 8.0);
    place.succeeds("train --from language --batch 32 --steps 4 --out out --quiet");
    assert!(place.succeeds("predict --model out good").contains("good"));
    place.refuses("train --from language --hidden 9", &["shape", "belong"]);
    place.refuses("train --from out", &["a language model of sentiment is needed"]);
    place.refuses("predict --model language good", &["a classifier of sentiment is needed"]);
    // A run cannot go on with another language model than the one it began with.
    place.succeeds(&format!("pretrain {TINY} --seed 2 --out language --quiet"));
    place.refuses("train --resume out --steps 6", &["language model has changed"]);
    place.refuses(
        "pretrain --hidden 6 --embedding 5 --steps 2",
        &["--embedding must be as --hidden"],
    );
}

#[test]
fn the_tour_shows_every_part() {
    let place = Place::new();
    let shown = place.succeeds("--part padding --threads 2");
    assert!(shown.contains("masked") && shown.contains("post"), "{shown}");
    let results = &place.metrics("out/sentiment")["results"];
    let value = |name: &str| results[format!("padding.{name}")].as_f64().unwrap();
    // Reading 100 words of filling leaves nothing of the last real word.
    assert!(value("post_effect") < 0.01 * value("masked_effect"));
    assert!(value("post_test_accuracy") < 0.56, "{}", value("post_test_accuracy"));
    assert!(value("masked_test_accuracy") > 0.54, "{}", value("masked_test_accuracy"));

    let shown = place.succeeds("--part why --steps 12 --hidden 8 --out why");
    for heading in ["Word by word", "Negation in pairs", "mistakes", "Does 90 % mean 90 %?"] {
        assert!(shown.contains(heading), "no {heading}");
    }
    place.succeeds("--part embeddings --steps 6 --hidden 8 --out embeddings --quiet");
    place.succeeds("--part pretrain --steps 3 --hidden 4 --out pretrain --quiet");
}

#[test]
fn mistakes_are_told() {
    let place = Place::new();
    fs::write(place.path("bad.csv"), "split,label,text\ntrain,maybe,good\n").unwrap();
    fs::write(place.path("one.csv"), "split,label,text\ntrain,pos,good\ntest,pos,good\n").unwrap();
    fs::write(place.path("short.txt"), "good 1 2\nbad 3 4\n").unwrap();
    fs::write(place.path("strange.txt"), "qqqq 1 2\n").unwrap();
    fs::write(place.path("words.csv"), words()).unwrap();
    fs::create_dir(place.path("empty")).unwrap();
    for (line, parts) in [
        ("train --data missing.csv", ["cannot read missing.csv", "Check the path"]),
        ("train --data bad.csv", ["line 2", "0 or neg, 1 or pos"]),
        ("train --data one.csv", ["one.csv", "both verdicts"]),
        ("train --data empty", ["empty", "no reviews"]),
        ("train --hidden 0", ["--hidden is 0", "at least 1"]),
        ("train --batch 0", ["--batch is 0", "at least 1"]),
        ("train --longest 0", ["--longest is 0", "at least 1"]),
        ("train --vocabulary 0", ["--vocabulary is 0", "at least 1"]),
        ("train --dropout 1", ["dropout", "below 1"]),
        ("train --adversary -1", ["--adversary", "0 or more"]),
        ("train --average 1", ["--average is 1", "below 1"]),
        ("train --dev 1", ["--dev is 1", "0 to 0.9"]),
        ("train --pooling mean,mean", ["pooling", "once"]),
        ("train --pooling middle", ["middle", "attention"]),
        ("train --hidden 1000000", ["too large", "fewer units"]),
        ("train --vectors short.txt", ["short.txt", "Add --embedding 2"]),
        ("train --from empty", ["empty", "no model.safetensors"]),
        ("predict --model empty good", ["empty", "no model.safetensors"]),
        ("predict --model missing good", ["cannot read missing", "Check the path"]),
        ("eval --model empty", ["empty", "no model.safetensors"]),
        ("--resume empty", ["empty", "no run.safetensors"]),
        ("train --vectors strange.txt --embedding 2", ["strange.txt", "no vector of any word"]),
        ("pretrain --data words.csv", ["words.csv", "second word"]),
    ] {
        place.refuses(line, &parts);
    }
    assert!(!place.path("out").exists(), "nothing is written before the mistake is found");
}
