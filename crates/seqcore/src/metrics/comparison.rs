//! Is one forecast better than another, or was it luck?
//!
//! Two forecasts of the same series, losses L1_t and L2_t, difference d_t = L1_t − L2_t. The Diebold-Mariano test
//! (1995) asks whether the mean of d_t is zero. Forecasts h steps ahead have errors that overlap, so the d_t depend on
//! each other, and the variance of their mean must count that (HAC):
//!
//! ```text
//! (F13) DM = d̄ / √(V/n)         V = γ_0 + 2 Σ_{k=1..K} w_k γ_k      γ_k = (1/n) Σ (d_t − d̄)(d_{t−k} − d̄)
//!       DM* = DM · √((n + 1 − 2h + h(h − 1)/n) / n)                  against Student's t with n − 1 degrees
//! ```
//!
//! The factor is Harvey, Leybourne and Newbold's (1997). The weights are w_k = 1 up to K = h − 1, as in the paper, or
//! Bartlett's w_k = 1 − k/(K + 1), which cannot give a negative variance. Which loss, which side and which h
//! is the caller's choice, to be named beside the p-value.
//!
//! Where one model is the other with more terms (zero return against a regression), the larger one pays for
//! estimating coefficients that are zero, and DM is too strict. Clark and West (2007) take that noise off:
//!
//! ```text
//! d_t = (y − f0)² − [(y − f1)² − (f0 − f1)²]       f0 the small model, f1 the large one; one-sided
//! ```

use super::forecast::mean;
use super::statistics::{normal_upper_tail, student_upper_tail};

/// The alternative to "equally good".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// One of them is better, whichever.
    Two,
    /// The first has the smaller loss.
    FirstBetter,
}

/// How the variance of a mean counts that neighbours depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// All covariances up to lag K count in full.
    Rectangular(usize),
    /// They fade linearly (Newey and West 1987).
    Bartlett(usize),
}

/// The outcome of a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// d̄, in units of the loss; below zero where the first is better.
    pub mean: f64,
    /// The statistic.
    pub statistic: f64,
    /// The probability of one so extreme if both were equally good. NaN where the losses do not differ at all.
    pub p_value: f64,
}

/// V, the long-run variance of `d` (so that V/n is the variance of its mean).
pub fn long_run_variance(d: &[f64], kernel: Kernel) -> f64 {
    let (n, centre) = (d.len(), mean(d.iter().copied()));
    let covariance =
        |k: usize| (k..n).map(|t| (d[t] - centre) * (d[t - k] - centre)).sum::<f64>() / n as f64;
    let (lags, weight): (usize, &dyn Fn(usize) -> f64) = match kernel {
        Kernel::Rectangular(lags) => (lags, &|_| 1.0),
        Kernel::Bartlett(lags) => (lags, &move |k| 1.0 - k as f64 / (lags + 1) as f64),
    };
    let lags = lags.min(n.saturating_sub(1));
    covariance(0) + 2.0 * (1..=lags).map(|k| weight(k) * covariance(k)).sum::<f64>()
}

/// The Diebold-Mariano test (F13) with Harvey's correction, of loss differences d_t (first − second) of forecasts
/// `horizon` steps ahead. Where the rectangular variance is not above zero, Bartlett's takes its place.
///
/// Panics on fewer than two differences, or a horizon of 0.
pub fn diebold_mariano(d: &[f64], horizon: usize, kernel: Kernel, side: Side) -> Comparison {
    assert!(d.len() > 1 && horizon > 0, "{} differences, horizon {horizon}", d.len());
    let (n, h) = (d.len() as f64, horizon as f64);
    let mut variance = long_run_variance(d, kernel);
    if let (Kernel::Rectangular(lags), true) = (kernel, variance <= 0.0) {
        variance = long_run_variance(d, Kernel::Bartlett(lags));
    }
    let harvey = ((n + 1.0 - 2.0 * h + h * (h - 1.0) / n) / n).max(0.0).sqrt();
    let centre = mean(d.iter().copied());
    let statistic = centre / (variance / n).sqrt() * harvey; // (F13)
    let p_value = match side {
        Side::FirstBetter => student_upper_tail(-statistic, n - 1.0),
        Side::Two => 2.0 * student_upper_tail(statistic.abs(), n - 1.0),
    };
    Comparison { mean: centre, statistic, p_value }
}

