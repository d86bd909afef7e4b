//! One list that gets longer; the window is its end.

/// A linear model of one step.
pub struct OneStep {
    /// One for each value of the window, the oldest first, (W).
    pub weights: Vec<f64>,
    pub bias: f64,
}

impl OneStep {
    /// The forecast for the step behind `window`.
    pub fn next(&self, window: &[f64]) -> f64 {
        self.bias + self.weights.iter().zip(window).map(|(w, x)| w * x).sum::<f64>()
    }
}

/// The forecasts for the next `horizon` steps.
pub fn recursive_forecast(model: &OneStep, window: &[f64], horizon: usize) -> Vec<f64> {
    let mut all = window.to_vec();
    while all.len() < window.len() + horizon {
        all.push(model.next(&all[all.len() - window.len()..]));
    }
    all[window.len()..].to_vec()
}
