//! How far a forecast is from what came: point errors, quantiles, intervals, and skill.
//!
//! For n forecasts f_t of what came as y_t, with e_t = y_t − f_t:
//!
//! ```text
//! (F3)  MAE    = mean |e_t|                          the median minimises it
//! (F4)  RMSE   = √ mean e_t²                         the mean minimises it
//! (F5)  MAPE   = mean |e_t / y_t|                    useless near y = 0
//!       sMAPE  = mean 2|e_t| / (|y_t| + |f_t|)       between 0 and 2
//! (F6)  MASE   = MAE / mean over training of |y_t − y_{t−m}|
//! (F7)  R²     = 1 − Σ e_t² / Σ (y_t − r_t)²         r: the reference, usually the mean
//! (F8)  skill  = 1 − loss / loss of a baseline
//! (F9)  directional accuracy = share of t with sign(f_t − x_t) = sign(y_t − x_t)
//! (F10) pinball_q = mean max(q (y − f), (q − 1) (y − f))
//! (F11) interval score = mean (u − l) + 2/α (l − y)⁺ + 2/α (y − u)⁺
//! ```
//!
//! sMAPE has several forms in print; this is that of the M4 competition, as a fraction. MASE is Hyndman and
//! Koehler's (2006), its scale is from the *training* part. The interval score is Winkler's (1972), as in Gneiting
//! and Raftery (2007): it rewards narrow intervals and fines each miss by how far it missed.
//!
//! No forecast at all is NaN, not zero.

use super::correlation;

/// The two must be of one length.
fn pairs<'a>(came: &'a [f64], forecast: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    assert_eq!(came.len(), forecast.len(), "what came against the forecasts");
    came.iter().copied().zip(forecast.iter().copied())
}

/// The mean of the terms; NaN of none.
pub fn mean(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = terms.into_iter().fold((0.0, 0), |(s, n), term| (s + term, n + 1));
    if count == 0 { f64::NAN } else { sum / count as f64 }
}

/// (F3), in the units of the series.
///
/// ```
/// use seqcore::metrics::forecast::mae;
/// assert_eq!(mae(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]), 0.5);
/// ```
pub fn mae(came: &[f64], forecast: &[f64]) -> f64 {
    mean(pairs(came, forecast).map(|(y, f)| (y - f).abs())) // (F3)
}

/// (F4), in the units of the series.
pub fn rmse(came: &[f64], forecast: &[f64]) -> f64 {
    mean(pairs(came, forecast).map(|(y, f)| (y - f).powi(2))).sqrt() // (F4)
}

/// (F5) as a fraction; infinite where a y is zero and its forecast is not.
pub fn mape(came: &[f64], forecast: &[f64]) -> f64 {
    let term = |(y, f): (f64, f64)| if y == f { 0.0 } else { ((y - f) / y).abs() };
    mean(pairs(came, forecast).map(term)) // (F5)
}

/// (F5) in its symmetric form, a fraction between 0 and 2; 0 where y and forecast are both zero.
pub fn smape(came: &[f64], forecast: &[f64]) -> f64 {
    let term = |(y, f): (f64, f64)| {
        if y == f { 0.0 } else { 2.0 * (y - f).abs() / (y.abs() + f.abs()) }
    };
    mean(pairs(came, forecast).map(term))
}

/// The scale of (F6): the mean absolute error on the *training* part of repeating the value one season back
/// (`season` 1: the last value).
pub fn mase_scale(training: &[f64], season: usize) -> f64 {
    assert!(season > 0, "a season has at least one step");
    mean((season..training.len()).map(|t| (training[t] - training[t - season]).abs()))
}

/// (F6) with a scale from [`mase_scale`]. Above 1 it is worse than the seasonal naive forecast was, one step ahead,
/// on the training part.
pub fn mase(came: &[f64], forecast: &[f64], scale: f64) -> f64 {
    mae(came, forecast) / scale // (F6)
}

/// (F7) against the mean of what came, as in textbooks. That mean is known only afterwards; see [`r2_against`].
pub fn r2(came: &[f64], forecast: &[f64]) -> f64 {
    let centre = mean(came.iter().copied());
    r2_against(came, forecast, &vec![centre; came.len()])
}

/// (F7) against a reference that could have been forecast, such as zero for returns (Campbell and Thompson 2008).
pub fn r2_against(came: &[f64], forecast: &[f64], reference: &[f64]) -> f64 {
    let squares = |f| pairs(came, f).map(|(y, f)| (y - f).powi(2)).sum::<f64>();
    1.0 - squares(forecast) / squares(reference) // (F7)
}

