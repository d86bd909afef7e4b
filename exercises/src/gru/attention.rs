//! # Scaled dot-product attention with a mask
//!
//! A decoder looks at what an encoder left: each query gets a weighted mean of the values, with
//! weights that say how well the query fits each key. Equations (S4), (S6) and (S7) of
//! `theory/04_sequence_to_sequence.md`:
//!
//! ```text
//! (S4)  e_ts = q_t . k_s / sqrt(d)
//! (S6)  alpha_ts = m_s exp(e_ts) / sum_s' m_s' exp(e_ts')
//! (S7)  c_t = sum_s alpha_ts v_s
//! ```
//!
//! The mask m tells real source positions from padding; at least one is real. Scores may be large:
//! take the largest score of the real positions off before the exponential, as in every softmax.
//!
//! | | shape |
//! |---|---|
//! | `queries` | (T, d) |
//! | `keys` | (S, d) |
//! | `values` | (S, M) |
//! | `mask` | (S), true where the position is real |
//! | the weights | (T, S), each row sums to 1 |
//! | the contexts | (T, M) |
//!
//! Example with one query (1, 0.5), keys and values (1, 0), (0, 1), (1, 1) and a padding of (2, 2):
//! the scores are 1, 0.5 and 1.5 over sqrt(2), that is 0.7071, 0.3536 and 1.0607; the weights are
//! 0.3199, 0.2246, 0.4555 and 0, the context (0.7754, 0.6801).

use ndarray::{Array1, Array2};

/// The weights, (T, S), and the contexts, (T, M).
pub fn attention(
    queries: &Array2<f64>,
    keys: &Array2<f64>,
    values: &Array2<f64>,
    mask: &Array1<bool>,
) -> (Array2<f64>, Array2<f64>) {
    // TODO: scores (S4), a masked softmax of each row (S6), weighted means (S7).
    todo!()
}
