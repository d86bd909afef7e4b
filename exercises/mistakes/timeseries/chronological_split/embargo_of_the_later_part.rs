//! You take the embargo off the beginning of dev and test. The gap is the same, but the test part is to keep all its items: give up the ends of training and dev.

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
        dev: (dev_start + embargo, test_start),
        test: (test_start + embargo, len),
    })
}
