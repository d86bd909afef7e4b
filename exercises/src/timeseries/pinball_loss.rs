//! # Forecasting quantiles: the pinball loss
//!
//! A network can learn quantiles, which nobody ever sees, with a loss that is steeper on one side.
//! Write it, as a mean, and its gradient with respect to the forecasts. Equation (F10) of
//! `theory/05_forecasting.md`:
//!
//! ```text
//! (F10) pinball_q(y, f) = max(q (y - f), (q - 1)(y - f))
//!
//!       its derivative by f:  -q where y > f,  1 - q where y < f
//! ```
//!
//! Row t of `forecasts` holds one forecast for each of the Q levels. The loss is the mean over all
//! N * Q of them. No forecast is exactly equal to what came.
//!
//! | | shape |
//! |---|---|
//! | `came` | (N) |
//! | `forecasts`, the gradient | (N, Q) |
//! | `levels` | (Q), each between 0 and 1 |
//!
//! Example: came 13, 19, 24, 15; levels 0.1 and 0.9; forecasts (12, 18), (15, 18.5), (20, 26), (14,
//! 19). The lower ones cost 0.1 * (1 + 4 + 4 + 1) = 1; the upper ones 0.1 * 5, 0.9 * 0.5, 0.1 * 2
//! and 0.1 * 4, together 1.55. The loss is 2.55 / 8 = 0.31875, and the gradient of the first row
//! (-0.1/8, 0.1/8) = (-0.0125, 0.0125).

use ndarray::{Array1, Array2};

/// The mean loss, and its gradient with respect to the forecasts, (N, Q).
pub fn pinball_loss(
    came: &Array1<f64>,
    forecasts: &Array2<f64>,
    levels: &[f64],
) -> (f64, Array2<f64>) {
    // TODO: (F10) for each forecast, and the slope of its side.
    todo!()
}
