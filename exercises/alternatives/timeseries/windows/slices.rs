//! With the slice method of that name.

use ndarray::Array2;

/// Inputs, (N, W), and targets, (N, H).
pub fn windows(series: &[f64], history: usize, horizon: usize) -> (Array2<f64>, Array2<f64>) {
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for window in series.windows(history + horizon) {
        let (past, future) = window.split_at(history);
        inputs.extend_from_slice(past);
        targets.extend_from_slice(future);
    }
    let n = inputs.len() / history;
    let array =
        |columns: usize, data: Vec<f64>| Array2::from_shape_vec((n, columns), data).unwrap();
    (array(history, inputs), array(horizon, targets))
}
