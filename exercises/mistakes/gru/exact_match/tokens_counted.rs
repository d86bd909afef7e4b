//! You count right tokens. An answer with one wrong digit is a wrong answer: count the rows that are right as a whole.

/// The share of answers that are right as a whole.
pub fn exact_match(written: &[Vec<usize>], targets: &[Vec<usize>], end: usize) -> f64 {
    // What was said, end mark included; nothing where it never ended.
    let said =
        |row: &Vec<usize>| row.iter().position(|&token| token == end).map(|n| row[..=n].to_vec());
    let tokens: Vec<Vec<usize>> = targets.iter().filter_map(said).collect();
    let right: usize = written
        .iter()
        .zip(&tokens)
        .map(|(w, t)| w.iter().zip(t).filter(|(w, t)| w == t).count())
        .sum();
    right as f64 / tokens.iter().map(Vec::len).sum::<usize>() as f64
}
