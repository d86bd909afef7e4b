//! # MAE, RMSE and MASE
//!
//! How good is a forecast? Three numbers, equations (F3), (F4) and (F6) of
//! `theory/05_forecasting.md`, with the errors e_t = y_t - f_t:
//!
//! ```text
//! (F3)  MAE  = 1/N sum_t |e_t|
//! (F4)  RMSE = sqrt(1/N sum_t e_t^2)
//! (F6)  MASE = MAE / D        D = 1/(n - m) sum_{t = m+1}^{n} |y_t - y_{t-m}|, over the training part
//! ```
//!
//! MASE measures in units of what the seasonal naive forecast (the value one season back) got wrong
//! **in training**, so that series of different kinds can be compared. m is the season: 4 for
//! quarters, 24 for hours.
//!
//! | | |
//! |---|---|
//! | `came`, `forecast` | (N) each, at least one |
//! | `training` | (n), more than m values |
//! | `season` | m, at least 1 |
//!
//! Example: training 10, 14, 20, 12, 12, 16, 22, 14 with m = 4; came 13, 19, 24, 15, forecast 15,
//! 18, 23, 17. The errors are -2, 1, 1, -2. MAE = 6/4 = 1.5, RMSE = sqrt(10/4) = 1.5811. Each
//! training value of the second year is 2 above that of the first, so MASE = 1.5 / 2 = 0.75.

/// What you are asked for.
pub struct Metrics {
    pub mae: f64,
    pub rmse: f64,
    pub mase: f64,
}

/// The three metrics of a forecast.
pub fn forecast_metrics(
    came: &[f64],
    forecast: &[f64],
    training: &[f64],
    season: usize,
) -> Metrics {
    // TODO: (F3), (F4) and (F6).
    todo!()
}
