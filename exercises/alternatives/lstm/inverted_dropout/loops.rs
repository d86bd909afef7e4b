//! Element by element, without a mask.

use ndarray::Array2;

/// The activations after dropout, (B, H).
pub fn inverted_dropout(x: &Array2<f64>, u: &Array2<f64>, p: f64, training: bool) -> Array2<f64> {
    let keep = 1.0 - p;
    Array2::from_shape_fn(x.dim(), |at| match training {
        true if u[at] < p => 0.0,
        true => x[at] / keep,
        false => x[at],
    })
}

/// The gradient with respect to x, in training, (B, H).
pub fn dropout_backward(dy: &Array2<f64>, u: &Array2<f64>, p: f64) -> Array2<f64> {
    let keep = 1.0 - p;
    let mut dx = dy.clone();
    for (dx, &u) in dx.iter_mut().zip(u) {
        *dx = if u < p { 0.0 } else { *dx / keep };
    }
    dx
}
