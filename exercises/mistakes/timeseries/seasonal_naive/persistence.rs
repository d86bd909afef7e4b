//! You repeat the last value. That is persistence, the case m = 1; with a season it is the value of the same place in the last season (F15).

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t]).collect() // (F15)
}
