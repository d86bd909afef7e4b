//! You divide the probabilities by the temperature; scaling them to sum to 1 undoes that. The
//! temperature divides the logits, inside the exponential.

use ndarray::Array1;

/// The distribution to draw from, (V).
pub fn temperature_top_k(logits: &Array1<f64>, temperature: f64, k: usize) -> Array1<f64> {
    let largest = logits.fold(f64::NEG_INFINITY, |m, &y| m.max(y));
    let mut p = logits.mapv(|y| (y - largest).exp() / temperature); // (V)
    let mut ranked: Vec<usize> = (0..p.len()).collect();
    // A stable sort: of equal ones, the lower id stays first.
    ranked.sort_by(|&i, &j| logits[j].total_cmp(&logits[i]));
    for &id in ranked.iter().skip(k) {
        p[id] = 0.0;
    }
    &p / p.sum() // (R18)
}
