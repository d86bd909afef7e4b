//! From the end of the series, then turned round.

/// What a fold trains on and what it tests: (first item, one after the last).
pub struct Fold {
    pub train: (usize, usize),
    pub test: (usize, usize),
}

/// The folds, in order of time.
pub fn walk_forward(len: usize, folds: usize, test: usize, embargo: usize) -> Vec<Fold> {
    let mut all = Vec::new();
    let mut end = len;
    while all.len() < folds {
        let start = end - test;
        all.push(Fold { train: (0, start - embargo), test: (start, end) });
        end = start;
    }
    all.reverse();
    all
}
