//! You average over a word's occurrences. (C2) is their sum: each copy had its effect on the loss.

use ndarray::{Array2, Array3, s};

/// The gradient of the table, (V, E).
pub fn embedding_gradient(
    ids: &Array2<usize>,
    dx: &Array3<f64>,
    vocabulary_size: usize,
) -> Array2<f64> {
    let mut table = Array2::zeros((vocabulary_size, dx.dim().2)); // (V, E)
    for ((t, b), &id) in ids.indexed_iter() {
        let mut row = table.row_mut(id);
        let count = ids.iter().filter(|&&other| other == id).count();
        row.scaled_add(1.0 / count as f64, &dx.slice(s![t, b, ..])); // (C2)
    }
    table
}
