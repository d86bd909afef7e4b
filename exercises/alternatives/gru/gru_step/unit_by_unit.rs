//! Unit by unit, the mixture written as n + z (h - n).

use ndarray::{Array1, Array2, s};

/// The hidden states after the step, (B, H).
pub fn gru_step(
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
            let u =
                |k: usize| bias_ih[k * hidden + j] + weight_ih.row(k * hidden + j).dot(&x.row(b));
            let v = |k: usize| {
                weight_hh.row(k * hidden + j).dot(&h_prev.row(b)) + bias_hh[k * hidden + j]
            };
            let r = 1.0 / (1.0 + (-u(0) - v(0)).exp());
            let z = 1.0 / (1.0 + (-u(1) - v(1)).exp());
            let n = (r * v(2) + u(2)).tanh();
            h[[b, j]] = n + z * (h_prev[[b, j]] - n);
        }
    }
    h
}
