//! The binary: any table, clear errors, runs that go on, models that can be used again.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use lesson::run::Record;

/// A folder with tables, in which the binary runs.
struct Place {
    folder: tempfile::TempDir,
}

/// Arguments for a run of an instant.
const TINY: &str = "forecast --data sales.csv --target sales --horizon 5 --steps 6 --hidden 4";

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let value = |k: usize| {
            50.0 + [0.0, 3.0, 5.0, 2.0, -4.0, -9.0, -7.0][k % 7] + ((k * k) % 13) as f64 * 0.3
        };
        let table: Vec<String> =
            (0..280).map(|k| format!("{},{:.2},{}", day(k), value(k), k % 3)).collect();
        place.write("sales.csv", &format!("day,sales,promo\n{}\n", table.join("\n")));
        place.write("older.csv", &format!("day,sales,promo\n{}\n", table[..250].join("\n")));
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write(&self, below: &str, content: &str) {
        fs::write(self.path(below), content).unwrap();
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_timeseries"));
        command
            .current_dir(&self.folder)
            .args(arguments.split_whitespace())
            .arg("--quiet")
            .output()
            .unwrap()
    }

    fn succeeds(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{arguments}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A run that is stopped on purpose, and what it says then.
    fn stops(&self, arguments: &str, message: &str) {
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && errors.contains(message), "{arguments}: {errors}");
    }

    /// Steps done and in all of each network of a run.
    fn steps(&self, run: &str) -> Vec<(usize, usize)> {
        let networks = fs::read_dir(self.path(run).join("networks")).unwrap();
        let record = |entry: fs::DirEntry| Record::open(&entry.path()).unwrap();
        let records = networks.map(|entry| record(entry.unwrap()));
        records.map(|r| (r.progress().step, r.progress().total)).collect()
    }

    fn refuses(&self, arguments: &str, parts: &[&str]) {
        let output = self.run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.starts_with("error: ") && !message.contains("panicked"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        for part in parts {
            assert!(message.contains(part), "{arguments}: no {part:?} in {message}");
        }
    }

    fn metrics(&self, below: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path(below)).unwrap()).unwrap()
    }
}

/// The `k`-th day from 2020-01-01.
fn day(k: usize) -> String {
    let start = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    (start + chrono::TimeDelta::days(k as i64)).to_string()
}

#[test]
fn a_table_becomes_forecasts_a_verdict_and_a_model() {
    let place = Place::new();
    place.succeeds(TINY);
    let results = place.metrics("out/timeseries/metrics.json")["results"].clone();
    assert!(
        results["forecast.persistence_mae"].as_f64().unwrap()
            > results["forecast.ridge_mae"].as_f64().unwrap()
    );
    let table = fs::read_to_string(place.path("out/timeseries/forecasts.csv")).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 1 + 2 * 5, "a network and its rival, five leads each");
    assert!(rows[1].starts_with(&format!("{}T00:00:00,1,GRU,", day(280))), "{}", rows[1]);
    let numbers: Vec<f64> = rows[1].split(',').skip(3).map(|x| x.parse().unwrap()).collect();
    let [forecast, low50, high50, low90, high90] = numbers[..] else { panic!("{}", rows[1]) };
    assert!(
        low90 <= low50 && low50 <= forecast && forecast <= high50 && high50 <= high90,
        "{numbers:?}"
    );
    assert!((30.0..70.0).contains(&forecast));

    // The same model on the same table says the same; on an older one it forecasts from there.
    place.succeeds("predict --model out/timeseries/forecast --data sales.csv --out again");
    let again = fs::read_to_string(place.path("again/forecasts.csv")).unwrap();
    assert_eq!(again, table);
    place.succeeds("predict --model out/timeseries/forecast --data older.csv --out older");
    let older = fs::read_to_string(place.path("older/forecasts.csv")).unwrap();
    assert!(older.lines().nth(1).unwrap().starts_with(&day(250)));
}

