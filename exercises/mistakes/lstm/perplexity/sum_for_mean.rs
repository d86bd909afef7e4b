//! Your loss is the sum over the characters; (R5) is their mean. As it is, a longer text always
//! looks worse.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    let loss = -probabilities.iter().map(|p| p.ln()).sum::<f64>(); // (R5)
    (loss.exp(), loss / std::f64::consts::LN_2) // (R17)
}
