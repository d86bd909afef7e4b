//! Every value is one step too old. t is the last known time; counted from 0, its index is n - 1.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 2; // the last known time
    (1..=horizon).map(|h| history[t + h - season * h.div_ceil(season)]).collect() // (F15)
}
