//! You begin with a state of zeros. The first step reads h_0, which was handed in: here it is not
//! zero.

use ndarray::{Array1, Array2, Array3, Axis};

/// All states h_1 to h_T, (T, B, H).
pub fn rnn_unroll(
    x: &Array3<f64>,
    h_0: &Array2<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    bias: &Array1<f64>,
) -> Array3<f64> {
    let (steps, batch, _) = x.dim();
    let mut states = Array3::zeros((steps, batch, h_0.ncols())); // (T, B, H)
    let mut h = Array2::zeros(h_0.dim()); // (B, H)
    for t in 0..steps {
        let x_t = x.index_axis(Axis(0), t); // (B, I)
        let a = x_t.dot(&weight_ih.t()) + h.dot(&weight_hh.t()) + bias; // (B, H) (R1)
        h = a.mapv(f64::tanh); // (R2)
        states.index_axis_mut(Axis(0), t).assign(&h);
    }
    states
}
