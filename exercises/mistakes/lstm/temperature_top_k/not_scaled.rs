//! After the cut the rest no longer sums to 1. Divide by the sum of what is kept.

use ndarray::Array1;

/// The distribution to draw from, (V).
pub fn temperature_top_k(logits: &Array1<f64>, temperature: f64, k: usize) -> Array1<f64> {
    let largest = logits.fold(f64::NEG_INFINITY, |m, &y| m.max(y));
    let mut p = logits.mapv(|y| ((y - largest) / temperature).exp()); // (V)
    let mut ranked: Vec<usize> = (0..p.len()).collect();
    // A stable sort: of equal ones, the lower id stays first.
    ranked.sort_by(|&i, &j| logits[j].total_cmp(&logits[i]));
    p /= p.sum();
    for &id in ranked.iter().skip(k) {
        p[id] = 0.0;
    }
    p
}
