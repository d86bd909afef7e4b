//! # A split by time that does not leak
//!
//! A series is cut by time: training first, then dev (for choices), then the test part, which is
//! used once. A window near the end of training has its targets right beside the first values of
//! dev, and neighbours in time resemble each other. So leave an **embargo** between the parts: some
//! items that belong to none. Section 5.2 of `theory/05_forecasting.md`.
//!
//! - The test part is the last `test` items; the `dev` items before it are dev; what comes before
//!   is training.
//! - Then the last `embargo` items of training and the last `embargo` items of dev are given up.
//!   The test part keeps all its items.
//! - If training or dev would have no item left, the answer is `None`.
//!
//! Parts are (first item, one after the last), as in Rust's `a..b`.
//!
//! | | |
//! |---|---|
//! | `len` | number of items |
//! | `dev`, `test` | lengths of the two held-out parts before the embargo, at least 1 |
//! | `embargo` | items given up at the end of training and of dev; may be 0 |
//!
//! Example: 100 items, dev 10, test 10, embargo 3. The test part is 90..100, dev 80..90, training
//! 0..80; after the embargo dev is 80..87 and training 0..77.

/// Where each part begins and ends: (first item, one after the last).
pub struct Parts {
    pub train: (usize, usize),
    pub dev: (usize, usize),
    pub test: (usize, usize),
}

/// The three parts; nothing where training or dev would be empty.
pub fn chronological_split(len: usize, dev: usize, test: usize, embargo: usize) -> Option<Parts> {
    // TODO: from the end: test, dev, training; then the embargo.
    todo!()
}
