//! You compare what tokens there are, not where. 163 has the digits of 361 and is another number.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    // What was said, end mark included; nothing where it never ended.
    let said = |row: &Vec<usize>| {
        row.iter().position(|&token| token == end).map(|n| {
            let mut tokens = row[..n].to_vec();
            tokens.sort();
            tokens
        })
    };
    let right = written
        .iter()
        .zip(targets)
        .filter(|(w, t)| said(w).is_some() && said(w) == said(t))
        .count();
    right as f64 / targets.len() as f64
}
