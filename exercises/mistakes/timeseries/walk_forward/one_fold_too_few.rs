//! A fold is missing: there are `folds` of them, and the last one ends with the series.

/// What a fold trains on and what it tests: (first item, one after the last).
pub struct Fold {
    pub train: (usize, usize),
    pub test: (usize, usize),
}

/// The folds, in order of time.
pub fn walk_forward(len: usize, folds: usize, test: usize, embargo: usize) -> Vec<Fold> {
    let first = len - folds * test; // where the first test part begins
    (0..folds - 1)
        .map(|k| {
            let start = first + k * test;
            Fold { train: (0, start - embargo), test: (start, start + test) }
        })
        .collect()
}
