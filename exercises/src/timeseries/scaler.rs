//! # A scaler that has not seen the future
//!
//! Before a network reads a series, each column is brought to mean 0 and deviation 1. The two
//! numbers come from the **training part only**: the mean of everything would tell the model where
//! the series is going. Equation (F1) of `theory/05_forecasting.md`:
//!
//! ```text
//! (F1)  x~ = (x - mu_train) / s_train
//! ```
//!
//! 1. `fit_scaler` looks at the first `train` rows. Mean and deviation are per column; the
//!    deviation is the root of the mean squared distance from the mean (divisor n, not n - 1). A
//!    column that is constant in training gets the deviation 1, so that nothing is divided by 0.
//! 2. `standardise` applies (F1) to all rows, later ones too.
//!
//! | | shape |
//! |---|---|
//! | `values`, the standardised | (T, C) |
//! | `mean`, `deviation` | (C) |
//! | `train` | how many rows are training, from 1 to T |
//!
//! Example: one column 10, 14, 20, 12, 12, 16, 22, 14, 13 of which 8 rows are training. The mean is
//! 15, the deviation sqrt(15) = 3.8730, and the last value becomes (13 - 15) / 3.8730 = -0.5164.

use ndarray::{Array1, Array2, Axis, s};

/// Mean and deviation of each column, (C).
pub struct Scaler {
    pub mean: Array1<f64>,
    pub deviation: Array1<f64>,
}

/// Mean and deviation of the first `train` rows.
pub fn fit_scaler(values: &Array2<f64>, train: usize) -> Scaler {
    // TODO: per column, of the training rows; 1 for a constant column.
    todo!()
}

/// All rows in units of the deviation from the mean, (T, C).
pub fn standardise(values: &Array2<f64>, scaler: &Scaler) -> Array2<f64> {
    // TODO: (F1).
    todo!()
}
