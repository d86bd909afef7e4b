//! # Temperature and top-k
//!
//! How bold should a writing network be? Two knobs before a token is drawn. The **temperature** tau
//! sharpens (below 1) or flattens (above 1) the distribution, equation (R18) of
//! `theory/01_rnn_fundamentals.md`:
//!
//! ```text
//! (R18)  p_i = exp(y_i / tau) / sum_j exp(y_j / tau)
//! ```
//!
//! **Top-k** keeps the k most probable tokens, sets the others to 0 and scales the rest to sum to 1
//! again. Of equally probable tokens the lower ids come first, so that exactly k are kept; with k
//! of V or more, all are. A low temperature makes logits large, so nothing may overflow (section
//! 1.4).
//!
//! | | shape |
//! |---|---|
//! | `logits`, the answer | (V) |
//! | `temperature` | above 0 |
//! | `k` | at least 1 |
//!
//! Example: logits (2, 1, 0), temperature 0.5: (0.8668, 0.1173, 0.0159). With k = 2 the first two
//! share what there is: (0.8808, 0.1192, 0).

use ndarray::Array1;

/// The distribution to draw from, (V).
pub fn temperature_top_k(logits: &Array1<f64>, temperature: f64, k: usize) -> Array1<f64> {
    // TODO: (R18), then zero all but k, then scale.
    todo!()
}
