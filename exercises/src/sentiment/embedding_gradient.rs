//! # The gradient of an embedding
//!
//! Reading an embedding is a look-up: x_t is row w_t of the table. A word that occurs three times
//! was copied three times, so three gradients come back to its row. Equation (C2) of
//! `theory/06_text_classification.md`:
//!
//! ```text
//! (C1)  x_t = E[w_t]
//! (C2)  dE[w] = sum over all t with w_t = w of dx_t
//! ```
//!
//! The sum runs over the whole batch. A word that does not occur gets 0.
//!
//! | | shape |
//! |---|---|
//! | `ids` | (T, B), below V |
//! | `dx` | (T, B, E) |
//! | `vocabulary_size` | V |
//! | the answer | (V, E) |
//!
//! Example, with B = 1: ids [[1], [1], [3]], dx = (1, 2), (10, 20), (100, 200), V = 4. Row 1 is
//! (11, 22), row 3 (100, 200); rows 0 and 2 are zero.

use ndarray::{Array2, Array3, s};

/// The gradient of the table, (V, E).
pub fn embedding_gradient(
    ids: &Array2<usize>,
    dx: &Array3<f64>,
    vocabulary_size: usize,
) -> Array2<f64> {
    // TODO: add each dx_t to the row of its word (C2).
    todo!()
}
