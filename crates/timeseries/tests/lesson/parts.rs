//! The parts, with short trainings.

use clap::Parser;
use lesson::{LessonArgs, catalogue};
use seqcore::metrics::forecast as metric;
use timeseries::leaks::{Lab, Model};
use timeseries::stocks::WalkForward;
use timeseries::study::Networks;
use timeseries::weather::{Options, Weather, station};
use timeseries::windows::{Sunspots, strategies};
use timeseries::{metrics, stocks};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
    #[command(flatten)]
    weather: Options,
}

fn weather(line: &str) -> Weather {
    let mut cli = Cli::parse_from(["timeseries"].into_iter().chain(line.split_whitespace()));
    Weather::prepare(&mut cli.lesson, &cli.weather).unwrap()
}

#[test]
fn three_ways_to_a_horizon() {
    let found = strategies(&Sunspots::new().unwrap());
    let of = |name: &str| &found.rows.iter().find(|row| row.0.starts_with(name)).unwrap().1;
    let (recursive, direct, together) = (of("recursive"), of("direct"), of("multi"));
    // For a linear model with one λ, several outputs are several models.
    assert!(direct.iter().zip(together).all(|(a, b)| (a - b).abs() < 1e-8));
    assert!((recursive[0] - direct[0]).abs() < 1e-8);
    assert!((recursive[5] - direct[5]).abs() > 0.1);
    // Ten years ahead the cycle has come round, which helps persistence.
    for lead in 0..9 {
        assert!(direct[lead] < of("persistence")[lead], "{lead}");
    }
}

// t = temp_max; o = origins with all seven targets in 2015: np.abs(t[o+1]-t[o]).mean(), np.abs(t[o+7]-t[o]).mean(),
// np.abs(t[o+1]-t[o+1-365]).mean()
#[test]
fn weather_is_scored_on_the_last_year_beside_numpys_baselines() {
    let weather = weather("--part weather --steps 150 --blocks 2 --cell gru");
    let (study, fitted) = weather.measure(&mut Networks::default()).unwrap();
    assert_eq!((study.origins.len(), fitted.len()), (359, 1));
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    close(study.mae("persistence", 0), 2.2632311977715878);
    close(study.mae("persistence", 6), 3.731197771587744);
    close(study.mae("seasonal naive", 0), 3.7952646239554317);
    assert!(study.mae("ridge", 0) < study.mae("persistence", 0) - 0.05);
    assert!(study.mae("damped anomaly", 6) < study.mae("persistence", 6) - 0.3);
    // A network of 150 steps is not far from ridge.
    assert!((study.mae("GRU", 0) - study.mae("ridge", 0)).abs() < 0.15);
    let (covered, width, scores) = study.method("GRU").intervals(&study.observed, 0).unwrap();
    let coverage = metric::mean(covered);
    assert!((0.8..0.98).contains(&coverage) && width > 3.0, "{coverage} {width}");
    assert!(
        metric::mean(scores)
            < metric::mean(study.method("climatology").intervals(&study.observed, 0).unwrap().2)
    );
    // The inner interval lies in the outer one.
    let gru = study.method("GRU");
    let (inner_low, inner_high) = gru.inner.as_ref().unwrap();
    let (low, high) = (gru.low.as_ref().unwrap(), gru.high.as_ref().unwrap());
    assert!(
        ndarray::Zip::from(low)
            .and(inner_low)
            .and(inner_high)
            .and(high)
            .all(|a, b, c, d| a <= b && b <= c && c <= d)
    );
}

#[test]
fn settings_are_chosen_on_a_part_before_the_test() {
    let weather = weather("--part weather --hold-out dev --steps 1");
    let station = &weather.station;
    let ((train, test), (dev_train, dev)) = (station.parts(false), station.parts(true));
    assert_eq!((train.end, dev.end, dev_train.end), (test.start, test.start, dev.start));
    assert_eq!(test.len(), 365);
}

#[test]
fn an_impossible_wind_is_taken_as_missing() {
    let station = station(Some("nyc-weather-hourly"), false).unwrap();
    let wind = station.problem.inputs.column(3);
    assert!(wind.iter().all(|v| *v < 30.0), "468.7 m/s at 2013-02-12T08:00Z");
    assert!(station.notes.contains("1 wind speed"), "{}", station.notes);
    assert!(station.problem.inputs.iter().all(|x| x.is_finite()));
}

