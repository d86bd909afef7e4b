//! # The seasonal naive forecast
//!
//! The baseline that every forecast of a seasonal series has to beat: the last value of the same
//! season. Equation (F15) of `theory/05_forecasting.md`:
//!
//! ```text
//! (F15) y^_{t+h} = y_{t + h - m ceil(h/m)}
//! ```
//!
//! m is the season: 24 for hours of a day, 12 for months; t is the last known time. The rounding up
//! sees to it that only known values are used, also for h > m. (With m = 1 this is persistence: the
//! last value.)
//!
//! | | shape |
//! |---|---|
//! | `history` | (n), the oldest first, at least m values |
//! | `season` | m, at least 1 |
//! | the answer | (H), for h = 1, ..., H |
//!
//! Example: history 10, 14, 20, 12, 12, 16, 22, 14 with m = 4 and H = 6. The last season is 12, 16,
//! 22, 14, so the forecast is 12, 16, 22, 14, 12, 16.

/// The forecasts for the next `horizon` steps.
pub fn seasonal_naive(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    // TODO: for each step, the known value a whole number of seasons back (F15).
    todo!()
}
