//! Standardising a series with what was known at the time.
//!
//! ```text
//! (F1)  z = (x − μ) / σ          μ, σ of the training part only
//! ```
//!
//! A scaler that has seen the test part has seen its level and its spread. [`Scaler::fit`] takes a
//! [`Training`], which cannot hold later rows: the leak does not compile.

use ndarray::{Array2, ArrayRef2};
use serde::{Deserialize, Serialize};

use super::split::Training;

/// Mean and deviation of each column, (C).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// μ
    pub mean: Vec<f64>,
    /// σ; 1 for a column that does not vary.
    pub deviation: Vec<f64>,
}

impl Scaler {
    /// Mean and (population) deviation of the training rows, missing numbers left out.
    pub fn fit(training: &Training) -> Self {
        let of_column = |column: ndarray::ArrayView1<f64>| {
            let there: Vec<f64> = column.iter().copied().filter(|x| x.is_finite()).collect();
            let n = there.len().max(1) as f64;
            let mean = there.iter().sum::<f64>() / n;
            let variance = there.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            // Rounding gives a constant column a tiny deviation; nothing should be divided by that.
            let varies = variance.sqrt() > 1e-9 * mean.abs().max(1e-9);
            (mean, if varies { variance.sqrt() } else { 1.0 })
        };
        let (mean, deviation) = training.values().columns().into_iter().map(of_column).unzip();
        Self { mean, deviation }
    }

    /// Rows (T, C) in units of σ from μ, as the network reads them; a missing number becomes 0, the mean.
    pub fn apply(&self, values: &ArrayRef2<f64>) -> Array2<f32> {
        assert_eq!(values.ncols(), self.mean.len(), "columns of the series against the scaler's");
        Array2::from_shape_fn(values.dim(), |(t, c)| {
            let z = (values[(t, c)] - self.mean[c]) / self.deviation[c]; // (F1)
            if z.is_finite() { z as f32 } else { 0.0 }
        })
    }

    /// A number of column `column` back in its own units.
    pub fn invert(&self, column: usize, z: f64) -> f64 {
        z * self.deviation[column] + self.mean[column]
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{array, s};

    use super::super::split::{Fractions, chronological};
    use super::*;

    // sklearn.preprocessing.StandardScaler().fit([[1, 5], [2, 5], [6, 5]]).mean_, .scale_
    #[test]
    fn it_is_sklearns_on_the_training_rows_and_blind_to_the_rest() {
        let mut values = array![[1.0, 5.0], [2.0, 5.0], [6.0, 5.0], [1e9, -7.0]];
        let parts = chronological(4, Fractions { dev: 0.0, test: 0.25 }).unwrap();
        let scaler = Scaler::fit(&parts.training(&values));
        assert_eq!(scaler.mean, [3.0, 5.0]);
        assert!((scaler.deviation[0] - 2.160246899469287).abs() < 1e-15);
        assert_eq!(scaler.deviation[1], 1.0);
        values.row_mut(3).fill(f64::NAN);
        assert_eq!(Scaler::fit(&parts.training(&values)), scaler);

        let z = scaler.apply(&values);
        assert_eq!(z.slice(s![3, ..]), array![0.0, 0.0]);
        assert!((scaler.invert(0, f64::from(z[(2, 0)])) - 6.0).abs() < 1e-6);
    }

    #[test]
    fn missing_numbers_are_left_out() {
        let values = array![[1.0], [f64::NAN], [3.0], [0.0]];
        let parts = chronological(4, Fractions { dev: 0.0, test: 0.25 }).unwrap();
        assert_eq!(Scaler::fit(&parts.training(&values)).mean, [2.0]);
    }
}
