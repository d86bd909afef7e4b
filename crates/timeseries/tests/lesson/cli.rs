//! The binary: any table, clear errors, runs that go on, models that can be used again.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

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

#[test]
fn a_run_that_goes_on_arrives_at_the_same_bits() {
    let place = Place::new();
    place.succeeds(&format!("{TINY} --out whole"));
    place.succeeds(&format!("{TINY} --out stopped"));
    // As if it had been stopped while the second fold was trained.
    for network in ["fold-2/gru-3", "fold-3/gru-1", "fold-3/gru-2", "fold-3/gru-3", "final/gru-2"] {
        fs::remove_dir_all(place.path("stopped/forecast").join(network)).unwrap();
    }
    fs::remove_file(place.path("stopped/forecast/model.safetensors")).unwrap();
    place.succeeds("forecast --resume stopped/forecast");
    let read = |run: &str| fs::read(place.path(run).join("forecast/model.safetensors")).unwrap();
    assert!(read("whole") == read("stopped"), "the same bits");
    assert_eq!(
        place.metrics("whole/metrics.json")["results"],
        place.metrics("stopped/metrics.json")["results"]
    );
    place.refuses("forecast --resume whole", &["whole", "request.json"]);
    place.refuses("--resume stopped/forecast", &["request", "weather"]);

    // A table that has changed is other data, and a new run takes no network of the one before it.
    let table = fs::read_to_string(place.path("sales.csv")).unwrap();
    place.write(
        "sales.csv",
        &table.replacen(&format!("{},", day(57)), &format!("{},1", day(57)), 1),
    );
    place.refuses("forecast --resume stopped/forecast", &["other settings or data"]);
    let earlier = read("whole");
    place.succeeds(&format!("{TINY} --out whole"));
    assert!(read("whole") != earlier);
    let aside = place.path("whole/forecast/previous");
    assert!(fs::read(aside.join("model.safetensors")).unwrap() == earlier);
    assert!(aside.join("final/gru-2/resume.safetensors").exists());
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
