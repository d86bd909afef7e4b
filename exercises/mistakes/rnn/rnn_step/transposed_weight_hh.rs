//! weight_hh is transposed: for states in rows it is h_prev.dot(&weight_hh.t()). As the matrix is square, the shapes do not tell.

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
    let a = x.dot(&weight_ih.t()) + bias_ih + h_prev.dot(weight_hh) + bias_hh; // (B, H)
    a.mapv(f64::tanh)
}
