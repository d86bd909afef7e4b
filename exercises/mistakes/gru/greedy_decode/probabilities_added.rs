//! You add up probabilities. The probability of a sequence is a product (S3), so what is added are logarithms.

use ndarray::{Array1, Array2};

/// The probabilities of the next token.
pub struct Model {
    /// At the beginning, (V).
    pub start: Array1<f64>,
    /// After each token, (V, V): row v belongs to token v.
    pub after: Array2<f64>,
}

impl Model {
    /// The distribution over the next token, (V), after `written`.
    pub fn next(&self, written: &[usize]) -> Array1<f64> {
        match written.last() {
            None => self.start.clone(),
            Some(&token) => self.after.row(token).to_owned(),
        }
    }
}

/// What was written.
pub struct Written {
    pub tokens: Vec<usize>,
    pub log_probability: f64,
}

/// The tokens that greedy decoding writes, and their log-probability.
pub fn greedy_decode(model: &Model, end: usize, most: usize) -> Written {
    let mut tokens = Vec::new();
    let mut log_probability = 0.0;
    for _ in 0..most {
        let p = model.next(&tokens); // (V)
        let mut best = 0;
        for token in 1..p.len() {
            if p[token] > p[best] {
                best = token;
            }
        }
        log_probability += p[best]; // (S3)
        if best == end {
            break;
        }
        tokens.push(best);
    }
    Written { tokens, log_probability }
}
