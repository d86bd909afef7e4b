//! Dev comes after the test part with you. Then choices are made with what lies in the future of the test; it stands between training and test.

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
    let test_start = len - test - dev;
    let dev_start = len - dev;
    Some(Parts {
        train: (0, test_start - embargo),
        dev: (dev_start, len),
        test: (test_start, dev_start - embargo),
    })
}
