//! # Many steps from a model of one
//!
//! A model forecasts one step ahead from the last W values. Use it for many steps: each forecast
//! becomes an input of the next one. Section 5.3 of `theory/05_forecasting.md`, **recursive**
//! forecasting:
//!
//! ```text
//! f_1 = model(x_{t-W+1}, ..., x_t)
//! f_2 = model(x_{t-W+2}, ..., x_t, f_1)
//! f_3 = model(x_{t-W+3}, ..., x_t, f_1, f_2)        and so on
//! ```
//!
//! `OneStep` stands for a trained network: `model.next(&window)` is its forecast for the step
//! behind the window.
//!
//! | | shape |
//! |---|---|
//! | `window` | (W), the oldest first |
//! | what `model.next` reads | (W), the oldest first |
//! | the answer | (H): f_1, ..., f_H |
//!
//! Example: weights 0.2 for the older and 0.7 for the newer value, bias 1, window (2, 4), H = 3.
//! f_1 = 1 + 0.4 + 2.8 = 4.2; f_2, from (4, 4.2), is 1 + 0.8 + 2.94 = 4.74; f_3, from (4.2, 4.74),
//! is 1 + 0.84 + 3.318 = 5.158.

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
    // TODO: forecast, let the window slide, again.
    todo!()
}
