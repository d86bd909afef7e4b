//! Lesson `timeseries`. Numbers by hand are those of `theory/05_forecasting.md`.

use ndarray::{Array2, array};
use seqcore::data::scaler::Scaler;
use seqcore::data::windows::{Shape, flat, recursive, targets};
use seqcore::data::{Fractions, split};
use seqcore::loss;
use seqcore::metrics::{conformal, forecast};

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/timeseries/chronological_split.rs"]
mod chronological_split;
#[path = "../../../../exercises/solutions/timeseries/conformal_interval.rs"]
mod conformal_interval;
#[path = "../../../../exercises/solutions/timeseries/forecast_metrics.rs"]
mod forecast_metrics;
#[path = "../../../../exercises/solutions/timeseries/pinball_loss.rs"]
mod pinball_loss;
#[path = "../../../../exercises/solutions/timeseries/recursive_forecast.rs"]
mod recursive_forecast;
#[path = "../../../../exercises/solutions/timeseries/scaler.rs"]
mod scaler;
#[path = "../../../../exercises/solutions/timeseries/seasonal_naive.rs"]
mod seasonal_naive;
#[path = "../../../../exercises/solutions/timeseries/walk_forward.rs"]
mod walk_forward;
#[path = "../../../../exercises/solutions/timeseries/windows.rs"]
mod windows;

/// Two years of quarterly sales for training, and the third.
const TRAINING: [f64; 8] = [10.0, 14.0, 20.0, 12.0, 12.0, 16.0, 22.0, 14.0];
const CAME: [f64; 4] = [13.0, 19.0, 24.0, 15.0];

fn ends(range: std::ops::Range<usize>) -> (usize, usize) {
    (range.start, range.end)
}

#[test]
fn the_split_agrees() {
    let fractions = Fractions { dev: 0.125, test: 0.25 };
    for embargo in [0, 4] {
        let theirs = split::chronological(240, fractions).unwrap().with_embargo(embargo).unwrap();
        let own = chronological_split::chronological_split(240, 30, 60, embargo).unwrap();
        assert_eq!(own.train, ends(theirs.train));
        assert_eq!(own.dev, ends(theirs.dev));
        assert_eq!(own.test, ends(theirs.test));
    }
}

#[test]
fn the_scaler_agrees() {
    let mut values = numbers(1, (40, 3)) * 4.0 + 7.0;
    values.column_mut(1).fill(3.0);
    let parts = split::chronological(40, Fractions { dev: 0.125, test: 0.25 }).unwrap();
    let theirs = Scaler::fit(&parts.training(&values));
    let own = scaler::fit_scaler(&values, 25);
    assert_eq!(parts.train, 0..25);
    assert_close(&own.mean, &theirs.mean.clone().into());
    assert_close(&own.deviation, &theirs.deviation.clone().into());
    let scaled = scaler::standardise(&values, &own).mapv(|z| z as f32);
    let close = scaled.iter().zip(&theirs.apply(&values)).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(close, "{scaled}");
}

#[test]
fn the_scaler_gives_the_chapters_numbers() {
    let values = Array2::from_shape_vec((12, 1), [TRAINING.as_slice(), &CAME].concat()).unwrap();
    let first_test = |train: usize| {
        let scaler = scaler::fit_scaler(&values, train);
        (scaler.mean[0], scaler.deviation[0], scaler::standardise(&values, &scaler)[[8, 0]])
    };
    let (mean, deviation, first) = first_test(8);
    assert!((mean - 15.0).abs() < 1e-12 && (deviation - 15.0_f64.sqrt()).abs() < 1e-12);
    assert!((first + 0.5164).abs() < 5e-5);
    let (mean, deviation, _) = first_test(12);
    assert!((mean - 15.9167).abs() < 5e-5 && (deviation - 4.1924).abs() < 5e-5);
}

#[test]
fn windows_are_as_many_as_the_chapter_says() {
    let series: Vec<f64> = (0..1000).map(f64::from).collect();
    let (inputs, targets) = windows::windows(&series, 48, 24);
    assert_eq!((inputs.dim(), targets.dim()), ((929, 48), (929, 24)));
    assert_eq!((inputs[[928, 47]], targets[[928, 0]], targets[[928, 23]]), (975.0, 976.0, 999.0));
}

#[test]
fn windows_agree() {
    let series = numbers(1, 30).to_vec();
    let (shape, all) = (Shape::new(5, 3), 0..30);
    let origins: Vec<usize> = shape.origins(&all).collect();
    let column = Array2::from_shape_vec((30, 1), series.clone()).unwrap();
    let own = windows::windows(&series, 5, 3);
    assert_close(&own.0, &flat(&column, &Array2::zeros((30, 0)), &origins, &shape));
    assert_close(&own.1, &targets(&series, &origins, &shape));
}

