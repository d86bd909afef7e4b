//! Every index by hand.

use ndarray::{Array1, Array2};

/// The hidden states after the step, (B, H).
pub fn rnn_step(
    x: &Array2<f64>,
    h_prev: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias_ih: &Array1<f64>,
    bias_hh: &Array1<f64>,
) -> Array2<f64> {
    let (batch, hidden) = h_prev.dim();
    let mut h = Array2::zeros((batch, hidden)); // (B, H)
    for b in 0..batch {
        for j in 0..hidden {
            let mut a = 0.0;
            for k in 0..hidden {
                a += weight_hh[[j, k]] * h_prev[[b, k]];
            }
            for i in 0..x.ncols() {
                a += weight_ih[[j, i]] * x[[b, i]];
            }
            h[[b, j]] = (a + bias_hh[j] + bias_ih[j]).tanh();
        }
    }
    h
}