/// The Clark-West test that a larger model beats the smaller one it contains, one-sided; squared errors. `mean` is
/// the mean adjusted gain of the larger model, above zero where that is better.
pub fn clark_west(came: &[f64], small: &[f64], large: &[f64], kernel: Kernel) -> Comparison {
    assert_eq!((came.len(), came.len()), (small.len(), large.len()), "as many forecasts as came");
    assert!(came.len() > 1, "a test needs more than one forecast");
    let gain = |t: usize| {
        let (y, f0, f1) = (came[t], small[t], large[t]);
        (y - f0).powi(2) - ((y - f1).powi(2) - (f0 - f1).powi(2))
    };
    let gains: Vec<f64> = (0..came.len()).map(gain).collect();
    let n = gains.len() as f64;
    let centre = mean(gains.iter().copied());
    let statistic = centre / (long_run_variance(&gains, kernel) / n).sqrt();
    // Against the standard normal, as Clark and West propose.
    Comparison { mean: centre, statistic, p_value: normal_upper_tail(statistic) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9 * b.abs(), "{a} and {b}");
    }

    fn differences() -> Vec<f64> {
        (0..40).map(f64::from).map(|t| (t * 1.7).sin() + 0.3 * (t * 0.4).cos() + 0.15).collect()
    }

    // t = np.arange(40); d = np.sin(t*1.7) + .3*np.cos(t*.4) + .15; n = 40; h = lags + 1
    // m = sm.OLS(d, np.ones(n)).fit(cov_type='HAC', cov_kwds=dict(maxlags=lags, use_correction=False,
    //     kernel=weights_bartlett or weights_uniform))
    // V = m.bse[0]**2 * n; st = m.tvalues[0] * np.sqrt((n+1-2*h+h*(h-1)/n)/n); stats.t.cdf(st, n-1)
    #[test]
    fn diebold_mariano_is_statsmodels_with_harveys_factor() {
        let d = differences();
        close(long_run_variance(&d, Kernel::Bartlett(2)), 0.22311132144595847);
        close(long_run_variance(&d, Kernel::Rectangular(3)), 0.030391632861625932);
        let two = diebold_mariano(&d, 3, Kernel::Bartlett(2), Side::Two);
        close(two.statistic, 2.1260923624698327);
        close(two.p_value, 0.039880431266424064);
        let first = diebold_mariano(&d, 3, Kernel::Bartlett(2), Side::FirstBetter);
        close(first.p_value, 0.980059784366788);
        let rectangular = diebold_mariano(&d, 4, Kernel::Rectangular(3), Side::Two);
        close(rectangular.statistic, 5.606933000650319);
        assert!((rectangular.p_value - 1.819917096715912e-6).abs() < 1e-12);
    }

    // y = np.sin(t*2.3); f1 = .2*np.sin(t*2.3+.6); a = y**2 - ((y-f1)**2 - f1**2)
    // m = sm.OLS(a, np.ones(n)).fit(cov_type='HAC', cov_kwds=dict(maxlags=1, use_correction=False)); stats.norm.sf
    #[test]
    fn clark_west_is_statsmodels() {
        let y: Vec<f64> = (0..40).map(|t| (f64::from(t) * 2.3).sin()).collect();
        let large: Vec<f64> = (0..40).map(|t| 0.2 * (f64::from(t) * 2.3 + 0.6).sin()).collect();
        let test = clark_west(&y, &[0.0; 40], &large, Kernel::Bartlett(1));
        close(test.mean, 0.1614491423421705);
        close(test.statistic, 7.65250203322455);
        assert!((test.p_value - 9.855299564233973e-15).abs() < 1e-16);
    }

    #[test]
    fn a_negative_rectangular_variance_is_never_used() {
        let d: Vec<f64> = (0..30).map(|t| if t % 2 == 0 { 1.1 } else { -1.0 }).collect();
        assert!(long_run_variance(&d, Kernel::Rectangular(1)) < 0.0);
        let test = diebold_mariano(&d, 2, Kernel::Rectangular(1), Side::Two);
        assert!(test.p_value > 0.0 && test.p_value < 1.0, "{test:?}");
        assert!(diebold_mariano(&[0.0; 9], 1, Kernel::Bartlett(0), Side::Two).p_value.is_nan());
    }
}
