//! You round k down. Then the interval holds less than it promises: (F12) rounds up.

/// The interval round `forecast`; nothing where the errors are too few.
pub fn conformal_interval(errors: &[f64], alpha: f64, forecast: f64) -> Option<(f64, f64)> {
    let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let n = sizes.len() as f64;
    let k = ((n + 1.0) * (1.0 - alpha)).floor() as usize; // (F12), from 1
    let r = sizes.get(k - 1)?;
    Some((forecast - r, forecast + r))
}
