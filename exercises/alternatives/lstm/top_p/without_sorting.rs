//! Picks the largest again and again; subtracts instead of adding.

use ndarray::Array1;

/// The distribution cut to its nucleus, (V).
pub fn nucleus(probabilities: &Array1<f64>, p: f64) -> Array1<f64> {
    let mut kept = Array1::zeros(probabilities.len()); // (V)
    // The most probable of what is left, again and again.
    while kept.sum() < p {
        let mut best: Option<usize> = None;
        for (token, &share) in probabilities.iter().enumerate() {
            let is_better = best.is_none_or(|best| share > probabilities[best]);
            if kept[token] == 0.0 && share > 0.0 && is_better {
                best = Some(token);
            }
        }
        let Some(best) = best else { break };
        kept[best] = probabilities[best];
    }
    let sum = kept.sum();
    kept / sum
}

/// The token that u picks.
pub fn draw(probabilities: &Array1<f64>, u: f64) -> usize {
    let mut left = u;
    let mut last = 0;
    for (token, &share) in probabilities.iter().enumerate() {
        if share > 0.0 {
            last = token;
            if left < share {
                return token;
            }
        }
        left -= share;
    }
    last
}
