//! The gradients of weights and biases are means over the batch; (G13) has sums. The loss has divided already.

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
    let Tape { x, h_prev, r, z, n, v_n } = tape;
    let dn = dh * z.mapv(|z| 1.0 - z); // (B, H) (G6)
    let dz = dh * (h_prev - n); // (G7)
    let da_n = dn * n.mapv(|n| 1.0 - n * n); // (G8)
    let dr = &da_n * v_n; // (G9)
    let sigmoid_slope = |s: &Array2<f64>| s.mapv(|s| s * (1.0 - s));
    let da_r = dr * sigmoid_slope(r); // (G10)
    let da_z = dz * sigmoid_slope(z);
    let du = concatenate![Axis(1), da_r, da_z, da_n]; // (B, 3H) (G11)
    let dv = concatenate![Axis(1), da_r, da_z, r * &da_n]; // (B, 3H)
    Gradients {
        dx: du.dot(weight_ih),               // (G13)
        dh_prev: dh * z + dv.dot(weight_hh), // (G12)
        d_weight_ih: du.t().dot(x) / x.nrows() as f64,
        d_weight_hh: dv.t().dot(h_prev) / x.nrows() as f64,
        d_bias_ih: du.sum_axis(Axis(0)) / x.nrows() as f64,
        d_bias_hh: dv.sum_axis(Axis(0)) / x.nrows() as f64,
    }
}
