//! How this part walks forward, and what its scores share.

/// Days in a block of the bootstrap: a month.
pub(super) const BLOCK: usize = 21;

/// How to walk forward.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkForward {
    /// The first day of each of these years, models are fitted again.
    pub years: Vec<i32>,
    /// Steps of training for each network.
    pub steps: usize,
    /// What a change of position costs, as a share of its value.
    pub cost: f64,
    /// Seed.
    pub seed: u64,
    /// Whether to show progress bars.
    pub progress: bool,
}

impl WalkForward {
    /// The tour's, or the long version's.
    pub fn new(full: bool, steps: Option<usize>, seed: u64) -> Self {
        let steps = steps.unwrap_or(if full { 1000 } else { 250 });
        Self { years: (2008..=2012).collect(), steps, cost: 0.001, seed, progress: false }
    }
}

/// Lags of a HAC variance: the usual 4 (n/100)^(2/9), rounded down (Newey and West 1994).
pub(super) fn lags(n: usize) -> usize {
    (4.0 * (n as f64 / 100.0).powf(2.0 / 9.0)) as usize
}
