//! Your test part is at the beginning: the model learns from the future of what it is tested on. Time goes training, dev, test.

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
        train: (test + dev, len - embargo),
        dev: (test, test + dev - embargo),
        test: (0, test),
    })
}
