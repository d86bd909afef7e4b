//! You take the logarithm of the mean probability. (R5) is the mean of the logarithms, and it is
//! larger: two good guesses do not make up for a bad one.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    let loss = -(probabilities.iter().sum::<f64>() / probabilities.len() as f64).ln(); // (R5)
    (loss.exp(), loss / std::f64::consts::LN_2) // (R17)
}
