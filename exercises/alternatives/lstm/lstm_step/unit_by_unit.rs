//! Every unit by hand.

use kit::sigmoid;
use ndarray::{Array1, Array2, s};

/// The states after the step, h and c, (B, H) each.
pub fn lstm_step(
    x: &Array2<f64>,
    h_prev: &Array2<f64>,
    c_prev: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias: &Array1<f64>,
) -> (Array2<f64>, Array2<f64>) {
    let (batch, hidden) = h_prev.dim();
    let (mut h, mut c) = (Array2::zeros((batch, hidden)), Array2::zeros((batch, hidden)));
    for b in 0..batch {
        for j in 0..hidden {
            let a = |block: usize| -> f64 {
                let row = block * hidden + j;
                let from_h: f64 = (0..hidden).map(|k| weight_hh[[row, k]] * h_prev[[b, k]]).sum();
                let from_x: f64 = (0..x.ncols()).map(|k| weight_ih[[row, k]] * x[[b, k]]).sum();
                bias[row] + from_h + from_x
            };
            let new: f64 = sigmoid(a(0)) * a(2).tanh() + sigmoid(a(1)) * c_prev[[b, j]];
            c[[b, j]] = new;
            h[[b, j]] = new.tanh() * sigmoid(a(3));
        }
    }
    (h, c)
}
