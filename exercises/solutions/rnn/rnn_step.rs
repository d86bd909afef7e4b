//! One step of a recurrent network, (R1) and (R2).

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
    let a = x.dot(&weight_ih.t()) + bias_ih + h_prev.dot(&weight_hh.t()) + bias_hh; // (B, H) (R1)
    a.mapv(f64::tanh) // (R2)
}
