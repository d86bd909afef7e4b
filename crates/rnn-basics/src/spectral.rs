//! Two numbers that describe a square matrix: how it acts once and how it acts many times.
//!
//! ```text
//! σ_max  the most by which one application can lengthen a vector: ‖A‖
//! ρ      the growth rate under many: the largest |eigenvalue|,  ρ = lim ‖Aⁿ‖^(1/n)  (Gelfand)
//! ```
//!
//! Gelfand's formula is the algorithm. Squaring again and again reaches n = 2⁵⁰ in fifty products;
//! dividing by the norm each time keeps the numbers in range. What it leaves out is at most a
//! power of n, and (n^d)^(1/n) is 1 to all digits by then. Complex eigenvalues and matrices
//! without a full set of eigenvectors need no special treatment.

use ndarray::ArrayView2;

/// After so many squarings n = 2⁵⁰.
const SQUARINGS: i32 = 50;
/// A symmetric matrix has no transient: n = 2²⁴ leaves a relative error of at most ln(H)/2²⁵.
const SQUARINGS_SYMMETRIC: i32 = 24;

/// ρ, the largest absolute value of an eigenvalue.
///
/// ```
/// use ndarray::array;
/// // A rotation by a right angle, shortened to 0.9: eigenvalues ±0.9 i.
/// let a = array![[0.0, -0.9], [0.9, 0.0]];
/// assert!((rnn_basics::spectral::spectral_radius(a.view()) - 0.9).abs() < 1e-12);
/// ```
pub fn spectral_radius(a: ArrayView2<f64>) -> f64 {
    growth_rate(a, SQUARINGS)
}

/// σ_max, the most by which `a` can lengthen a vector; the square root of ρ(AᵀA).
pub fn largest_singular_value(a: ArrayView2<f64>) -> f64 {
    growth_rate(a.t().dot(&a).view(), SQUARINGS_SYMMETRIC).sqrt()
}

/// ‖Aⁿ‖^(1/n) for n = 2^squarings, in the Frobenius norm.
fn growth_rate(a: ArrayView2<f64>, squarings: i32) -> f64 {
    assert_eq!(a.nrows(), a.ncols(), "rows and columns of a square matrix");
    let mut power = a.to_owned(); // Aⁿ, divided by e^log
    let mut log = 0.0;
    for k in 0..=squarings {
        if k > 0 {
            power = power.dot(&power);
            log *= 2.0;
        }
        let norm = power.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm == 0.0 {
            return 0.0; // nilpotent
        }
        power /= norm;
        log += norm.ln();
    }
    (log / 2f64.powi(squarings)).exp()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// ρ and σ_max of `a` against known values.
    fn check(a: Array2<f64>, rho: f64, sigma: f64) {
        let (r, s) = (spectral_radius(a.view()), largest_singular_value(a.view()));
        assert!((r - rho).abs() < 1e-10 * rho.max(1e-300), "ρ = {r}, not {rho}");
        assert!((s - sigma).abs() < 1e-6 * sigma, "σ = {s}, not {sigma}");
    }

    // torch.linalg.eigvals(a).abs().max(), torch.linalg.svdvals(a)[0]
    #[test]
    fn known_eigenvalues_are_found() {
        check(array![[-3.0, 0.0], [0.0, 2.0]], 3.0, 3.0);
        // The companion matrix of (x² + 4)(x − 1): eigenvalues ±2i and 1.
        check(array![[0.0, 0.0, 4.0], [1.0, 0.0, -4.0], [0.0, 1.0, 1.0]], 2.0, 5.789880106000322);
        // Eigenvalues ±1, far from normal.
        check(array![[0.0, 100.0], [0.01, 0.0]], 1.0, 100.0);
        // Section 1.9 of the theory: one eigenvalue, 0.9, with one eigenvector.
        check(array![[0.9, 1.0], [0.0, 0.9]], 0.9, 1.5295630140987);
        // Its worked example: a complex pair of absolute value √det.
        check(array![[0.6, -0.3], [0.4, 0.7]], 0.54_f64.sqrt(), 0.8089518311303247);
    }

    #[test]
    fn a_nilpotent_matrix_has_radius_zero() {
        let a = array![[0.0, 5.0], [0.0, 0.0]];
        assert_eq!(spectral_radius(a.view()), 0.0);
        assert!((largest_singular_value(a.view()) - 5.0).abs() < 1e-6);
        assert_eq!(largest_singular_value(Array2::zeros((3, 3)).view()), 0.0);
    }

    #[test]
    fn an_orthogonal_matrix_has_radius_and_norm_one() {
        let q: Array2<f64> =
            seqcore::init::orthogonal((20, 20), 1, &mut ChaCha8Rng::seed_from_u64(1));
        check(q, 1.0, 1.0);
    }

    // i, j = torch.meshgrid(torch.arange(12.), torch.arange(12.), indexing='ij')
    // a = torch.sin((1 + 3*i + 7*j + i*j).double())
    #[test]
    fn a_dense_matrix_agrees_with_pytorch() {
        let entry = |(i, j)| ((1 + 3 * i + 7 * j + i * j) as f64).sin();
        check(Array2::from_shape_fn((12, 12), entry), 2.7328461742242287, 4.209019389108501);
    }
}
