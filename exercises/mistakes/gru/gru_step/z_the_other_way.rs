//! Your z lets the new in and 1 - z keeps the old. (G5) has them the other way round: h_t = (1 - z) * n + z * h_{t-1}. Both forms are in papers; PyTorch and this course let z keep.

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
    let hidden = h_prev.ncols();
    let u = x.dot(&weight_ih.t()) + bias_ih; // (B, 3H) (G1)
    let v = h_prev.dot(&weight_hh.t()) + bias_hh; // (B, 3H)
    let block =
        |a: &Array2<f64>, k: usize| a.slice(s![.., k * hidden..(k + 1) * hidden]).to_owned();
    let r = (block(&u, 0) + block(&v, 0)).mapv(kit::sigmoid); // (B, H) (G2)
    let z = (block(&u, 1) + block(&v, 1)).mapv(kit::sigmoid); // (G3)
    let n = (block(&u, 2) + &r * &block(&v, 2)).mapv(f64::tanh); // (G4)
    z.mapv(|z| 1.0 - z) * h_prev + z * n // (G5)
}