/// (F8): 0 is no better than the baseline, 1 is perfect, below 0 is worse.
pub fn skill(loss: f64, baseline_loss: f64) -> f64 {
    1.0 - loss / baseline_loss // (F8)
}

/// (F9): how often the forecast goes up or down from `now` as the series did. Steps without a change are left out.
pub fn directional_accuracy(now: &[f64], came: &[f64], forecast: &[f64]) -> f64 {
    assert_eq!(now.len(), came.len(), "the last known values against what came");
    let moves = pairs(came, forecast).zip(now).filter(|((y, _), x)| y != *x);
    mean(moves.map(|((y, f), x)| f64::from((f > *x) == (y > *x) && f != *x))) // (F9)
}

/// (F10) of forecasts of the quantile `level`.
pub fn pinball(came: &[f64], forecast: &[f64], level: f64) -> f64 {
    mean(pairs(came, forecast).map(|(y, f)| (level * (y - f)).max((level - 1.0) * (y - f)))) // (F10)
}

/// What intervals cost: (F11) for each forecast, with `alpha` the share that may fall outside (0.1 for 90 %).
pub fn interval_scores(came: &[f64], low: &[f64], high: &[f64], alpha: f64) -> Vec<f64> {
    assert_eq!(low.len(), high.len(), "lower against upper ends");
    let score = |((y, l), u): ((f64, f64), &f64)| {
        u - l + 2.0 / alpha * ((l - y).max(0.0) + (y - u).max(0.0)) // (F11)
    };
    pairs(came, low).zip(high).map(score).collect()
}

/// Whether each interval holds what came, as 1 or 0; the mean is the coverage.
pub fn covered(came: &[f64], low: &[f64], high: &[f64]) -> Vec<f64> {
    assert_eq!(low.len(), high.len(), "lower against upper ends");
    pairs(came, low).zip(high).map(|((y, l), u)| f64::from(l <= y && y <= *u)).collect()
}

/// The share of intervals that hold what came.
pub fn coverage(came: &[f64], low: &[f64], high: &[f64]) -> f64 {
    mean(covered(came, low, high))
}

/// The mean width of intervals. Coverage without width says nothing.
pub fn width(low: &[f64], high: &[f64]) -> f64 {
    mean(pairs(low, high).map(|(l, u)| u - l))
}

/// QLIKE of variance forecasts h against a proxy v: mean of v/h − ln(v/h) − 1 (F20).
///
/// Of the losses that rank forecasts rightly though the variance is only seen through a noisy proxy (Patton
/// 2011), it is the one that large days do not rule. One term a forecast; both must be above zero.
pub fn qlike(proxy: &[f64], forecast: &[f64]) -> Vec<f64> {
    let term = |(v, h): (f64, f64)| v / h - (v / h).ln() - 1.0; // (F20)
    pairs(proxy, forecast).map(term).collect()
}

/// How much a forecast looks like a copy of the last value: the correlation of forecast *changes* f_t − x_{t−1}
/// with the coming and with the last change of the series. A forecast that knows something follows the coming
/// change; one that copies follows none, though on levels it looks perfect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CopyCheck {
    /// Correlation of the levels: forecast with what came. Near 1 for anything on a trending series.
    pub levels: f64,
    /// Correlation of the forecast with the value *before*: higher than `levels` where it copies.
    pub lagged: f64,
    /// Correlation of the forecast change with the change that came. 0 for a copy.
    pub changes: f64,
}

impl CopyCheck {
    /// From the last known values, what came and the forecasts.
    pub fn of(now: &[f64], came: &[f64], forecast: &[f64]) -> Self {
        let change = |of: &[f64]| -> Vec<f64> { pairs(of, now).map(|(a, b)| a - b).collect() };
        Self {
            levels: correlation(came, forecast),
            lagged: correlation(now, forecast),
            changes: correlation(&change(came), &change(forecast)),
        }
    }

    /// Whether the forecast is nearer to the last value than to what came, and knows little of the change.
    pub fn copies(&self) -> bool {
        self.lagged > self.levels && self.changes <= 0.3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{a} and {b}");
    }

    const CAME: [f64; 6] = [3.0, -0.5, 2.0, 7.0, 4.2, 0.9];
    const FORECAST: [f64; 6] = [2.5, 0.1, 2.0, 8.0, 3.9, 1.4];

