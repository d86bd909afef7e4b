//! The largest is picked k times.

use ndarray::Array1;

/// The distribution to draw from, (V).
pub fn temperature_top_k(logits: &Array1<f64>, temperature: f64, k: usize) -> Array1<f64> {
    let mut kept = vec![false; logits.len()];
    for _ in 0..k.min(logits.len()) {
        let mut best = None;
        for id in 0..logits.len() {
            if !kept[id] && best.is_none_or(|b: usize| logits[id] > logits[b]) {
                best = Some(id);
            }
        }
        kept[best.unwrap()] = true;
    }
    let scaled = logits / temperature;
    let largest = scaled.iter().copied().fold(f64::MIN, f64::max);
    let total: f64 =
        (0..kept.len()).filter(|&id| kept[id]).map(|id| f64::exp(scaled[id] - largest)).sum();
    Array1::from_shape_fn(kept.len(), |id| match kept[id] {
        true => f64::exp(scaled[id] - largest - total.ln()),
        false => 0.0,
    })
}
