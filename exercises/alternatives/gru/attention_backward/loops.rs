//! The Jacobian of the softmax, written out.

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
    let ((steps, places), size) = (weights.dim(), queries.ncols());
    let mut gradients = Gradients {
        dq: Array2::zeros((steps, size)),
        dk: Array2::zeros((places, size)),
        dv: Array2::zeros(values.dim()),
    };
    let scale = 1.0 / (size as f64).sqrt();
    for t in 0..steps {
        for s in 0..places {
            let mut de = 0.0;
            for j in 0..places {
                let same = if s == j { 1.0 } else { 0.0 };
                de += values.row(j).dot(&dc.row(t)) * weights[[t, j]] * (same - weights[[t, s]]);
            }
            gradients.dq.row_mut(t).scaled_add(de * scale, &keys.row(s));
            gradients.dk.row_mut(s).scaled_add(de * scale, &queries.row(t));
            gradients.dv.row_mut(s).scaled_add(weights[[t, s]], &dc.row(t));
        }
    }
    gradients
}
