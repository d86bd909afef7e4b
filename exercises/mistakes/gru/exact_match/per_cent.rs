//! You return per cent; the task asks for a share, 0 to 1.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    // What was said, end mark included; nothing where it never ended.
    let said =
        |row: &Vec<usize>| row.iter().position(|&token| token == end).map(|n| row[..=n].to_vec());
    let right = written
        .iter()
        .zip(targets)
        .filter(|(w, t)| said(w).is_some() && said(w) == said(t))
        .count();
    100.0 * right as f64 / targets.len() as f64
}