#[test]
fn twelve_years_of_months_are_enough() {
    let place = Place::new();
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/airline-passengers.csv");
    fs::copy(table, place.path("airline.csv")).unwrap();
    let rest = "--target passengers --horizon 12 --steps 6 --hidden 4";
    place.succeeds(&format!("forecast --data airline.csv {rest}"));
    let results = place.metrics("out/timeseries/metrics.json")["results"].clone();
    // A window of a year sees the season; persistence cannot.
    let mae = |of: &str| results[format!("forecast.{of}_mae")].as_f64().unwrap();
    assert!(mae("ridge") < mae("seasonal_naive") && mae("seasonal_naive") < mae("persistence"));
}

#[test]
fn covariates_known_and_not() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --covariates promo --out a"));
    place.refuses(
        &format!("{TINY} --known promo"),
        &["known in advance", "5 moments", "0 such rows"],
    );
    let mut table = fs::read_to_string(place.path("sales.csv")).unwrap();
    (280..285).for_each(|k| table += &format!("{},,1\n", day(k)));
    place.write("ahead.csv", &table);
    let ahead = TINY.replace("sales.csv", "ahead.csv");
    place.succeeds(&format!("{ahead} --known promo --out b"));
    place
        .write("hole.csv", &table.replace(&format!("{},,1", day(283)), &format!("{},,", day(283))));
    let hole = TINY.replace("sales.csv", "hole.csv");
    place.refuses(&format!("{hole} --known promo"), &["promo", &day(283), "missing"]);
    place.refuses(&format!("{TINY} --known sales"), &["leak"]);
}

#[test]
fn mistakes_are_told() {
    let place = Place::new();
    let table = fs::read_to_string(place.path("sales.csv")).unwrap();
    let with = |name: &str| TINY.replace("sales.csv", name);
    place.refuses("forecast --data sales.csv --target sales", &["--horizon is missing"]);
    place.refuses("forecast --target sales --horizon 2", &["--data is missing"]);
    place.refuses(
        &TINY.replace("--target sales", "--target sale"),
        &["no column \"sale\"", "day, sales, promo"],
    );
    place.refuses(&format!("{TINY} --time when"), &["no column \"when\""]);
    place.refuses(&format!("{TINY} --freq often"), &["--freq", "15m"]);
    place.refuses(&format!("{TINY} --only promo"), &["COLUMN=VALUE"]);
    place.refuses(&with("none.csv"), &["none.csv", "no such file"]);
    place.write("date.csv", &table.replace(&day(57), "31 of May"));
    place.refuses(&with("date.csv"), &["date.csv", "line 59", "expected a date", "31 of May"]);
    place.write("word.csv", &table.replace(&format!("{},", day(57)), &format!("{},x", day(57))));
    place.refuses(&with("word.csv"), &["line 59", "column 2 (sales)", "expected a number"]);
    place.write("odd.csv", &table.replace(&day(57), &format!("{}T05:17", day(57))));
    place.refuses(&with("odd.csv"), &["irregular", "--freq"]);
    place.succeeds(&format!("{} --freq 1d --out averaged", with("odd.csv")));
    let constant: String = (0..100).map(|k| format!("{},7\n", day(k))).collect();
    place.write("constant.csv", &format!("day,sales\n{constant}"));
    place.refuses(&with("constant.csv"), &["\"sales\" is 7 everywhere", "nothing to forecast"]);
    let short: Vec<&str> = table.lines().take(31).collect();
    place.write("short.csv", &short.join("\n"));
    place.refuses(&with("short.csv"), &["30 moments", "at least 40"]);
    place
        .refuses(&TINY.replace("--horizon 5", "--horizon 100"), &["280 moments", "horizon of 100"]);
    place.refuses("predict --model out --data sales.csv", &["cannot read out"]);
    assert!(!place.path("out").exists(), "nothing is written for a mistake");
    fs::create_dir(place.path("empty")).unwrap();
    place.refuses("predict --model empty --data sales.csv", &["model.safetensors"]);
}

