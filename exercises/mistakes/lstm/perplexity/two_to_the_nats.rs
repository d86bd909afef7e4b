//! Your perplexity is 2^L, but L is in nats. It is e^L, or 2 to the *bits*.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    let loss = -probabilities.iter().map(|p| p.ln()).sum::<f64>() / probabilities.len() as f64; // (R5)
    (loss.exp2(), loss / std::f64::consts::LN_2) // (R17)
}
