//! MAE (F3), RMSE (F4) and MASE (F6).

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
    let steps = (season..training.len()).map(|t| (training[t] - training[t - season]).abs());
    let mase = mae / mean(steps.collect()); // (F6)
    Metrics { mae, rmse, mase }
}
