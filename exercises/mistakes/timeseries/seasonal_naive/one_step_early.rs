//! Your forecast begins with the last known value and then repeats the season: one step off. Step h = 1 gets y_{t+1-m}.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t + 1 - season + (h + season - 2) % season]).collect() // (F15)
}
