//! You take one error too far: k counts from 1, and Rust from 0.

/// The interval round `forecast`; nothing where the errors are too few.
pub fn conformal_interval(errors: &[f64], alpha: f64, forecast: f64) -> Option<(f64, f64)> {
    let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let n = sizes.len() as f64;
    let k = ((n + 1.0) * (1.0 - alpha)).ceil() as usize; // (F12), from 1
    let r = sizes.get(k)?;
    Some((forecast - r, forecast + r))
}
