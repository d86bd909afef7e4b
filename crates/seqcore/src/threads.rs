//! Work side by side, with the results in order; one after the other where there are no threads.
//!
//! Without the feature `threads`, as in a browser, everything runs on the caller's thread. The results are
//! the same, for what is computed never depends on who computes it.

#[cfg(feature = "threads")]
use rayon::prelude::*;

/// Calls `f` for every item; the results in the items' order.
#[cfg(feature = "threads")]
pub fn map<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    // An item is work enough to be taken alone.
    items.into_par_iter().with_max_len(1).map(f).collect()
}

/// Calls `f` for every item; the results in the items' order.
#[cfg(not(feature = "threads"))]
pub fn map<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    items.into_iter().map(f).collect()
}
