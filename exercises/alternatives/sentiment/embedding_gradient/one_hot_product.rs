//! The look-up as a product with one-hot rows: its gradient is one too.

use ndarray::{Array2, Array3, s};

/// The gradient of the table, (V, E).
pub fn embedding_gradient(
    ids: &Array2<usize>,
    dx: &Array3<f64>,
    vocabulary_size: usize,
) -> Array2<f64> {
    let (steps, batch, size) = dx.dim();
    let tokens = steps * batch;
    let flat: Vec<usize> = ids.iter().copied().collect();
    let one_hot =
        Array2::from_shape_fn(
            (tokens, vocabulary_size),
            |(n, v)| if flat[n] == v { 1.0 } else { 0.0 },
        );
    let rows = dx.to_shape((tokens, size)).unwrap();
    one_hot.t().dot(&rows)
}
