//! A loop; and the logit of f = 1 - 1 / T.

use ndarray::{Array1, s};

/// Adds `value` to the forget block.
pub fn add_forget_bias(bias_ih: &mut Array1<f64>, value: f64) {
    let hidden = bias_ih.len() / 4;
    for j in hidden..2 * hidden {
        bias_ih[j] += value;
    }
}

/// The bias with which a cell remembers about so many steps.
pub fn bias_for(time_scale: f64) -> f64 {
    let f = 1.0 - 1.0 / time_scale;
    f64::ln(f) - f64::ln(1.0 / time_scale)
}
