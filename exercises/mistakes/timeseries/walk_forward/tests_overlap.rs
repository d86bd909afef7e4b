//! The test parts overlap: each begins one item after the one before. Every item is to be tested once; move on by `test`.

/// What a fold trains on and what it tests: (first item, one after the last).
pub struct Fold {
    pub train: (usize, usize),
    pub test: (usize, usize),
}

/// The folds, in order of time.
pub fn walk_forward(len: usize, folds: usize, test: usize, embargo: usize) -> Vec<Fold> {
    let first = len - folds * test; // where the first test part begins
    (0..folds)
        .map(|k| {
            let start = first + k;
            Fold { train: (0, start - embargo), test: (start, start + test) }
        })
        .collect()
}
