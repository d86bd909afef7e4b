//! Your backward pass only drops. The forward pass multiplied by 1 / (1 - p), so the gradient is
//! multiplied by it as well.

use ndarray::Array2;

/// The activations after dropout, (B, H).
pub fn inverted_dropout(x: &Array2<f64>, u: &Array2<f64>, p: f64, training: bool) -> Array2<f64> {
    if !training {
        return x.clone();
    }
    let mask = u.mapv(|u| if u < p { 0.0 } else { 1.0 / (1.0 - p) }); // (B, H)
    x * &mask
}

/// The gradient with respect to x, in training, (B, H).
pub fn dropout_backward(dy: &Array2<f64>, u: &Array2<f64>, p: f64) -> Array2<f64> {
    let mask = u.mapv(|u| if u < p { 0.0 } else { 1.0 / (1.0 - p) }); // (B, H)
    dy * &mask * (1.0 - p)
}
