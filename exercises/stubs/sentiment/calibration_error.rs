//! # Is 0.9 right nine times in ten? Calibration
//!
//! A classifier that says 0.9 a hundred times should be right about ninety times. Sort the
//! predictions into M bins of equal width by their probability, and compare in each the mean
//! probability with what happened. Equation (C14) of `theory/06_text_classification.md`:
//!
//! ```text
//! (C14)  ECE = sum over bins m of (n_m / N) |acc_m - conf_m|
//! ```
//!
//! conf_m is the mean predicted probability of "positive" in the bin, acc_m the share of its
//! reviews that are positive, n_m their number. Bin m (from 0) holds the p from m/M to (m+1)/M; p =
//! 1 belongs to the last bin. (No other p lies on an edge.)
//!
//! | | |
//! |---|---|
//! | `probabilities` | N, from 0 to 1 |
//! | `labels` | N, true for positive |
//! | `bins` | M |
//!
//! Example: probabilities 0.9, 0.8, 0.3 with labels true, false, false and 2 bins. Upper bin: conf
//! 0.85, acc 0.5, so 2/3 * 0.35; lower bin: conf 0.3, acc 0, so 1/3 * 0.3. ECE = 0.2333 + 0.1 =
//! 0.3333.

/// The expected calibration error.
pub fn calibration_error(probabilities: &[f64], labels: &[bool], bins: usize) -> f64 {
    // TODO: sums for each bin, then (C14).
    todo!()
}
