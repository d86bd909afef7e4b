//! You ask when the share `left` has been lost. It is what remains: radius^m <= left.

use ndarray::Array2;

/// The largest absolute value of an eigenvalue.
pub fn spectral_radius(weight_hh: &Array2<f64>) -> f64 {
    let mut power = weight_hh.clone(); // (H, H)
    let mut log_radius = 0.0;
    for k in 0..=30 {
        let norm = power.mapv(|x| x * x).sum().sqrt();
        if norm == 0.0 {
            return 0.0;
        }
        log_radius += norm.ln() / f64::powi(2.0, k);
        power /= norm;
        power = power.dot(&power);
    }
    log_radius.exp()
}

/// Steps after which at most the share `left` of a gradient is left.
pub fn horizon(radius: f64, left: f64) -> Option<usize> {
    if radius >= 1.0 {
        return None;
    }
    if radius == 0.0 {
        return Some(1);
    }
    Some(((1.0 - left).ln() / radius.ln()).ceil() as usize) // (R15)
}
