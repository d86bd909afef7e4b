//! You walk back from the last value: the season runs backwards. Time goes on in the forecast as it did in the season.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t - (h - 1) % season]).collect() // (F15)
}
