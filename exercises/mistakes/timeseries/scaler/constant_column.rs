//! A column that is constant in training has the deviation 0, and dividing by that gives NaN or infinity. Take 1 for it.

use ndarray::{Array1, Array2, Axis, s};

/// Mean and deviation of each column, (C).
pub struct Scaler {
    pub mean: Array1<f64>,
    pub deviation: Array1<f64>,
}

/// Mean and deviation of the first `train` rows.
pub fn fit_scaler(values: &Array2<f64>, train: usize) -> Scaler {
    let known = values.slice(s![..train, ..]); // (train, C)
    let mean = known.mean_axis(Axis(0)).unwrap_or_default(); // (C)
    let variance = (&known - &mean).mapv(|d| d * d).sum_axis(Axis(0)) / train as f64;
    let deviation = variance.mapv(|v| v.sqrt());
    Scaler { mean, deviation }
}

/// All rows in units of the deviation from the mean, (T, C).
pub fn standardise(values: &Array2<f64>, scaler: &Scaler) -> Array2<f64> {
    (values - &scaler.mean) / &scaler.deviation // (F1)
}
