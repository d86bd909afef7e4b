//! Backpropagation through time, (R7) to (R13).

use ndarray::{Array1, Array2, Array3, Axis};

/// What you are asked for.
pub struct Gradients {
    pub dx: Array3<f64>,
    pub dh_0: Array2<f64>,
    pub d_weight_ih: Array2<f64>,
    pub d_weight_hh: Array2<f64>,
    pub d_bias: Array1<f64>,
}

/// All gradients of a window of T steps.
pub fn rnn_bptt(
    x: &Array3<f64>,
    h: &Array3<f64>,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    dh: &Array3<f64>,
) -> Gradients {
    let (steps, batch, hidden) = dh.dim();
    let mut dx = Array3::zeros(x.dim()); // (T, B, I)
    let mut d_weight_ih = Array2::zeros(weight_ih.dim());
    let mut d_weight_hh = Array2::zeros(weight_hh.dim());
    let mut d_bias = Array1::zeros(hidden);
    let mut dh_next = Array2::zeros((batch, hidden)); // from step t + 1
    for t in (0..steps).rev() {
        let (h_prev, h_t) = (h.index_axis(Axis(0), t), h.index_axis(Axis(0), t + 1)); // (B, H)
        let dh_t = &dh.index_axis(Axis(0), t) + &dh_next; // (R7)
        let da = dh_t * h_t.mapv(|h| 1.0 - h * h); // (B, H) (R8)
        dx.index_axis_mut(Axis(0), t).assign(&da.dot(weight_ih)); // (R9)
        dh_next = da.dot(weight_hh); // (R10)
        d_weight_ih += &da.t().dot(&x.index_axis(Axis(0), t)); // (R11)
        d_weight_hh += &da.t().dot(&h_prev); // (R12)
        d_bias += &da.sum_axis(Axis(0)); // (R13)
    }
    Gradients { dx, dh_0: dh_next, d_weight_ih, d_weight_hh, d_bias }
}
