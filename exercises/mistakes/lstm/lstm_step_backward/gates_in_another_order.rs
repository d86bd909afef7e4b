//! The blocks stand in the order i, f, o, g; PyTorch and this course have i, f, g, o.

use ndarray::{Array1, Array2, Axis, concatenate};

/// What the forward step left behind.
pub struct Tape {
    pub x: Array2<f64>,
    pub h_prev: Array2<f64>,
    pub c_prev: Array2<f64>,
    pub i: Array2<f64>,
    pub f: Array2<f64>,
    pub g: Array2<f64>,
    pub o: Array2<f64>,
    pub tanh_c: Array2<f64>,
}

/// What you are asked for.
pub struct Gradients {
    pub dx: Array2<f64>,
    pub dh_prev: Array2<f64>,
    pub dc_prev: Array2<f64>,
    pub d_weight_ih: Array2<f64>,
    pub d_weight_hh: Array2<f64>,
    pub d_bias: Array1<f64>,
}

/// All gradients of one step.
pub fn lstm_step_backward(
    tape: &Tape,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    dh: &Array2<f64>,
    dc: &Array2<f64>,
) -> Gradients {
    let Tape { x, h_prev, c_prev, i, f, g, o, tanh_c } = tape;
    let d_o = dh * tanh_c; // (B, H) (L8)
    let dc = dc + &(dh * o * tanh_c.mapv(|t| 1.0 - t * t)); // (B, H) (L9)
    let df = &dc * c_prev; // (L10)
    let di = &dc * g; // (L11)
    let dg = &dc * i; // (L12)
    let dc_prev = &dc * f; // (B, H) (L13)
    let sigmoid_slope = |s: &Array2<f64>| s.mapv(|s| s * (1.0 - s));
    let da_i = di * sigmoid_slope(i); // (L14)
    let da_f = df * sigmoid_slope(f);
    let da_g = dg * g.mapv(|g| 1.0 - g * g);
    let da_o = d_o * sigmoid_slope(o);
    let da = concatenate![Axis(1), da_i, da_f, da_o, da_g]; // (B, 4H)
    Gradients {
        dx: da.dot(weight_ih), // (L15)
        dh_prev: da.dot(weight_hh),
        dc_prev,
        d_weight_ih: da.t().dot(x),
        d_weight_hh: da.t().dot(h_prev),
        d_bias: da.sum_axis(Axis(0)),
    }
}
