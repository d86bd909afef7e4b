//! You compare with zip, which stops at the shorter row: an answer that is only the beginning of the target, or goes on beyond it, passes. Compare the lengths too.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    // What was said, end mark included; nothing where it never ended.
    let said =
        |row: &Vec<usize>| row.iter().position(|&token| token == end).map(|n| row[..=n].to_vec());
    let right = written
        .iter()
        .zip(targets)
        .filter(|(w, t)| {
            w.iter()
                .take_while(|&&x| x != end)
                .zip(t.iter().take_while(|&&x| x != end))
                .all(|(a, b)| a == b)
        })
        .count();
    right as f64 / targets.len() as f64
}
