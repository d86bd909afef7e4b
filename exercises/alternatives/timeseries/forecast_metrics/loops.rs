//! Running sums; MASE by multiplying.

/// What you are asked for.
pub struct Metrics {
    pub mae: f64,
    pub rmse: f64,
    pub mase: f64,
}

/// The three metrics of a forecast.
pub fn forecast_metrics(
    came: &[f64],
    forecast: &[f64],
    training: &[f64],
    season: usize,
) -> Metrics {
    let (mut absolute, mut squares) = (0.0, 0.0);
    for k in 0..came.len() {
        let e = forecast[k] - came[k];
        absolute += if e < 0.0 { -e } else { e };
        squares += e.powi(2);
    }
    let n = came.len() as f64;
    let naive: f64 =
        training.iter().skip(season).zip(training).map(|(y, before)| (y - before).abs()).sum();
    let count = (training.len() - season) as f64;
    Metrics { mae: absolute / n, rmse: (squares / n).sqrt(), mase: absolute * count / (naive * n) }
}
