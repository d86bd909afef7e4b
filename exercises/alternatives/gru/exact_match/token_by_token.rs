//! Walks along both rows together.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    let mut right = 0.0;
    for (w, t) in written.iter().zip(targets) {
        for k in 0..w.len().min(t.len()) {
            if w[k] != t[k] {
                break;
            }
            if w[k] == end {
                right += 1.0;
                break;
            }
        }
    }
    right / written.len() as f64
}
