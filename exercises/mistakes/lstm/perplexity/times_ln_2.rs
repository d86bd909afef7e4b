//! You multiply by ln 2. A nat is 1.4427 bits: divide by ln 2.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    let loss = -probabilities.iter().map(|p| p.ln()).sum::<f64>() / probabilities.len() as f64; // (R5)
    (loss.exp(), loss * std::f64::consts::LN_2) // (R17)
}
