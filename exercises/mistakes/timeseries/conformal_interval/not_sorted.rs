//! You take the k-th error in order of time. (F12) asks for the k-th smallest: sort the sizes first.

/// The interval round `forecast`; nothing where the errors are too few.
pub fn conformal_interval(errors: &[f64], alpha: f64, forecast: f64) -> Option<(f64, f64)> {
    let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    let n = sizes.len() as f64;
    let k = ((n + 1.0) * (1.0 - alpha)).ceil() as usize; // (F12), from 1
    let r = sizes.get(k - 1)?;
    Some((forecast - r, forecast + r))
}
