//! One query at a time, over the real positions only.

use ndarray::{Array1, Array2};

/// The weights, (T, S), and the contexts, (T, M).
pub fn attention(
    queries: &Array2<f64>,
    keys: &Array2<f64>,
    values: &Array2<f64>,
    mask: &Array1<bool>,
) -> (Array2<f64>, Array2<f64>) {
    let (steps, places) = (queries.nrows(), keys.nrows());
    let mut weights = Array2::zeros((steps, places)); // (T, S)
    let mut contexts = Array2::zeros((steps, values.ncols())); // (T, M)
    let scale = 1.0 / (keys.ncols() as f64).sqrt();
    let real: Vec<usize> = (0..places).filter(|&s| mask[s]).collect();
    for t in 0..steps {
        let scores: Vec<f64> =
            real.iter().map(|&s| keys.row(s).dot(&queries.row(t)) * scale).collect();
        let largest = scores.iter().copied().fold(scores[0], f64::max);
        let total: f64 = scores.iter().map(|e| (e - largest).exp()).sum();
        for (&s, e) in real.iter().zip(&scores) {
            let alpha = (e - largest - total.ln()).exp();
            weights[[t, s]] = alpha;
            for j in 0..values.ncols() {
                contexts[[t, j]] += alpha * values[[s, j]];
            }
        }
    }
    (weights, contexts)
}
