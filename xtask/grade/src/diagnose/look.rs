//! A wrong array beside the right one, and what both may be made of.

use super::grid::Grid;

/// A wrong array and what it can be held against.
#[derive(Debug, Clone)]
pub struct Look<'l> {
    /// The right answer.
    pub expected: &'l Grid,
    /// The wrong one.
    pub got: &'l Grid,
    /// Names and values of the arguments that are numbers.
    pub arguments: &'l [(String, Grid)],
    /// The other parts of the right answer.
    pub others: &'l [(String, Grid)],
    /// Names of the gates that share an axis.
    pub gates: &'l [String],
}
