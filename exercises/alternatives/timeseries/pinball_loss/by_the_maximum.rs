//! The maximum of (F10) as it stands; the gradient from its sign.

use ndarray::{Array1, Array2};

/// The mean loss, and its gradient with respect to the forecasts, (N, Q).
pub fn pinball_loss(
    came: &Array1<f64>,
    forecasts: &Array2<f64>,
    levels: &[f64],
) -> (f64, Array2<f64>) {
    let (rows, columns) = forecasts.dim();
    let error = |t: usize, k: usize| came[t] - forecasts[[t, k]];
    let mut loss = 0.0;
    for k in 0..columns {
        let column: f64 =
            (0..rows).map(|t| (levels[k] * error(t, k)).max((levels[k] - 1.0) * error(t, k))).sum();
        loss += column / rows as f64 / columns as f64;
    }
    let above = |t: usize, k: usize| if error(t, k) > 0.0 { 1.0 } else { 0.0 };
    (
        loss,
        Array2::from_shape_fn((rows, columns), |(t, k)| {
            (1.0 - levels[k] - above(t, k)) / (rows * columns) as f64
        }),
    )
}
