//! One pass over the predictions for each bin; n_m cancels.

/// The expected calibration error.
pub fn calibration_error(probabilities: &[f64], labels: &[bool], bins: usize) -> f64 {
    let mut error = 0.0;
    for m in 0..bins {
        let inside = |p: f64| (p * bins as f64).floor().min(bins as f64 - 1.0) == m as f64;
        let mut gap: f64 = 0.0;
        for k in 0..labels.len() {
            if inside(probabilities[k]) {
                gap += if labels[k] { 1.0 - probabilities[k] } else { -probabilities[k] };
            }
        }
        error += gap.abs();
    }
    error / labels.len() as f64
}
