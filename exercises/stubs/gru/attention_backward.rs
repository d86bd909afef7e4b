//! # Back through attention
//!
//! A gradient dc arrives at the contexts. Carry it back to queries, keys and values. Equations
//! (S8), (S9) and (S10) of `theory/04_sequence_to_sequence.md`:
//!
//! ```text
//! (S8)  dalpha_ts = v_s . dc_t              dv_s = sum_t alpha_ts dc_t
//! (S9)  de_ts = alpha_ts (dalpha_ts - sum_s' alpha_ts' dalpha_ts')
//! (S10) dq_t = sum_s de_ts k_s / sqrt(d)    dk_s = sum_t de_ts q_t / sqrt(d)
//! ```
//!
//! A mask needs no attention here: padding has the weight 0, so (S9) gives it the gradient 0.
//!
//! | | shape |
//! |---|---|
//! | `queries`, `dq` | (T, d) |
//! | `keys`, `dk` | (S, d) |
//! | `values`, `dv` | (S, M) |
//! | `weights` (alpha, from the forward pass) | (T, S) |
//! | `dc` | (T, M) |
//!
//! Example: the query (1, 0.5), keys and values (1, 0), (0, 1), (1, 1), weights 0.3199, 0.2246,
//! 0.4555, and dc = (1, -1). dalpha = (1, -1, 0); its mean under the weights is 0.0953; de =
//! (0.2894, -0.2460, -0.0434), which sums to 0. dq = (0.1739, -0.2046), the first key gets (0.2046,
//! 0.1023) and the first value (0.3199, -0.3199).

use ndarray::{Array2, Axis};

/// What you are asked for.
pub struct Gradients {
    pub dq: Array2<f64>,
    pub dk: Array2<f64>,
    pub dv: Array2<f64>,
}

/// The gradients of queries, keys and values.
pub fn attention_backward(
    queries: &Array2<f64>,
    keys: &Array2<f64>,
    values: &Array2<f64>,
    weights: &Array2<f64>,
    dc: &Array2<f64>,
) -> Gradients {
    // TODO: (S8), then the softmax (S9), then the scores (S10).
    todo!()
}
