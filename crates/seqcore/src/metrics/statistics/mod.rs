//! How sure a number is: intervals and tests.
//!
//! A single figure from a test set, or from one seed, hides how much luck is in it. Here is what
//! a lesson shows beside it:
//!
//! ```text
//!        several seeds, one figure each        mean_interval   m ± t s / sqrt(n)
//!        two models, same seeds or folds       paired_t        the same, of the differences
//! (C15)  a share of n cases, such as accuracy  wilson          (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
//! (C16)  two classifiers, same cases           mcnemar         min(1, 2 P[Bin(b + c, 1/2) <= min(b, c)])
//! (F14)  a figure of a dependent series        moving_block_bootstrap
//! (F23)  several p-values at once              holm            max over j <= i of (m - j + 1) p_(j)
//! ```
//!
//! No function panics on data: with too few values, or with NaN among them, the result is NaN or
//! an unbounded interval, as each says. Only a confidence outside (0, 1) is a programmer's error.

mod bootstrap;
mod tails;

pub use bootstrap::moving_block_bootstrap;
pub use tails::{
    normal_quantile, normal_two_sided_p, normal_upper_tail, student_quantile, student_two_sided_p,
    student_upper_tail,
};

use serde::Serialize;

/// An estimate with the interval around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The figure itself.
    pub estimate: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Of which nothing is known.
    const NOTHING: Self = Interval { estimate: f64::NAN, low: f64::NAN, high: f64::NAN };

    /// Whether a value lies in the interval; both ends belong to it. Nothing lies in one of NaN.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The difference of two paired samples, and whether it may be chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedDifference {
    /// The mean of a − b.
    pub difference: Interval,
    /// The two-sided p-value of "there is no difference".
    pub p_value: f64,
}

fn check(confidence: f64) {
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} is not in (0, 1)");
}

/// The mean of independent values, such as one figure from each seed, with Student's t interval
/// (Student 1908).
///
/// One value has an unbounded interval: it says nothing of its spread. Of none, or with NaN among
/// them, all is NaN.
///
/// ```
/// use seqcore::metrics::statistics::mean_interval;
/// let accuracy = mean_interval(&[0.912, 0.905, 0.921, 0.899, 0.917], 0.95);
/// assert_eq!(format!("{:.3} [{:.3}, {:.3}]", accuracy.estimate, accuracy.low, accuracy.high), "0.911 [0.900, 0.922]");
/// ```
pub fn mean_interval(values: &[f64], confidence: f64) -> Interval {
    check(confidence);
    let (mean, error) = mean_and_error(values);
    let half = match values.len() {
        0 => return Interval::NOTHING,
        1 if mean.is_finite() => f64::INFINITY,
        n => student_quantile(0.5 + confidence / 2.0, n as f64 - 1.0) * error,
    };
    Interval { estimate: mean, low: mean - half, high: mean + half }
}

/// The mean, and its standard error s / sqrt(n) with n − 1 in the variance.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Compares two models by one figure from each seed (or fold), the same seeds for both: the mean
/// difference a − b with its interval, and the two-sided p of the paired t-test.
///
/// With fewer than two pairs p is NaN. Where all differences are equal p is 0, or 1 if they are
/// zero. Panics where the lengths differ.
pub fn paired_t(a: &[f64], b: &[f64], confidence: f64) -> PairedDifference {
    assert_eq!(a.len(), b.len(), "pairs need as many values a as b");
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let difference = mean_interval(&differences, confidence);
    let (mean, error) = mean_and_error(&differences);
    let p_value = match mean / error {
        _ if differences.len() < 2 => f64::NAN,
        _ if mean == 0.0 && error == 0.0 => 1.0,
        t => student_two_sided_p(t, differences.len() as f64 - 1.0),
    };
    PairedDifference { difference, p_value }
}

/// p-values adjusted for being several, in their given order (Holm 1979): a test is significant
/// at level α where its adjusted p is at most α, and the chance of even one false alarm among all
/// tests is then at most α, however they depend on each other.
///
/// A NaN stays NaN, and still counts as one of the tests.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    order.retain(|&i| !p_values[i].is_nan());
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &i) in order.iter().enumerate() {
        let tests_left = (p_values.len() - rank) as f64;
        largest = largest.max(tests_left * p_values[i]); // (F23)
        adjusted[i] = largest.min(1.0);
    }
    adjusted
}

/// A share of independent cases, such as an accuracy, with Wilson's score interval (Wilson 1927).
/// It stays within 0 and 1 and keeps its width where all cases are right.
///
/// Of no cases the estimate is NaN and the interval 0 to 1. Panics where more succeed than there are.
///
/// ```
/// use seqcore::metrics::statistics::wilson;
/// let accuracy = wilson(450, 500, 0.95);
/// assert_eq!(format!("{:.3} [{:.3}, {:.3}]", accuracy.estimate, accuracy.low, accuracy.high), "0.900 [0.871, 0.923]");
/// ```
pub fn wilson(successes: usize, n: usize, confidence: f64) -> Interval {
    check(confidence);
    assert!(successes <= n, "{successes} successes of {n}");
    if n == 0 {
        return Interval { estimate: f64::NAN, low: 0.0, high: 1.0 };
    }
    let count = n as f64;
    let p = successes as f64 / count;
    let z = normal_quantile(0.5 + confidence / 2.0);
    let middle = p + z * z / (2.0 * count);
    let half = z * (p * (1.0 - p) / count + z * z / (4.0 * count * count)).sqrt();
    let end = |at: f64| at / (1.0 + z * z / count); // (C15)
    // Rounding must not put the ends a hair off 0 and 1.
    let low = if successes == 0 { 0.0 } else { end(middle - half) };
    let high = if successes == n { 1.0 } else { end(middle + half) };
    Interval { estimate: p, low, high }
}

