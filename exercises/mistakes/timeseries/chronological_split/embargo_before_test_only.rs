//! There is no gap between training and dev. Choices are made on dev, so it must not have neighbours in training either.

/// Where each part begins and ends: (first item, one after the last).
pub struct Parts {
    pub train: (usize, usize),
    pub dev: (usize, usize),
    pub test: (usize, usize),
}

/// The three parts; nothing where training or dev would be empty.
pub fn chronological_split(len: usize, dev: usize, test: usize, embargo: usize) -> Option<Parts> {
    if len <= test + dev + embargo || dev <= embargo {
        return None;
    }
    let test_start = len - test;
    let dev_start = test_start - dev;
    Some(Parts {
        train: (0, dev_start),
        dev: (dev_start, test_start - embargo),
        test: (test_start, len),
    })
}
