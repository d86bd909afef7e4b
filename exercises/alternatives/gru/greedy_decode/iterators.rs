//! The largest by a fold, the logarithms at the end.

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
    let (mut tokens, mut shares, mut ended) = (Vec::new(), Vec::new(), false);
    while shares.len() < most && !ended {
        let p = model.next(&tokens);
        let largest = p.iter().copied().fold(0.0, f64::max);
        let best = p.iter().position(|&share| share == largest).unwrap_or(end);
        shares.push(largest);
        ended = best == end;
        if !ended {
            tokens.push(best);
        }
    }
    Written { tokens, log_probability: shares.iter().rev().map(|share| share.ln()).sum() }
}
