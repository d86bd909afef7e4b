//! All columns share one mean and one deviation. Pressure near 1000 and wind near 3 need their own: one of each per column.

use ndarray::{Array1, Array2, Axis, s};

/// Mean and deviation of each column, (C).
pub struct Scaler {
    pub mean: Array1<f64>,
    pub deviation: Array1<f64>,
}

/// Mean and deviation of the first `train` rows.
pub fn fit_scaler(values: &Array2<f64>, train: usize) -> Scaler {
    let known = values.slice(s![..train, ..]); // (train, C)
    let mean = Array1::from_elem(values.ncols(), known.mean().unwrap_or_default());
    let variance = Array1::from_elem(
        values.ncols(),
        (&known - &mean).mapv(|d| d * d).mean().unwrap_or_default(),
    );
    let deviation = variance.mapv(|v| if v > 0.0 { v.sqrt() } else { 1.0 });
    Scaler { mean, deviation }
}

/// All rows in units of the deviation from the mean, (T, C).
pub fn standardise(values: &Array2<f64>, scaler: &Scaler) -> Array2<f64> {
    (values - &scaler.mean) / &scaler.deviation // (F1)
}
