//! One vector that is moved and put back.

use ndarray::{Array1, Array2};

/// The step of the difference.
pub const H: f64 = 1e-5;

/// A neuron's loss on N examples of P inputs.
pub struct Loss {
    pub inputs: Array2<f64>,
    pub targets: Array1<f64>,
}

impl Loss {
    /// The mean of (tanh(x w) - target)^2 / 2 over the examples.
    pub fn at(&self, w: &Array1<f64>) -> f64 {
        let errors = self.inputs.dot(w).mapv(f64::tanh) - &self.targets; // (N)
        errors.mapv(|e| e * e / 2.0).sum() / errors.len() as f64
    }
}

/// The slope of the loss in every weight, (P).
pub fn numeric_gradient(loss: &Loss, w: &Array1<f64>) -> Array1<f64> {
    let mut moved = w.clone();
    let mut slopes = Array1::zeros(w.len());
    for j in 0..w.len() {
        moved[j] = w[j] + H;
        let above = loss.at(&moved);
        moved[j] = w[j] - H;
        let below = loss.at(&moved);
        moved[j] = w[j];
        slopes[j] = (above - below) / (2.0 * H);
    }
    slopes
}

/// The places at which the gradient is wrong.
pub fn wrong_entries(loss: &Loss, w: &Array1<f64>, gradient: &Array1<f64>) -> Vec<usize> {
    let numeric = numeric_gradient(loss, w);
    let mut wrong = Vec::new();
    for j in 0..w.len() {
        let size = gradient[j].abs() + numeric[j].abs();
        let allowed = 1e-6 * if size > 1e-3 { size } else { 1e-3 };
        let right = (gradient[j] - numeric[j]).abs() <= allowed;
        if !right {
            wrong.push(j);
        }
    }
    wrong
}
