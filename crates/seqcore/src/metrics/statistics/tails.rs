//! Tails and quantiles of the normal distribution, Student's t, and the fair coin.
//!
//! ```text
//! normal   P[Z > z] = erfc(z / sqrt 2) / 2
//! t        P[|T| > t] = I_x(df / 2, 1 / 2)  with x = df / (df + t²)
//! coin     P[heads <= k of n] = I_1/2(n - k, k + 1)
//! ```
//!
//! with I the regularised incomplete beta function. A quantile is found by halving an interval
//! until no number is left between its ends: some 60 evaluations, and exact as the tail is.

use std::f64::consts::SQRT_2;

use special::{Beta, Error};

/// The chance that a standard normal value exceeds z.
pub fn normal_upper_tail(z: f64) -> f64 {
    (z / SQRT_2).compl_error() / 2.0
}

/// The chance that a standard normal value is at least as far from 0 as z.
pub fn normal_two_sided_p(z: f64) -> f64 {
    2.0 * normal_upper_tail(z.abs())
}

/// The value that a standard normal one stays below with chance p: 1.96 for 0.975. Infinite at 0
/// and 1; NaN outside.
pub fn normal_quantile(p: f64) -> f64 {
    symmetric_quantile(p, normal_upper_tail)
}

/// The chance that a value of Student's t with `df` degrees of freedom exceeds t; NaN where `df`
/// is not above 0.
pub fn student_upper_tail(t: f64, df: f64) -> f64 {
    let half = student_two_sided_p(t, df) / 2.0;
    if t < 0.0 { 1.0 - half } else { half }
}

/// The chance that a value of Student's t with `df` degrees of freedom is at least as far from 0
/// as t: the two-sided p-value of a t-test. NaN where `df` is not above 0.
pub fn student_two_sided_p(t: f64, df: f64) -> f64 {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if df > 1e5 {
        // The series would be long; Hill's normal approximation (1970) is right to nine digits here.
        return normal_two_sided_p(((df - 0.5) * (t * t / df).ln_1p()).sqrt());
    }
    let x = if t.is_infinite() { 0.0 } else { df / (df + t * t) };
    incomplete_beta(x, df / 2.0, 0.5)
}

/// The value that Student's t with `df` degrees of freedom stays below with chance p. Infinite at
/// 0 and 1; NaN outside, and where `df` is not above 0.
pub fn student_quantile(p: f64, df: f64) -> f64 {
    symmetric_quantile(p, |t| student_upper_tail(t, df))
}

/// The chance of at most k heads in n throws of a fair coin, k < n.
pub(super) fn fair_coin_at_most(k: usize, n: usize) -> f64 {
    incomplete_beta(0.5, (n - k) as f64, k as f64 + 1.0)
}

fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    x.inc_beta(a, b, a.ln_beta(b))
}

/// The quantile of a distribution that is symmetric around 0, from its upper tail.
fn symmetric_quantile(p: f64, upper_tail: impl Fn(f64) -> f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || upper_tail(0.0).is_nan() {
        return f64::NAN;
    }
    let tail = p.min(1.0 - p);
    if tail == 0.0 {
        return f64::INFINITY.copysign(p - 0.5);
    }
    if upper_tail(0.0) <= tail {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while upper_tail(high) > tail {
        (low, high) = (high, 2.0 * high);
    }
    loop {
        let middle = (low + high) / 2.0;
        if middle <= low || middle >= high {
            return high.copysign(p - 0.5);
        }
        if upper_tail(middle) > tail { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(actual: f64, expected: f64) {
        let error = (actual - expected).abs() / expected.abs().max(1e-300);
        assert!(error < 1e-10, "{actual:e}, not {expected:e}");
    }

    #[test]
    fn as_scipy_has_them() {
        // scipy.stats.norm.ppf(p), and scipy.stats.t.ppf(p, df) for df = 1, 2, 4, 7.5, 30
        for (p, normal, student) in [
            (
                0.975,
                1.959963984540054,
                [
                    12.706204736174694,
                    4.302652729749462,
                    2.7764451051977934,
                    2.333039626864974,
                    2.0422724563012378,
                ],
            ),
            (
                0.001,
                -3.090232306167813,
                [
                    -318.30883898555044,
                    -22.327124770119873,
                    -7.1731822197823085,
                    -4.6303190940341015,
                    -3.385184866829305,
                ],
            ),
        ] {
            near(normal_quantile(p), normal);
            for (df, expected) in [1.0, 2.0, 4.0, 7.5, 30.0].into_iter().zip(student) {
                near(student_quantile(p, df), expected);
            }
        }
        assert!((student_quantile(0.9, 1e6) - 1.281552412129939).abs() < 1e-9);
        assert!((student_quantile(0.9, 9e4) - 1.2815609721124936).abs() < 1e-9);
        // 2 * scipy.stats.norm.sf(x), 2 * scipy.stats.t.sf(x, df) for df = 1, 4, 30
        for (x, normal, student) in [
            (0.1, 0.920344325445942, [0.936548965138893, 0.9251558409394532, 0.9210096117902712]),
            (
                2.5,
                0.012419330651552265,
                [0.24223788318168682, 0.06676654481198814, 0.01811564906806669],
            ),
            (
                12.0,
                3.552964224155306e-33,
                [0.052929352119179755, 0.000276428548502973, 5.580185415199261e-13],
            ),
        ] {
            near(normal_two_sided_p(x), normal);
            near(normal_two_sided_p(-x), normal);
            for (df, expected) in [1.0, 4.0, 30.0].into_iter().zip(student) {
                near(student_two_sided_p(-x, df), expected);
            }
        }
        near(student_upper_tail(-3.0, 4.0), 0.9800290159641406); // scipy.stats.t.cdf(3, 4)
        near(normal_upper_tail(-3.0), 0.9986501019683699);
    }

    #[test]
    fn the_edges() {
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(
            (normal_quantile(0.0), normal_quantile(1.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
        assert!(normal_quantile(1.5).is_nan() && normal_quantile(f64::NAN).is_nan());
        assert!(student_quantile(0.9, 0.0).is_nan() && student_quantile(0.9, f64::NAN).is_nan());
        assert_eq!(student_two_sided_p(f64::INFINITY, 3.0), 0.0);
        assert_eq!(student_two_sided_p(0.0, 3.0), 1.0);
        assert!(student_two_sided_p(f64::NAN, 3.0).is_nan());
        near(student_quantile(0.975, 1e300), normal_quantile(0.975));
    }
}
