//! # An interval that keeps its promise
//!
//! A model's forecasts were wrong by so and so much on a calibration part that it was not trained
//! on. Put an interval round a new forecast that holds what comes with probability 1 - alpha,
//! whatever the model. Split-conformal prediction, equation (F12) of `theory/05_forecasting.md`:
//!
//! ```text
//! (F12) k = ceil((n + 1)(1 - alpha))
//!       r = the k-th smallest of |e_1|, ..., |e_n|
//!
//!       the interval: from forecast - r to forecast + r
//! ```
//!
//! The errors come with their signs and in order of time. If k is above n, there are too few of
//! them to support such a claim: `None`.
//!
//! | | |
//! |---|---|
//! | `errors` | (n), at least one |
//! | `alpha` | the share that may fall outside, between 0 and 1 |
//! | `forecast` | the new forecast |
//! | the answer | (lower end, upper end), or `None` |
//!
//! Example: errors 0.2, -0.5, 2.0, 0.9, -1.1, 3.1, -1.8, 0.6, 1.3, forecast 15, alpha 0.25. k =
//! ceil(10 * 0.75) = 8; the eighth smallest size is 2.0, so the interval is (13, 17). For alpha
//! 0.05, k = ceil(9.5) = 10 is above 9: `None`.

/// The interval round `forecast`; nothing where the errors are too few.
pub fn conformal_interval(errors: &[f64], alpha: f64, forecast: f64) -> Option<(f64, f64)> {
    // TODO: the sizes, sorted; the rank k; both sides.
    todo!()
}
