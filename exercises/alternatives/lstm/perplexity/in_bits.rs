//! Bits first; the perplexity is 2 to the bits.

/// Perplexity and bits per character.
pub fn perplexity(probabilities: &[f64]) -> (f64, f64) {
    let mut bits = 0.0;
    for p in probabilities.iter().rev() {
        bits -= p.log2();
    }
    bits /= probabilities.len() as f64;
    (bits.exp2(), bits)
}
