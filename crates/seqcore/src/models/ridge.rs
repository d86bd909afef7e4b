//! Ridge regression: the linear model that a network has to beat on the same inputs.
//!
//! ```text
//! (F17)  W = argmin Σ_n |y_n − W z_n − b|² + λ |W|²  =  (ZᵀZ + λ I)⁻¹ Zᵀ (Y − ȳ),   b = ȳ
//! ```
//!
//! with z the inputs, standardised on the training rows (Hoerl and Kennard 1970). The matrix is symmetric and positive
//! for λ > 0, so Cholesky's A = L Lᵀ solves it.

use ndarray::{Array1, Array2, ArrayRef2, Axis};

/// A fitted ridge regression with several outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    /// Mean of each input, (P).
    pub mean: Array1<f64>,
    /// Deviation of each input, (P); 1 where it does not vary.
    pub deviation: Array1<f64>,
    /// W for standardised inputs, (P, outputs).
    pub weight: Array2<f64>,
    /// b, (outputs).
    pub bias: Array1<f64>,
}

/// The sums from which a ridge regression is solved for any λ: the costly half, done once.
#[derive(Debug, Clone)]
pub struct Normal {
    mean: Array1<f64>,
    deviation: Array1<f64>,
    gram: Array2<f64>,   // (P, P)
    moment: Array2<f64>, // (P, outputs)
    bias: Array1<f64>,
}

impl Normal {
    /// From inputs `x` (N, P) and targets `y` (N, outputs).
    pub fn new(x: &ArrayRef2<f64>, y: &ArrayRef2<f64>) -> Self {
        assert_eq!(x.nrows(), y.nrows(), "inputs {:?} against targets {:?}", x.dim(), y.dim());
        assert!(x.nrows() > 0, "a regression needs rows");
        let mean = x.mean_axis(Axis(0)).expect("there are rows");
        let deviation = x.std_axis(Axis(0), 0.0);
        let deviation = ndarray::Zip::from(&deviation)
            .and(&mean)
            .map_collect(|&s, &m| if s > 1e-9 * m.abs().max(1e-9) { s } else { 1.0 });
        let z = (x.to_owned() - &mean) / &deviation; // (N, P)
        let bias = y.mean_axis(Axis(0)).expect("there are rows");
        let gram = z.t().dot(&z);
        let moment = z.t().dot(&(y.to_owned() - &bias));
        Self { mean, deviation, gram, moment, bias }
    }

    /// The solution for one λ, above 0.
    pub fn solve(&self, lambda: f64) -> Ridge {
        assert!(lambda > 0.0, "λ is above 0, not {lambda}");
        let mut a = self.gram.clone();
        a.diag_mut().mapv_inplace(|v| v + lambda);
        let mut weight = self.moment.clone();
        cholesky_solve(&mut a, &mut weight); // (F17)
        let Self { mean, deviation, bias, .. } = self.clone();
        Ridge { mean, deviation, weight, bias }
    }
}

impl Ridge {
    /// Fits inputs `x` (N, P) to targets `y` (N, outputs).
    ///
    /// ```
    /// use ndarray::array;
    /// use seqcore::models::ridge::Ridge;
    /// let x = array![[0.0], [1.0], [2.0], [3.0]];
    /// let line = Ridge::fit(&x, &array![[1.0], [3.0], [5.0], [7.0]], 1e-9);
    /// assert!((line.predict(&array![[10.0]])[(0, 0)] - 21.0).abs() < 1e-6);
    /// ```
    pub fn fit(x: &ArrayRef2<f64>, y: &ArrayRef2<f64>, lambda: f64) -> Self {
        Normal::new(x, y).solve(lambda)
    }

    /// Forecasts (N, outputs) for inputs (N, P).
    pub fn predict(&self, x: &ArrayRef2<f64>) -> Array2<f64> {
        assert_eq!(
            x.ncols(),
            self.mean.len(),
            "inputs {:?} for {} weights",
            x.dim(),
            self.mean.len()
        );
        // W (x − μ)/σ + b, with σ moved into W: one product over the raw inputs.
        let weight = &self.weight / &self.deviation.view().insert_axis(Axis(1));
        x.dot(&weight) + (&self.bias - &self.mean.dot(&weight))
    }
}

/// Solves A X = B for a symmetric positive A (P, P), in place: A becomes L, B (P, outputs) becomes X.
fn cholesky_solve(a: &mut Array2<f64>, b: &mut Array2<f64>) {
    let n = a.nrows();
    for j in 0..n {
        for i in j..n {
            let (row, pivot) = (a.row(i), a.row(j));
            let (row, pivot) = (row.as_slice().expect("rows"), pivot.as_slice().expect("rows"));
            let sum = a[(i, j)] - row[..j].iter().zip(&pivot[..j]).map(|(x, y)| x * y).sum::<f64>();
            a[(i, j)] = if i == j { sum.max(f64::MIN_POSITIVE).sqrt() } else { sum / a[(j, j)] };
        }
    }
    for mut x in b.columns_mut() {
        for i in 0..n {
            let sum: f64 = (0..i).map(|k| a[(i, k)] * x[k]).sum();
            x[i] = (x[i] - sum) / a[(i, i)]; // L u = b
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| a[(k, i)] * x[k]).sum();
            x[i] = (x[i] - sum) / a[(i, i)]; // Lᵀ x = u
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    // X = np.array([[1.,2.],[2.,1.],[3.,5.],[4.,3.],[6.,1.]]); Y = np.array([[1.,0.],[2.,1.],[2.,5.],[4.,3.],[7.,2.]])
    // Z = StandardScaler().fit_transform(X); r = Ridge(alpha=0.7).fit(Z, Y); r.coef_.T, r.intercept_,
    // r.predict(scaler.transform([[5., 2.]]))
    #[test]
    fn it_is_sklearns() {
        let x = array![[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 3.0], [6.0, 1.0]];
        let y = array![[1.0, 0.0], [2.0, 1.0], [2.0, 5.0], [4.0, 3.0], [7.0, 2.0]];
        let ridge = Ridge::fit(&x, &y, 0.7);
        let expected = array![
            [1.7708285474805205, 0.7164737819928071],
            [-0.46407541415149817, 1.3108716953788162]
        ];
        assert!((&ridge.weight - &expected).iter().all(|d| d.abs() < 1e-12), "{:?}", ridge.weight);
        assert!((&ridge.bias - &array![3.2, 2.2]).iter().all(|d| d.abs() < 1e-12));
        let forecast = ridge.predict(&array![[5.0, 2.0]]);
        assert!(
            (&forecast - &array![[5.176721106909973, 2.5992502711118726]])
                .iter()
                .all(|d| d.abs() < 1e-12),
            "{forecast:?}"
        );
    }

    #[test]
    fn columns_that_do_not_vary_or_are_there_twice_do_no_harm() {
        let x = array![[1.0, 7.0, 1.0], [2.0, 7.0, 2.0], [3.0, 7.0, 3.0]];
        let ridge = Ridge::fit(&x, &array![[2.0], [4.0], [6.0]], 1e-6);
        assert!((ridge.predict(&array![[4.0, 7.0, 4.0]])[(0, 0)] - 8.0).abs() < 1e-4);
    }
}
