//! You average the characters' perplexities 1 / p. Average the losses first, then take the
//! exponential: one reckless prediction must not count that much.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    let loss = -probabilities.iter().map(|p| p.ln()).sum::<f64>() / probabilities.len() as f64; // (R5)
    _ = loss.exp();
    (
        probabilities.iter().map(|p| 1.0 / p).sum::<f64>() / probabilities.len() as f64,
        loss / std::f64::consts::LN_2,
    ) // (R17)
}
