//! You use alpha (1 - alpha), the slope of a sigmoid, for each weight by itself. In a softmax every score moves every weight: (S9) has the sum over all positions.

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
    let d_alpha = dc.dot(&values.t()); // (T, S) (S8)
    let dv = weights.t().dot(dc); // (S, M)
    let mean = (weights * &d_alpha).sum_axis(Axis(1)).insert_axis(Axis(1)); // (T, 1)
    let de = weights * &(&d_alpha * &weights.mapv(|a| 1.0 - a)); // (T, S) (S9)
    let root = (queries.ncols() as f64).sqrt();
    let dq = de.dot(keys) / root; // (T, d) (S10)
    let dk = de.t().dot(queries) / root; // (S, d)
    Gradients { dq, dk, dv }
}
