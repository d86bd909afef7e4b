//! You average all seasons. That is the seasonal mean; the naive forecast takes the last season alone.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let t = history.len() - 1; // the last known time
    (1..=horizon)
        .map(|h| {
            let same: Vec<f64> =
                (0..=t).filter(|k| (t + h - k) % season == 0).map(|k| history[k]).collect();
            same.iter().sum::<f64>() / same.len() as f64
        })
        .collect() // (F15)
}