#[test]
fn the_metrics_are_the_chapters() {
    let of = |forecast: [f64; 4]| {
        let metrics = forecast_metrics::forecast_metrics(&CAME, &forecast, &TRAINING, 4);
        [metrics.mae, metrics.rmse, metrics.mase]
    };
    for (forecast, expected) in [
        ([15.0, 18.0, 23.0, 17.0], [1.5, 1.5811, 0.75]),
        ([12.0, 16.0, 22.0, 14.0], [1.75, 1.9365, 0.875]),
        ([14.0, 13.0, 19.0, 24.0], [5.25, 5.9791, 2.625]),
    ] {
        let close =
            of(forecast).iter().zip(expected).all(|(own, by_hand)| (own - by_hand).abs() < 5e-5);
        assert!(close, "{:?} {expected:?}", of(forecast));
    }
}

#[test]
fn the_metrics_agree() {
    let (training, came, f) = (numbers(1, 20), numbers(2, 7), numbers(3, 7));
    let (training, came, f) = (training.to_vec(), came.to_vec(), f.to_vec());
    let own = forecast_metrics::forecast_metrics(&came, &f, &training, 6);
    let scale = forecast::mase_scale(&training, 6);
    assert!((own.mae - forecast::mae(&came, &f)).abs() < 1e-13);
    assert!((own.rmse - forecast::rmse(&came, &f)).abs() < 1e-13);
    assert!((own.mase - forecast::mase(&came, &f, scale)).abs() < 1e-13);
}

#[test]
fn seasonal_naive_agrees() {
    assert_eq!(seasonal_naive::seasonal_naive(&TRAINING, 4, 4), [12.0, 16.0, 22.0, 14.0]);
    // Persistence.
    assert_eq!(seasonal_naive::seasonal_naive(&TRAINING, 1, 3), [14.0; 3]);
    // The last season of three, again and again.
    let last: Vec<f64> = TRAINING[TRAINING.len() - 3..].to_vec();
    assert_eq!(seasonal_naive::seasonal_naive(&TRAINING, 3, 9), last.repeat(3));
}

#[test]
fn a_faulty_model_runs_away_as_the_chapter_says() {
    // 0.92 in place of 0.9: 2 per cent too much after one step, 70 after 24.
    let forecast = |weight: f64| {
        let model = recursive_forecast::OneStep { weights: vec![weight], bias: 0.0 };
        recursive_forecast::recursive_forecast(&model, &[1.0], 24)
    };
    let ratio = |step: usize| forecast(0.92)[step - 1] / forecast(0.9)[step - 1];
    assert!((ratio(1) - 1.022).abs() < 1e-3 && (ratio(24) - 1.695).abs() < 1e-3, "{}", ratio(24));
}

#[test]
fn recursive_forecast_agrees() {
    let model = recursive_forecast::OneStep { weights: vec![0.3, -0.2, 0.7], bias: 0.4 };
    let window = [1.0, 2.0, -1.0];
    let theirs = recursive(&window, 8, |window| model.next(window));
    assert_eq!(recursive_forecast::recursive_forecast(&model, &window, 8), theirs);
}

#[test]
fn walk_forward_agrees() {
    let folds = walk_forward::walk_forward(53, 3, 7, 3);
    for (own, theirs) in folds.iter().zip(split::walk_forward(53, 3, 7, 3).unwrap()) {
        assert_eq!((own.train, own.test), (ends(theirs.train), ends(theirs.test)));
    }
    // The end of the series is tested once.
    let folds = walk_forward::walk_forward(53, 4, 7, 3);
    let tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test.0..fold.test.1).collect();
    assert_eq!(tested, (25..53).collect::<Vec<_>>());
    assert!(folds.iter().all(|fold| fold.train == (0, fold.test.0 - 3)));
}

#[test]
fn pinball_loss_agrees() {
    let (came, forecasts, levels) = (numbers(1, 6), numbers(2, (6, 3)), [0.1, 0.5, 0.8]);
    let (loss, gradient) = pinball_loss::pinball_loss(&came, &forecasts, &levels);
    let theirs = loss::pinball(forecasts.clone(), &came, &levels, forecasts.len());
    assert!((loss - theirs.mean()).abs() < 1e-13);
    assert_close(&gradient, &theirs.gradient);
    // By hand, section 5.7: 0.25 for the lower ends, 0.3875 for the upper.
    let (low, high) =
        (array![[12.0], [15.0], [20.0], [14.0]], array![[18.0], [18.5], [26.0], [19.0]]);
    let of = |f: &Array2<f64>, q: f64| pinball_loss::pinball_loss(&CAME.to_vec().into(), f, &[q]).0;
    assert!((of(&low, 0.1) - 0.25).abs() < 1e-12 && (of(&high, 0.9) - 0.3875).abs() < 1e-12);
}

#[test]
fn the_interval_agrees() {
    let errors = [0.2, -0.5, 0.6, 0.9, -1.1, 1.3, 1.8, -2.0, 3.1];
    let at = |alpha| conformal_interval::conformal_interval(&errors, alpha, 10.0);
    assert_eq!(at(0.2), Some((8.0, 12.0)));
    assert_eq!(at(0.05), None);
    for alpha in [0.125, 0.25, 0.4375, 0.75] {
        let r = conformal::quantile(&errors.map(f64::abs), alpha);
        assert_eq!(at(alpha), Some((10.0 - r, 10.0 + r)));
    }
}
