//! Appends to the history, so that one season back always exists.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let mut known = history.to_vec();
    for _ in 0..horizon {
        known.push(known[known.len() - season]);
    }
    known.split_off(history.len())
}
