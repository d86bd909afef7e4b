//! Every index by hand, the weights after the walk.

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
    let inputs = x.dim().2;
    let mut da = Array3::<f64>::zeros((steps, batch, hidden));
    let mut dh_0 = Array2::zeros((batch, hidden));
    for t in (0..steps).rev() {
        for b in 0..batch {
            for j in 0..hidden {
                let mut total = dh[[t, b, j]];
                if t + 1 < steps {
                    total +=
                        (0..hidden).map(|i| weight_hh[[i, j]] * da[[t + 1, b, i]]).sum::<f64>();
                }
                da[[t, b, j]] = total - total * h[[t + 1, b, j]] * h[[t + 1, b, j]];
            }
        }
    }
    let mut dx = Array3::zeros((steps, batch, inputs));
    let mut d_weight_ih = Array2::zeros((hidden, inputs));
    let mut d_weight_hh = Array2::zeros((hidden, hidden));
    let mut d_bias = Array1::zeros(hidden);
    for t in 0..steps {
        for b in 0..batch {
            for i in 0..hidden {
                let a = da[[t, b, i]];
                d_bias[i] += a;
                for m in 0..inputs {
                    dx[[t, b, m]] += weight_ih[[i, m]] * a;
                    d_weight_ih[[i, m]] += a * x[[t, b, m]];
                }
                for j in 0..hidden {
                    d_weight_hh[[i, j]] += a * h[[t, b, j]];
                    if t == 0 {
                        dh_0[[b, j]] += weight_hh[[i, j]] * a;
                    }
                }
            }
        }
    }
    Gradients { dx, dh_0, d_weight_ih, d_weight_hh, d_bias }
}
