//! Unit by unit; the products the other way round.

use ndarray::{Array1, Array2, Axis};

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
    let hidden = dh.ncols();
    let mut da = Array2::zeros((dh.nrows(), 4 * hidden)); // (B, 4H)
    let mut dc_prev = dc.clone(); // (B, H)
    for ((b, k), &dh) in dh.indexed_iter() {
        let (i, f, g, o) = (tape.i[[b, k]], tape.f[[b, k]], tape.g[[b, k]], tape.o[[b, k]]);
        let tanh_c = tape.tanh_c[[b, k]];
        let dc = dc[[b, k]] + dh * o - dh * o * tanh_c * tanh_c;
        da[[b, k]] = dc * g * i * (1.0 - i);
        da[[b, hidden + k]] = dc * tape.c_prev[[b, k]] * f * (1.0 - f);
        da[[b, 2 * hidden + k]] = dc * i * (1.0 - g) * (1.0 + g);
        da[[b, 3 * hidden + k]] = dh * tanh_c * o * (1.0 - o);
        dc_prev[[b, k]] = dc * f;
    }
    let dx = weight_ih.t().dot(&da.t()).t().to_owned();
    let dh_prev = weight_hh.t().dot(&da.t()).t().to_owned();
    let d_weight_ih = tape.x.t().dot(&da).t().to_owned();
    let d_weight_hh = tape.h_prev.t().dot(&da).t().to_owned();
    let d_bias = da.sum_axis(Axis(0));
    Gradients { dx, dh_prev, dc_prev, d_weight_ih, d_weight_hh, d_bias }
}
