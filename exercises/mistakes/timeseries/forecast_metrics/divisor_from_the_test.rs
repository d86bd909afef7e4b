//! The divisor of MASE comes from the test part. It is the naive forecast's error **in training** (F6), so that it is fixed before anything is forecast.

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
    let errors: Vec<f64> = came.iter().zip(forecast).map(|(y, f)| y - f).collect();
    let mean = |terms: Vec<f64>| terms.iter().sum::<f64>() / terms.len() as f64;
    let mae = mean(errors.iter().map(|e| e.abs()).collect()); // (F3)
    let rmse = mean(errors.iter().map(|e| e * e).collect()).sqrt(); // (F4)
    let steps = (season..came.len()).map(|t| (came[t] - came[t - season]).abs());
    let mase = mae / mean(steps.collect()); // (F6)
    Metrics { mae, rmse, mase }
}
