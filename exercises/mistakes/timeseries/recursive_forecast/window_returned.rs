//! Your answer begins with the window. It is to hold the forecasts alone: f_1, ..., f_H.

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
    let mut window = window.to_vec(); // (W)
    let mut forecasts = window.clone();
    for _ in 0..horizon {
        let next = model.next(&window);
        forecasts.push(next);
        window.remove(0);
        window.push(next);
    }
    forecasts
}