/// Networks of a run of [`TINY`].
const NETWORKS: usize = 3 * 3 + 3;

#[test]
fn a_run_that_goes_on_arrives_at_the_same_bits() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out whole"));
    place.succeeds(&format!("{TINY} --out stopped"));
    // As if it had been stopped while the second fold was trained.
    for network in ["fold-2-gru-3", "fold-3-gru-1", "fold-3-gru-2", "fold-3-gru-3", "final-gru-2"] {
        fs::remove_dir_all(place.path("stopped/forecast/networks").join(network)).unwrap();
    }
    fs::remove_file(place.path("stopped/forecast/model.safetensors")).unwrap();
    place.succeeds("forecast --resume stopped/forecast");
    let read = |run: &str| fs::read(place.path(run).join("forecast/model.safetensors")).unwrap();
    assert!(read("whole") == read("stopped"), "the same bits");
    assert_eq!(
        place.metrics("whole/metrics.json")["results"],
        place.metrics("stopped/metrics.json")["results"]
    );
    place.stops(&format!("{TINY} --out early --stop-at 2"), "--resume early/forecast");
    place.succeeds("forecast --resume early/forecast");
    assert!(read("whole") == read("early"), "the same bits");
    place.refuses("forecast --resume whole", &["whole", "networks/NAME/run.safetensors"]);
    place.refuses("forecast --resume nowhere", &["cannot read nowhere"]);
    let record = |run: &str, network: &str| {
        place.path(run).join("forecast/networks").join(network).join("run.safetensors")
    };
    fs::copy(record("whole", "fold-1-gru-1"), record("whole", "fold-2-gru-1")).unwrap();
    place.refuses("forecast --resume whole/forecast", &["fold-2-gru-1", "other samples"]);
    place.refuses("--resume stopped/forecast", &["forecast of timeseries", "weather"]);
}

#[test]
fn a_new_run_keeps_the_one_before_it() {
    let place = Place::new();
    place.succeeds(TINY);
    let model = |below: &str| fs::read(place.path("out/timeseries/forecast").join(below)).unwrap();
    let first = model("model.safetensors");
    for (k, seed) in [2, 3].into_iter().enumerate() {
        let output = place.run(&format!("{TINY} --seed {seed}"));
        let notes = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && notes.contains(&format!("networks-{}", k + 1)),
            "{notes}"
        );
    }
    assert!(model("previous/model-1.safetensors") == first);
    assert!(model("previous/model-2.safetensors") != model("model.safetensors"));
    // What was kept goes on like any other run.
    place.succeeds("forecast --resume out/timeseries/forecast/previous/networks-1 --out again");
    assert!(fs::read(place.path("again/forecast/model.safetensors")).unwrap() == first);
}

#[test]
fn another_length_reaches_every_network() {
    let place = Place::new();
    let all_have = |run: &str, steps: usize| {
        let totals = place.steps(run);
        assert_eq!(totals, vec![(steps, steps); NETWORKS], "{run}");
    };
    place.succeeds(&format!("{TINY} --out a"));
    all_have("a/forecast", 6);
    place.succeeds("forecast --resume a/forecast --steps 9");
    all_have("a/forecast", 9);
    place.refuses("forecast --resume a/forecast --steps 8", &["has done 9 steps", "8 are asked"]);
    all_have("a/forecast", 9);

    place.succeeds("forecast --resume a/forecast --budget 0.1s");
    let (steps, _) = place.steps("a/forecast")[0];
    assert!(steps > 9);
    all_have("a/forecast", steps);

    // The first network had done two of six steps; the others begin with the new length.
    place.stops(&format!("{TINY} --out b --stop-at 2"), "step 2 of 6");
    place.succeeds("forecast --resume b/forecast --steps 9");
    all_have("b/forecast", 9);
    let report = fs::read_to_string(place.path("b/report.html")).unwrap();
    assert!(report.contains("--steps 6 --hidden 4 --out b"), "both stages are named");
    assert!(report.contains("--stop-at 2") && report.contains("b/forecast --steps 9"));

    // Some were done and others were not: no command does that again.
    place.succeeds(&format!("{TINY} --out c"));
    fs::remove_dir_all(place.path("c/forecast/networks/fold-3-gru-1")).unwrap();
    place.succeeds("forecast --resume c/forecast --steps 9");
    all_have("c/forecast", 9);
    let report = fs::read_to_string(place.path("c/report.html")).unwrap();
    assert!(report.contains("no command repeats it exactly"));
}