/// Compares two classifiers on the same cases: the exact two-sided p-value of "both are equally
/// often right" (McNemar 1947; the exact form is the sign test). Only the cases that one got
/// right and the other wrong say anything; without any p is 1.
pub fn mcnemar(only_a_right: usize, only_b_right: usize) -> f64 {
    let (fewer, n) = (only_a_right.min(only_b_right), only_a_right + only_b_right);
    if 2 * fewer >= n {
        return 1.0;
    }
    (2.0 * tails::fair_coin_at_most(fewer, n)).min(1.0) // (C16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn near(actual: f64, expected: f64) {
        let error = (actual - expected).abs() / expected.abs().max(1e-300);
        assert!(error < 1e-10 || actual == expected, "{actual:e}, not {expected:e}");
    }

    #[track_caller]
    fn interval(actual: Interval, low: f64, high: f64) {
        near(actual.low, low);
        near(actual.high, high);
    }

    const A: [f64; 5] = [0.912, 0.905, 0.921, 0.899, 0.917];
    const B: [f64; 5] = [0.903, 0.901, 0.909, 0.902, 0.908];

    #[test]
    fn means_and_pairs_as_scipy_has_them() {
        // scipy.stats.t.interval(c, 4, loc=a.mean(), scale=scipy.stats.sem(a))
        near(mean_interval(&A, 0.95).estimate, 0.9108);
        interval(mean_interval(&A, 0.95), 0.8997498880020481, 0.921850111997952);
        interval(mean_interval(&A, 0.9), 0.9023153569190755, 0.9192846430809246);
        // r = scipy.stats.ttest_rel(a, b); r.confidence_interval(0.95), r.pvalue
        let paired = paired_t(&A, &B, 0.95);
        interval(paired.difference, -0.0011142335968922197, 0.01351423359689223);
        near(paired.p_value, 0.07821683989761487);
        assert!(paired.difference.contains(0.0));
    }

    #[test]
    fn too_few_values_say_so() {
        assert!(mean_interval(&[], 0.95).estimate.is_nan());
        let one = mean_interval(&[0.5], 0.95);
        assert_eq!((one.estimate, one.low, one.high), (0.5, f64::NEG_INFINITY, f64::INFINITY));
        let unknown = mean_interval(&[1.0, f64::NAN], 0.95);
        assert!(unknown.estimate.is_nan() && unknown.low.is_nan() && !unknown.contains(0.0));
        assert!(mean_interval(&[f64::INFINITY], 0.95).high.is_nan());
        assert!(paired_t(&[], &[], 0.95).p_value.is_nan());
        assert!(paired_t(&[1.0], &[2.0], 0.95).p_value.is_nan());
        assert_eq!(paired_t(&[1.0, 2.0], &[1.0, 2.0], 0.95).p_value, 1.0);
        assert_eq!(paired_t(&[2.0, 3.0], &[1.0, 2.0], 0.95).p_value, 0.0);
        assert!(paired_t(&[f64::NAN, 3.0], &[1.0, 2.0], 0.95).p_value.is_nan());
    }

    #[test]
    fn holm_as_statsmodels_has_it() {
        // statsmodels.stats.multitest.multipletests(p, method='holm')[1]
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005, 0.6]);
        let expected = [0.04, 0.09, 0.09, 0.025, 0.6];
        assert!(adjusted.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-12), "{adjusted:?}");
        assert_eq!(holm(&[]), [0.0; 0]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        let with_nan = holm(&[0.01, f64::NAN, 0.02]);
        assert!(with_nan[1].is_nan());
        assert_eq!((with_nan[0], with_nan[2]), (0.03, 0.04)); // three tests, not two
    }

    #[test]
    fn wilson_as_statsmodels_has_it() {
        // statsmodels.stats.proportion.proportion_confint(k, n, method='wilson')
        for (successes, n, low, high) in [
            (450, 500, 0.8705780903680599, 0.9233224372626984),
            (0, 10, 0.0, 0.27753279986288926),
            (10, 10, 0.7224672001371106, 1.0),
            (1, 3, 0.06149194472039626, 0.7923403991979523),
            (22805, 25000, 0.9086282824615024, 0.9156450610542533),
        ] {
            interval(wilson(successes, n, 0.95), low, high);
        }
        let none = wilson(0, 0, 0.95);
        assert!(none.estimate.is_nan() && (none.low, none.high) == (0.0, 1.0));
    }

    #[test]
    fn mcnemar_as_statsmodels_has_it() {
        // statsmodels.stats.contingency_tables.mcnemar([[0, a], [b, 0]], exact=True).pvalue
        for (a, b, p) in [
            (10, 25, 0.016673847800120715),
            (0, 5, 0.0625),
            (7, 7, 1.0),
            (412, 530, 0.00013527315005453807),
            (1, 2, 1.0),
            (3, 90, 2.7088953370761237e-23),
            (0, 0, 1.0),
        ] {
            near(mcnemar(a, b), p);
            near(mcnemar(b, a), p);
        }
    }

    proptest! {
        #[test]
        fn adjusting_keeps_the_order_and_never_helps(p in prop::collection::vec(0.0..=1.0_f64, 0..20)) {
            let adjusted = holm(&p);
            for i in 0..p.len() {
                prop_assert!(adjusted[i] >= p[i] && adjusted[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }

        #[test]
        fn intervals_hold_their_estimate(n in 1..3000_usize, share in 0.0..=1.0, confidence in 0.01..0.999) {
            let interval = wilson((n as f64 * share) as usize, n, confidence);
            prop_assert!(interval.contains(interval.estimate), "{interval:?}");
            prop_assert!(interval.low >= 0.0 && interval.high <= 1.0);
        }
    }
}
