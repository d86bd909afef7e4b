//! You set the weights of padding to zero after the softmax, so the others no longer sum to 1. Mask the scores, before it (S6).

use ndarray::{Array1, Array2};

/// The weights, (T, S), and the contexts, (T, M).
pub fn attention(
    queries: &Array2<f64>,
    keys: &Array2<f64>,
    values: &Array2<f64>,
    mask: &Array1<bool>,
) -> (Array2<f64>, Array2<f64>) {
    let mut weights = queries.dot(&keys.t()) / (queries.ncols() as f64).sqrt(); // (T, S) (S4)
    for mut row in weights.rows_mut() {
        let largest = row.fold(f64::NEG_INFINITY, |m, &e| m.max(e));
        row.mapv_inplace(|e| (e - largest).exp());
        let total = row.sum();
        row /= total; // (S6)
        row.zip_mut_with(mask, |e, &real| {
            if !real {
                *e = 0.0;
            }
        });
    }
    let contexts = weights.dot(values); // (T, M) (S7)
    (weights, contexts)
}