#[test]
fn what_a_resumed_run_cannot_take_is_refused_by_name() {
    let place = Place::new();
    place.stops(&format!("{TINY} --seed 7 --out f --stop-at 1"), "step 1 of 6");
    let goes_on = "cargo run -p timeseries -- forecast --resume f/forecast";
    for (options, named) in [
        ("--seed 1", "--seed 1 (the run's is 7)"),
        ("--hidden 24", "--hidden"),
        ("--horizon 5", "--horizon"),
        ("--cell gru --known promo", "--known, --cell"),
    ] {
        place.refuses(&format!("forecast --resume f/forecast {options}"), &[named, goes_on]);
    }
    place.succeeds("forecast --resume f/forecast --seed 7");

    let weather = "--part weather --steps 3 --blocks 2 --cell gru --hidden 4";
    place.stops(&format!("{weather} --seed 7 --out w --stop-at 1"), "--resume w/weather");
    let goes_on = "cargo run -p timeseries -- --resume w/weather";
    for (options, named) in [
        ("--seed 1", "--seed 1 (the run's is 7)"),
        ("--hidden 32", "--hidden"),
        ("--hold-out test", "--hold-out"),
        ("--learning-rate 0.003", "--learning-rate"),
        ("--part stocks", "--part stocks"),
        ("--full", "--full"),
    ] {
        place.refuses(&format!("--resume w/weather {options}"), &[named, goes_on]);
    }
    place.refuses("forecast --resume w/weather", &["weather of timeseries", "forecast"]);
    place.succeeds("--resume w/weather --part weather --seed 7");
    place.succeeds(&format!("{weather} --seed 7 --out whole"));
    let results = |run: &str| place.metrics(&format!("{run}/metrics.json"))["results"].clone();
    assert_eq!(results("w"), results("whole"));
}

#[test]
fn a_moved_table_is_found_and_a_changed_one_refused() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out whole"));
    place.stops(&format!("{TINY} --out moved --stop-at 2"), "step 2 of 6");
    fs::rename(place.path("sales.csv"), place.path("renamed.csv")).unwrap();
    let output = place.run("forecast --resume moved/forecast");
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && notes.contains("renamed.csv, which is the same"), "{notes}");
    let results = |run: &str| place.metrics(&format!("{run}/metrics.json"))["results"].clone();
    assert_eq!(results("moved"), results("whole"));
    place.succeeds("forecast --resume moved/forecast --data renamed.csv");

    let table = fs::read_to_string(place.path("renamed.csv")).unwrap();
    let day = format!("{},", day(57));
    place.write("sales.csv", &table.replacen(&day, &format!("{day}1"), 1));
    fs::remove_file(place.path("renamed.csv")).unwrap();
    let changed = ["sales.csv", "not what the run was trained on", "--data PATH"];
    place.refuses("forecast --resume moved/forecast", &changed);
    place.refuses("forecast --resume moved/forecast --data sales.csv", &changed);
    place.refuses("forecast --resume moved/forecast --data older.csv", &["older.csv", "not what"]);
}

#[test]
fn threads_do_not_change_a_number() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --threads 1 --out one"));
    place.succeeds(&format!("{TINY} --threads 3 --out three"));
    assert_eq!(
        place.metrics("one/metrics.json")["results"],
        place.metrics("three/metrics.json")["results"]
    );
}
