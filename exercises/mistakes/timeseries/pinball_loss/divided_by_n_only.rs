//! You divide by the number of rows N. The mean is over all forecasts, N * Q of them.

use ndarray::{Array1, Array2};

/// The mean loss, and its gradient with respect to the forecasts, (N, Q).
pub fn pinball_loss(
    came: &Array1<f64>,
    forecasts: &Array2<f64>,
    levels: &[f64],
) -> (f64, Array2<f64>) {
    let n = forecasts.nrows() as f64;
    let mut loss = 0.0;
    let mut d_forecasts = Array2::zeros(forecasts.dim()); // (N, Q)
    for ((t, k), &f) in forecasts.indexed_iter() {
        let (y, q) = (came[t], levels[k]);
        let slope = if y > f { -q } else { 1.0 - q };
        loss += slope * (f - y); // (F10)
        d_forecasts[[t, k]] = slope / n;
    }
    (loss / n, d_forecasts)
}
