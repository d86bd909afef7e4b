//! # From a series to windows and targets
//!
//! A network wants many examples, and a series is one. Slide a window along it: the last W values
//! are the input, the next H values the target. Equation (F2) of `theory/05_forecasting.md`:
//!
//! ```text
//! (F2)  inputs (x_{t-W+1}, ..., x_t)   ->   targets (x_{t+1}, ..., x_{t+H})
//! ```
//!
//! Take every origin t for which both fit, the earliest first, each window one step after the one
//! before. Within a row, time runs from left to right. A series that is too short has no windows:
//! arrays with 0 rows.
//!
//! | | shape |
//! |---|---|
//! | `series` | (n) |
//! | `history`, `horizon` | W and H, at least 1 |
//! | the inputs | (N, W) |
//! | the targets | (N, H) |
//!
//! Example: 10, 14, 20, 12, 12, 16 with W = 3 and H = 2 has N = 2 windows: (10, 14, 20) -> (12, 12)
//! and (14, 20, 12) -> (12, 16).

use ndarray::Array2;

/// Inputs, (N, W), and targets, (N, H).
pub fn windows(series: &[f64], history: usize, horizon: usize) -> (Array2<f64>, Array2<f64>) {
    // TODO: how many windows? Then both arrays.
    todo!()
}
