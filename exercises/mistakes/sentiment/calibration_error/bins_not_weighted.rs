//! All your bins count the same. (C14) weighs each with its share n_m / N: a bin of two predictions
//! says little.

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
    let n = sums.iter().filter(|(count, _, _)| *count > 0.0).count() as f64;
    let mut error = 0.0;
    for (count, sum, positive) in sums {
        if count > 0.0 {
            let (accuracy, confidence): (f64, f64) = (positive / count, sum / count);
            error += 1.0 / n * (accuracy - confidence).abs(); // (C14)
        }
    }
    error
}
