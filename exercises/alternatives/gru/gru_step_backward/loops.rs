//! Unit by unit; the products the other way round.

use ndarray::{Array1, Array2, Axis, concatenate};

/// What the forward step left behind.
pub struct Tape {
    pub x: Array2<f64>,
    pub h_prev: Array2<f64>,
    pub r: Array2<f64>,
    pub z: Array2<f64>,
    pub n: Array2<f64>,
    pub v_n: Array2<f64>,
}

/// What you are asked for.
pub struct Gradients {
    pub dx: Array2<f64>,
    pub dh_prev: Array2<f64>,
    pub d_weight_ih: Array2<f64>,
    pub d_weight_hh: Array2<f64>,
    pub d_bias_ih: Array1<f64>,
    pub d_bias_hh: Array1<f64>,
}

/// All gradients of one step.
pub fn gru_step_backward(
    tape: &Tape,
    weight_ih: &Array2<f64>,
    weight_hh: &Array2<f64>,
    dh: &Array2<f64>,
) -> Gradients {
    let hidden = dh.ncols();
    let mut du = Array2::zeros((dh.nrows(), 3 * hidden)); // (B, 3H)
    let mut dv = du.clone();
    let mut dh_prev = dh * &tape.z; // (B, H)
    for ((b, k), &dh) in dh.indexed_iter() {
        let (r, z, n) = (tape.r[[b, k]], tape.z[[b, k]], tape.n[[b, k]]);
        let da_n = (dh - dh * z) * (1.0 - n) * (1.0 + n);
        let da_r = da_n * r * tape.v_n[[b, k]] * (1.0 - r);
        let da_z = (dh * tape.h_prev[[b, k]] - dh * n) * z * (1.0 - z);
        for (block, input, state) in [(0, da_r, da_r), (1, da_z, da_z), (2, da_n, da_n * r)] {
            du[[b, block * hidden + k]] = input;
            dv[[b, block * hidden + k]] = state;
        }
    }
    dh_prev += &weight_hh.t().dot(&dv.t()).t();
    let dx = weight_ih.t().dot(&du.t()).t().to_owned();
    let d_weight_ih = tape.x.t().dot(&du).t().to_owned();
    let d_weight_hh = tape.h_prev.t().dot(&dv).t().to_owned();
    let (d_bias_ih, d_bias_hh) = (du.sum_axis(Axis(0)), dv.sum_axis(Axis(0)));
    Gradients { dx, dh_prev, d_weight_ih, d_weight_hh, d_bias_ih, d_bias_hh }
}
