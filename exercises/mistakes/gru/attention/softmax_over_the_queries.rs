//! Your softmax runs down the columns, over the queries. For each query the weights over the **source** sum to 1: along the rows of (T, S).

use ndarray::{Array1, Array2};

/// The weights, (T, S), and the contexts, (T, M).
pub fn attention(
    queries: &Array2<f64>,
    keys: &Array2<f64>,
    values: &Array2<f64>,
    mask: &Array1<bool>,
) -> (Array2<f64>, Array2<f64>) {
    let mut weights = queries.dot(&keys.t()) / (queries.ncols() as f64).sqrt(); // (T, S) (S4)
    for (mut row, &real) in weights.columns_mut().into_iter().zip(mask) {
        if !real {
            row.fill(0.0);
            continue;
        }
        let largest = row.fold(f64::NEG_INFINITY, |m, &e| m.max(e));
        row.mapv_inplace(|e| (e - largest).exp());
        let total = row.sum();
        row /= total; // (S6)
    }
    let contexts = weights.dot(values); // (T, M) (S7)
    (weights, contexts)
}
