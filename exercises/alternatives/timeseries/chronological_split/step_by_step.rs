//! Subtracts with a check at each step.

/// Where each part begins and ends: (first item, one after the last).
pub struct Parts {
    pub train: (usize, usize),
    pub dev: (usize, usize),
    pub test: (usize, usize),
}

/// The three parts; nothing where training or dev would be empty.
pub fn chronological_split(len: usize, dev: usize, test: usize, embargo: usize) -> Option<Parts> {
    let test_start = len.checked_sub(test)?;
    let dev_start = test_start.checked_sub(dev)?;
    let train_end = dev_start.checked_sub(embargo)?;
    let dev_end = test_start.saturating_sub(embargo).max(dev_start);
    let parts = Parts { train: (0, train_end), dev: (dev_start, dev_end), test: (test_start, len) };
    (train_end > 0 && dev_end > dev_start).then_some(parts)
}
