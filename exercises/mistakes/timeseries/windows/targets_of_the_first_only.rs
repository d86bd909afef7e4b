//! The number of windows does not depend on H with you: the last ones have targets beyond the end of the series, which you fill up with the last value. An origin counts only if all its targets exist.

use ndarray::Array2;

/// Inputs, (N, W), and targets, (N, H).
pub fn windows(series: &[f64], history: usize, horizon: usize) -> (Array2<f64>, Array2<f64>) {
    let n = (series.len() + 1).saturating_sub(history + 1);
    let inputs = Array2::from_shape_fn((n, history), |(k, j)| series[k + j]); // (N, W)
    let targets = Array2::from_shape_fn((n, horizon), |(k, j)| {
        series[(k + history + j).min(series.len() - 1)]
    }); // (N, H) (F2)
    (inputs, targets)
}
