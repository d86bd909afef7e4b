//! A row that was cut off before its end mark counts as right with you. It did not say that it was finished, so it is wrong.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    // What was said, end mark included; nothing where it never ended.
    let said = |row: &Vec<usize>| {
        row.iter().position(|&token| token == end).map_or(row.clone(), |n| row[..n].to_vec())
    };
    let right = written.iter().zip(targets).filter(|(w, t)| said(w) == said(t)).count();
    right as f64 / targets.len() as f64
}
