//! You use n where (F12) has n + 1. The new error is one of n + 1 that are equally likely to have any rank; with n the interval is too narrow.

/// The interval round `forecast`; nothing where the errors are too few.
pub fn conformal_interval(errors: &[f64], alpha: f64, forecast: f64) -> Option<(f64, f64)> {
    let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let n = sizes.len() as f64;
    let k = (n * (1.0 - alpha)).ceil() as usize; // (F12), from 1
    let r = sizes.get(k - 1)?;
    Some((forecast - r, forecast + r))
}
