//! You divide by the number of sequences. The loss has done that already; (C2) only adds up.

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
        row += &dx.slice(s![t, b, ..]); // (C2)
    }
    table / ids.ncols() as f64
}
