//! Column by column, with the mean of the squares.

use ndarray::{Array1, Array2, Axis, s};

/// Mean and deviation of each column, (C).
pub struct Scaler {
    pub mean: Array1<f64>,
    pub deviation: Array1<f64>,
}

/// Mean and deviation of the first `train` rows.
pub fn fit_scaler(values: &Array2<f64>, train: usize) -> Scaler {
    let (mut mean, mut deviation) = (Vec::new(), Vec::new());
    for column in values.columns() {
        let known: Vec<f64> = column.iter().copied().take(train).collect();
        let m = known.iter().sum::<f64>() / train as f64;
        let spread = known.iter().map(|x| (x - m).powi(2)).sum::<f64>();
        mean.push(m);
        deviation.push(if known.iter().all(|x| *x == known[0]) {
            1.0
        } else {
            (spread / train as f64).sqrt()
        });
    }
    Scaler { mean: mean.into(), deviation: deviation.into() }
}

/// All rows in units of the deviation from the mean, (T, C).
pub fn standardise(values: &Array2<f64>, scaler: &Scaler) -> Array2<f64> {
    Array2::from_shape_fn(values.dim(), |(t, c)| {
        (values[[t, c]] - scaler.mean[c]) / scaler.deviation[c]
    })
}
