//! The sides are exchanged: you charge q where the forecast is too high. For q = 0.9 an outcome **above** the forecast must cost nine times as much, or the forecast settles at the 0.1 quantile.

use ndarray::{Array1, Array2};

/// The mean loss, and its gradient with respect to the forecasts, (N, Q).
pub fn pinball_loss(
    came: &Array1<f64>,
    forecasts: &Array2<f64>,
    levels: &[f64],
) -> (f64, Array2<f64>) {
    let n = forecasts.len() as f64; // N * Q
    let mut loss = 0.0;
    let mut d_forecasts = Array2::zeros(forecasts.dim()); // (N, Q)
    for ((t, k), &f) in forecasts.indexed_iter() {
        let (y, q) = (came[t], levels[k]);
        let slope = if y > f { q - 1.0 } else { q };
        loss += slope * (f - y); // (F10)
        d_forecasts[[t, k]] = slope / n;
    }
    (loss / n, d_forecasts)
}
