//! In (L6) you keep with i and write with f. f multiplies the old cell, i the new candidate.

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
    let hidden = h_prev.ncols();
    let a = x.dot(&weight_ih.t()) + h_prev.dot(&weight_hh.t()) + bias; // (B, 4H) (L1)
    let block = |k: usize| a.slice(s![.., k * hidden..(k + 1) * hidden]); // (B, H)
    let i = block(0).mapv(sigmoid); // (L2)
    let f = block(1).mapv(sigmoid); // (L3)
    let g = block(2).mapv(f64::tanh); // (L4)
    let o = block(3).mapv(sigmoid); // (L5)
    let c = &i * c_prev + &f * &g; // (B, H) (L6)
    let h = &o * &c.mapv(f64::tanh); // (B, H) (L7)
    (h, c)
}
