//! Intervals that keep their promise: split-conformal prediction.
//!
//! A model's own quantiles are a guess. On a *calibration* part that it was not fitted on we see how far off they
//! are, and widen (or narrow) them by that much. With scores s_i of n calibration forecasts, and α the share that may
//! fall outside:
//!
//! ```text
//! (F12) Q = the ⌈(n + 1)(1 − α)⌉-th smallest of s_1 … s_n
//!
//! point forecast f        s = |y − f|                    interval f ± Q            Vovk; Lei et al. 2018
//! quantiles l, u          s = max(l − y, y − u)          interval [l − Q, u + Q]   Romano et al. 2019
//! ```
//!
//! If calibration and test were exchangeable, at least 1 − α of the intervals would hold what comes, whatever the
//! model. A series is not quite exchangeable: its coverage has to be measured, not assumed.

/// (F12): by how much to widen. Infinite where there are too few scores for such an α; NaN scores are refused.
///
/// ```
/// use seqcore::metrics::conformal::quantile;
/// let scores: Vec<f64> = (1..=19).map(f64::from).collect();
/// assert_eq!(quantile(&scores, 0.1), 18.0); // the ⌈20 · 0.9⌉-th
/// assert_eq!(quantile(&scores[..8], 0.1), f64::INFINITY);
/// ```
pub fn quantile(scores: &[f64], alpha: f64) -> f64 {
    assert!(alpha > 0.0 && alpha < 1.0, "a share between 0 and 1, not {alpha}");
    assert!(scores.iter().all(|s| !s.is_nan()), "scores are numbers");
    let rank = ((scores.len() + 1) as f64 * (1.0 - alpha) - 1e-9).ceil() as usize; // (F12)
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::INFINITY)
}

/// The scores of point forecasts.
pub fn point_scores(came: &[f64], forecast: &[f64]) -> Vec<f64> {
    assert_eq!(came.len(), forecast.len(), "what came against the forecasts");
    came.iter().zip(forecast).map(|(y, f)| (y - f).abs()).collect()
}

/// The scores of intervals: below zero for what lies inside.
pub fn interval_scores(came: &[f64], low: &[f64], high: &[f64]) -> Vec<f64> {
    assert_eq!(
        (came.len(), came.len()),
        (low.len(), high.len()),
        "what came against the intervals"
    );
    came.iter().zip(low).zip(high).map(|((y, l), u)| (l - y).max(y - u)).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn scores_by_hand() {
        assert_eq!(point_scores(&[1.0, 2.0], &[3.0, 2.0]), [2.0, 0.0]);
        assert_eq!(
            interval_scores(&[0.0, 5.0, 2.0], &[1.0, 1.0, 1.0], &[4.0, 4.0, 4.0]),
            [1.0, 1.0, -1.0]
        );
    }

    #[test]
    fn coverage_is_what_was_promised_on_average() {
        // 2000 calibrations on 39 exchangeable scores: the expected coverage is 36/40 = 0.9 exactly.
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut inside = 0.0;
        for _ in 0..2000 {
            let scores: Vec<f64> = (0..39).map(|_| rng.random::<f64>()).collect();
            inside += quantile(&scores, 0.1);
        }
        assert!((inside / 2000.0 - 0.9).abs() < 0.005, "{}", inside / 2000.0);
    }
}