    // from sklearn.metrics import *; y = [3,-.5,2,7,4.2,.9]; f = [2.5,.1,2,8,3.9,1.4]
    // mean_absolute_error(y, f), root_mean_squared_error(y, f), mean_absolute_percentage_error(y, f),
    // r2_score(y, f), mean_pinball_loss(y, f, alpha=.9), mean_pinball_loss(y, f, alpha=.25)
    #[test]
    fn point_errors_are_sklearns() {
        close(mae(&CAME, &FORECAST), 0.4833333333333334);
        close(rmse(&CAME, &FORECAST), 0.5700877125495689);
        close(mape(&CAME, &FORECAST), 0.35608465608465606);
        close(r2(&CAME, &FORECAST), 0.94392254601227);
        close(pinball(&CAME, &FORECAST, 0.9), 0.155);
        close(pinball(&CAME, &FORECAST, 0.25), 0.29583333333333334);
    }

    // numpy: (2*abs(y-f)/(abs(y)+abs(f))).mean(); 1-((y-f)**2).sum()/(y**2).sum(); np.corrcoef(y,f)[0,1]
    #[test]
    fn other_point_measures_are_numpys() {
        close(smape(&CAME, &FORECAST), 0.47066803298687354);
        close(r2_against(&CAME, &FORECAST, &[0.0; 6]), 0.9758364312267658);
        close(correlation(&CAME, &FORECAST), 0.9780619346590252);
        // Training 1, 3, 2, 6: one step back 2, 1, 4; two steps back 1, 3.
        close(mase_scale(&[1.0, 3.0, 2.0, 6.0], 1), 7.0 / 3.0);
        close(mase_scale(&[1.0, 3.0, 2.0, 6.0], 2), 2.0);
        close(mase(&CAME, &FORECAST, 2.0), 0.4833333333333334 / 2.0);
        close(skill(1.5, 2.0), 0.25);
    }

    #[test]
    fn directions_by_hand() {
        // Up and said so; down but said up; no change, left out; up, but no move was forecast.
        let (now, came, forecast) =
            ([1.0, 1.0, 1.0, 1.0], [2.0, 0.0, 1.0, 3.0], [1.5, 1.1, 9.0, 1.0]);
        close(directional_accuracy(&now, &came, &forecast), 1.0 / 3.0);
        assert!(directional_accuracy(&[1.0], &[1.0], &[2.0]).is_nan());
    }

    #[test]
    fn intervals_by_hand() {
        // 90 %: width 2 and inside; below by 0.5: 2 + 20 · 0.5; above by 1: 3 + 20.
        let (came, low, high) = ([1.0, 0.5, 5.0], [0.0, 1.0, 1.0], [2.0, 3.0, 4.0]);
        let scores = interval_scores(&came, &low, &high, 0.1);
        [2.0, 12.0, 23.0].iter().zip(&scores).for_each(|(&a, &b)| close(b, a));
        close(coverage(&came, &low, &high), 1.0 / 3.0);
        close(width(&low, &high), 7.0 / 3.0);
        // The interval score is the two pinball losses of its ends, times 2/α.
        let pinballs = pinball(&came, &low, 0.05) + pinball(&came, &high, 0.95);
        close(mean(scores), pinballs * 2.0 / 0.1);
    }

    // v/h - np.log(v/h) - 1
    #[test]
    fn qlike_is_zero_for_the_proxy_itself_and_numpys_elsewhere() {
        let terms = qlike(&[1.2, 0.4, 2.5], &[1.0, 0.5, 2.0]);
        let expected = [0.01767844320604528, 0.023143551314209754, 0.02685644868579029];
        terms.iter().zip(expected).for_each(|(&a, b)| close(a, b));
        assert_eq!(qlike(&[0.3], &[0.3]), [0.0]);
    }

    #[test]
    fn a_copy_is_found_out_by_its_changes() {
        let series: Vec<f64> =
            (0..400).map(|t| (t as f64 * 0.05).sin() * 9.0 + (t * t % 17) as f64 * 0.1).collect();
        let (now, came) = (&series[..399], &series[1..]);
        let copy = CopyCheck::of(now, came, &now.iter().map(|x| x + 1e-3).collect::<Vec<_>>());
        assert!(copy.levels > 0.98 && copy.lagged > 0.999 && copy.copies(), "{copy:?}");
        let knows: Vec<f64> = now.iter().zip(came).map(|(x, y)| x + 0.8 * (y - x)).collect();
        let check = CopyCheck::of(now, came, &knows);
        assert!(check.changes > 0.99 && !check.copies(), "{check:?}");
    }

    #[test]
    fn no_forecast_is_no_number() {
        assert!(
            mae(&[], &[]).is_nan() && rmse(&[], &[]).is_nan() && coverage(&[], &[], &[]).is_nan()
        );
    }
}
