//! # Walk forward: several tests, always ahead
//!
//! One cut gives one test period, perhaps an odd one. Walk-forward evaluation gives several: train
//! up to a date, test what follows, move on, train again. Always forwards, section 5.2 of
//! `theory/05_forecasting.md`.
//!
//! - The last `folds * test` items of the series are tested once each, in order: fold 1 tests the
//!   first `test` of them, fold 2 the next, and so on.
//! - Each fold trains on **everything** before its test part, but the last `embargo` items before
//!   it (they would be neighbours).
//!
//! Parts are (first item, one after the last). There is always enough data for the first fold.
//!
//! | | |
//! |---|---|
//! | `len` | number of items |
//! | `folds`, `test` | how many folds, and the items that each of them tests |
//! | `embargo` | items given up at the end of each training part; may be 0 |
//!
//! Example: 100 items, 3 folds of 10, embargo 2. The tests are 70..80, 80..90 and 90..100; the
//! training parts are 0..68, 0..78 and 0..88.

/// What a fold trains on and what it tests: (first item, one after the last).
pub struct Fold {
    pub train: (usize, usize),
    pub test: (usize, usize),
}

/// The folds, in order of time.
pub fn walk_forward(len: usize, folds: usize, test: usize, embargo: usize) -> Vec<Fold> {
    // TODO: where does each test part begin? Training is what comes before.
    todo!()
}
