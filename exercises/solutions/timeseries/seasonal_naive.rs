//! The seasonal naive forecast (F15).

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t + h - season * h.div_ceil(season)]).collect() // (F15)
}
