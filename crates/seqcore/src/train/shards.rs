//! Splitting a batch over threads, with the same bits for any number of threads.
//!
//! A batch is cut into *shards*, sets of whole sequences. Each shard runs forward and backward
//! alone, and the shards' gradients are summed in their order. How a batch is cut depends on
//! its size only; threads merely take shards as they come free.

use std::ops::Range;

use crate::threads;

/// The most shards a batch is cut into. More would keep more threads busy, but each shard has a
/// gradient of its own, and products of few rows are slow.
const MOST: usize = 4;

/// The fewest sequences worth a shard of their own.
const FEWEST_ROWS: usize = 8;

/// Cuts `batch` sequences into shards of nearly equal size.
///
/// ```
/// use seqcore::train::shards::cut;
/// assert_eq!(cut(33), [0..9, 9..17, 17..25, 25..33]);
/// assert_eq!(cut(5), [0..5]);
/// ```
pub fn cut(batch: usize) -> Vec<Range<usize>> {
    let shards = (batch / FEWEST_ROWS).clamp(1, MOST);
    let (rows, longer) = (batch / shards, batch % shards);
    let start = |k: usize| k * rows + k.min(longer);
    (0..shards).map(|k| start(k)..start(k + 1)).collect()
}

/// Calls `f` for every shard, side by side, and returns the results in the shards' order.
pub fn for_each<S: Send, R: Send>(
    shards: &mut [S],
    f: impl Fn(usize, &mut S) -> R + Sync,
) -> Vec<R> {
    match shards {
        // One shard needs no other thread, and the way there and back would cost more.
        [only] => vec![f(0, only)],
        _ => threads::map(shards.iter_mut().enumerate().collect(), |(k, shard)| f(k, shard)),
    }
}

/// Adds up the shards' gradients, in their order, into the first one's, and lends that. `gradient` finds a
/// shard's own, `add` adds one to another.
pub fn add_up<S, G>(
    shards: &mut [S],
    gradient: impl Fn(&mut S) -> &mut G,
    add: impl Fn(&mut G, &G),
) -> &mut G {
    let (first, rest) = shards.split_first_mut().expect("a batch has at least one shard");
    let sum = gradient(first);
    rest.iter_mut().for_each(|shard| add(sum, gradient(shard)));
    // Borrowed anew: the closure's result cannot outlive the loop's borrow of it.
    gradient(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_the_batch_and_differ_by_one_row() {
        for batch in 1..200 {
            let shards = cut(batch);
            assert_eq!(shards[0].start, 0);
            assert_eq!(shards[shards.len() - 1].end, batch);
            assert!(shards.windows(2).all(|pair| pair[0].end == pair[1].start));
            let sizes: Vec<_> = shards.iter().map(Range::len).collect();
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }
}
