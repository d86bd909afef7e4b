//! The input part of (R1) for all steps in one product, then the recursion element by element.

use ndarray::{Array1, Array2, Array3, Axis};

/// All states h_1 to h_T, (T, B, H).
pub fn rnn_unroll(
    x: &Array3<f64>,
    h_0: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias: &Array1<f64>,
) -> Array3<f64> {
    let (steps, batch, inputs) = x.dim();
    let hidden = h_0.ncols();
    let rows = x.to_shape((steps * batch, inputs)).unwrap();
    let from_inputs = rows.dot(&weight_ih.t()); // (T B, H)
    let mut states = Array3::zeros((steps, batch, hidden));
    for t in 0..steps {
        for b in 0..batch {
            for j in 0..hidden {
                let mut a = bias[j] + from_inputs[[t * batch + b, j]];
                for k in 0..hidden {
                    let before: f64 = if t == 0 { h_0[[b, k]] } else { states[[t - 1, b, k]] };
                    a += weight_hh[[j, k]] * before;
                }
                states[[t, b, j]] = a.tanh();
            }
        }
    }
    states
}
