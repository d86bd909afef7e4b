//! Your forecast is one step off: it begins with the second value of the last season. Step h = 1 gets y_{t+1-m}, the first of the last m values.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon).map(|h| history[t + 1 - season + h % season]).collect() // (F15)
}
