//! Your arrays are (W, N) and (H, N). Each window is a **row**.

use ndarray::Array2;

/// Inputs, (N, W), and targets, (N, H).
pub fn windows(series: &[f64], history: usize, horizon: usize) -> (Array2<f64>, Array2<f64>) {
    let n = (series.len() + 1).saturating_sub(history + horizon);
    let inputs = Array2::from_shape_fn((n, history), |(k, j)| series[k + j]); // (N, W)
    let targets = Array2::from_shape_fn((n, horizon), |(k, j)| series[k + history + j]); // (N, H) (F2)
    (inputs.reversed_axes(), targets.reversed_axes())
}