#[test]
fn returns_are_noise_and_prices_hide_it() {
    let path = catalogue::resolve("stock-prices").unwrap().path;
    let (shares, short) = stocks::panel::read(&path).unwrap();
    assert_eq!(short, ["FB"]);
    assert_eq!(
        shares.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
        ["AAPL", "GOOG", "IBM", "MSFT"]
    );
    let walk = WalkForward { years: vec![2010, 2011], ..WalkForward::new(false, Some(120), 1) };
    let all = stocks::returns::walk_forward(&shares, &walk).unwrap();
    for forecasts in &all {
        let skill = |name: &str| stocks::returns::skill(forecasts, name);
        assert!(skill("yesterday").r2.estimate < -0.6, "a straw man");
        let (gru, ridge) = (skill("GRU").r2.estimate, skill("ridge").r2.estimate);
        assert!(gru.abs() < 0.05 && ridge.abs() < 0.05, "{}: {gru} {ridge}", forecasts.name);
        let (prices, returns, check) = stocks::returns::illusion(forecasts, "GRU");
        assert!(
            prices > 0.93 && returns < 0.05 && check.copies(),
            "{} {prices} {returns} {check:?}",
            forecasts.name
        );
        let trading = stocks::returns::trade(forecasts, "GRU", 0.001);
        assert!(trading.net <= trading.gross);
    }
    let losses = stocks::volatility::walk_forward(&shares, &walk).unwrap();
    for share in &losses {
        let duel = stocks::volatility::duel(share, "HAR", "constant");
        assert!(duel.saved.low > 0.0 && duel.test.p_value < 0.05, "{} {duel:?}", share.name);
    }
}

#[test]
fn leaks_gain_what_they_can_and_the_checks_find_them() {
    let lab = Lab::new(1, 300).unwrap();
    let gains = lab.measure().unwrap();
    let gain = |leak: usize, model: Model| {
        gains.iter().find(|g| g.leak == leak && g.model == model).unwrap().gain
    };
    assert!(gain(1, Model::Ridge).estimate.abs() < 0.01, "ridge undoes any scaling");
    assert!(gain(2, Model::Neighbours).low > 0.0, "{:?}", gain(2, Model::Neighbours));
    assert!(gain(2, Model::Ridge).estimate < gain(2, Model::Neighbours).estimate);
    for model in [Model::Ridge, Model::Gru] {
        assert!(gain(3, model).low > 0.1 && gain(4, model).low > 0.1, "{model:?}");
    }
    assert!(gain(5, Model::Ridge).estimate >= 0.0);
    for (name, honest, leaking) in lab.checks() {
        assert_eq!(honest, 0, "{name}");
        assert!(leaking > 0, "{name}");
    }
}

#[test]
fn metrics_mislead_as_said() {
    let cases = metrics::cases().unwrap();
    let numbers = |k: usize, row: usize| cases[k].rows[row].1.clone();
    let (c, f, k) = (numbers(0, 0), numbers(0, 1), numbers(0, 2));
    assert!((c[0] - k[0]).abs() < 1e-9 && (c[0] - f[0]).abs() < 1e-9 && (c[3] - k[3]).abs() < 1e-9);
    assert!(c[1] > 20.0 * k[1], "MAPE in °C and in K: {} {}", c[1], k[1]);
    let (mean, median) = (numbers(1, 0), numbers(1, 1));
    assert!(median[0] < mean[0] && mean[1] < median[1], "MAE and RMSE rank them differently");
    for row in 0..cases[2].rows.len() {
        assert!(numbers(2, row)[0] > 0.95 && numbers(2, row)[1].abs() < 1e-9);
    }
    let (low, high) = (numbers(3, 0), numbers(3, 1));
    assert!((low[0] - high[0]).abs() < 1e-9 && low[2] > high[2] + 5.0);
    assert!(numbers(4, 0)[1] > 0.2 && numbers(4, 3)[1] == 0.0);
    let silly = numbers(5, 3);
    assert!((silly[0] - 90.0).abs() < 1.0 && silly[2] > 5.0 * numbers(5, 1)[2]);
}
