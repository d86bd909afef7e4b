//! Principal components: the directions in which the states spread most.
//!
//! ```text
//! C = (1/N) sum_n (h_n − mean)(h_n − mean)ᵀ      (H, H), the covariance of N states
//! C v = λ v                                      λ is the variance along v
//! ```
//!
//! The largest λ is found by *power iteration*: v ← C v / |C v| turns any start towards the
//! direction that C stretches most, by the same mathematics that makes gradients vanish and
//! explode under W_hh (R15). Taking λ v vᵀ out of C leaves the next one to be found.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::Rng;
use seqcore::init;

/// The most steps of power iteration; two variances that are nearly equal need many.
const ITERATIONS: usize = 5000;

/// The first few principal components of some states.
#[derive(Debug, Clone)]
pub struct Projection {
    /// The mean state, (H).
    pub mean: Array1<f64>,
    /// The directions, of length 1 each, (K, H).
    pub axes: Array2<f64>,
    /// The variance along each, largest first.
    pub variances: Vec<f64>,
    /// The variance along all H directions together.
    pub total: f64,
}

impl Projection {
    /// The first `count` components of `states` (N, H). The random start decides nothing but
    /// how many iterations are needed; the sign is fixed: an axis' largest number is positive.
    pub fn fit(states: ArrayView2<f64>, count: usize, rng: &mut impl Rng) -> Self {
        let (n, hidden) = states.dim();
        assert!(n > 0 && count <= hidden, "{count} components of states {:?}", states.dim());
        let mean = states.mean_axis(Axis(0)).expect("at least one state"); // (H)
        let centred = &states - &mean; // (N, H)
        let mut covariance = centred.t().dot(&centred) / n as f64; // (H, H)
        let total = covariance.diag().sum();
        let mut axes = Array2::zeros((count, hidden)); // (K, H)
        let mut variances = Vec::new();
        for mut axis in axes.rows_mut() {
            let (variance, direction) = largest(&covariance, rng);
            covariance.zip_mut_with(&outer(&direction), |c, v| *c -= variance * v);
            axis.assign(&direction);
            variances.push(variance);
        }
        Self { mean, axes, variances, total }
    }

    /// States (N, H) as points (N, K).
    pub fn project(&self, states: ArrayView2<f64>) -> Array2<f64> {
        (&states - &self.mean).dot(&self.axes.t())
    }

    /// The share of all variance along each axis.
    pub fn explained(&self) -> Vec<f64> {
        self.variances.iter().map(|v| if self.total > 0.0 { v / self.total } else { 0.0 }).collect()
    }
}

/// The largest λ of a covariance and its direction, by power iteration.
fn largest(covariance: &Array2<f64>, rng: &mut impl Rng) -> (f64, Array1<f64>) {
    let mut v: Array1<f64> = init::normal(covariance.nrows(), rng); // (H)
    v /= v.dot(&v).sqrt();
    for _ in 0..ITERATIONS {
        let mut next = covariance.dot(&v);
        let length = next.dot(&next).sqrt();
        if length == 0.0 {
            return (0.0, v); // no variance is left
        }
        next /= length;
        let moved = (&next - &v).mapv(f64::abs).sum();
        v = next;
        if moved < 1e-12 {
            break;
        }
    }
    let strongest = v.iter().copied().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    if strongest < 0.0 {
        v.mapv_inplace(|v| -v);
    }
    (v.dot(&covariance.dot(&v)).max(0.0), v)
}

/// v vᵀ.
fn outer(v: &Array1<f64>) -> Array2<f64> {
    Array2::from_shape_fn((v.len(), v.len()), |(i, j)| v[i] * v[j])
}
