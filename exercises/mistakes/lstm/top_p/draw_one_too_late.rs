//! draw goes one token too far: the share of a token ends at the running sum with itself in it.

use ndarray::Array1;

/// The distribution cut to its nucleus, (V).
pub fn nucleus(probabilities: &Array1<f64>, p: f64) -> Array1<f64> {
    let mut ranked: Vec<usize> = (0..probabilities.len()).collect();
    // A stable sort: of equal ones, the lower id stays first.
    ranked.sort_by(|&i, &j| probabilities[j].total_cmp(&probabilities[i]));
    let mut kept = probabilities.clone(); // (V)
    let mut sum = 0.0;
    for token in ranked {
        if sum >= p {
            kept[token] = 0.0;
        }
        sum += probabilities[token];
    }
    &kept / kept.sum()
}

/// The token that u picks.
pub fn draw(probabilities: &Array1<f64>, u: f64) -> usize {
    let mut upper = 0.0;
    for (token, &share) in probabilities.iter().enumerate() {
        if u < upper {
            return token;
        }
        upper += share;
    }
    // Rounding left the sum a hair below 1, and u above it.
    probabilities.iter().rposition(|&share| share > 0.0).unwrap_or(0)
}
