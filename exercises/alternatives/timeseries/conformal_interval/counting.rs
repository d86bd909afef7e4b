//! The smallest size that at least k of them do not exceed.

/// The interval round `forecast`; nothing where the errors are too few.
pub fn conformal_interval(errors: &[f64], alpha: f64, forecast: f64) -> Option<(f64, f64)> {
    let k = (1..).find(|&k| k as f64 >= (1.0 - alpha) * (1 + errors.len()) as f64)?;
    let held = |r: f64| errors.iter().filter(|e| e.abs() <= r).count();
    let r =
        errors.iter().map(|e| e.abs()).filter(|&r| held(r) >= k).min_by(|a, b| a.total_cmp(b))?;
    Some((forecast - r, forecast + r))
}
