//! You compare with the middle of the bin. conf_m is the mean of the probabilities that lie in it.

/// The expected calibration error.
pub fn calibration_error(probabilities: &[f64], labels: &[bool], bins: usize) -> f64 {
    let mut sums = vec![(0.0, 0.0, 0.0); bins]; // count, sum of p, positives
    for (&p, &label) in probabilities.iter().zip(labels) {
        let bin = ((p * bins as f64) as usize).min(bins - 1);
        let (count, sum, positive) = &mut sums[bin];
        *count += 1.0;
        *sum += p;
        *positive += if label { 1.0 } else { 0.0 };
    }
    let n = probabilities.len() as f64;
    let mut error = 0.0;
    for (m, (count, _, positive)) in sums.into_iter().enumerate() {
        let sum = (m as f64 + 0.5) / bins as f64 * count;
        if count > 0.0 {
            let (accuracy, confidence): (f64, f64) = (positive / count, sum / count);
            error += count / n * (accuracy - confidence).abs(); // (C14)
        }
    }
    error
}
