//! Batches of sequences of similar length: what keeps padding, and waiting for the longest, small.
//!
//! An epoch is shuffled, cut into *pools* of many batches, and each pool sorted by length before
//! it is cut into batches; the batches are shuffled again. So a batch holds neighbours in length,
//! while which sequences meet changes from epoch to epoch. Everything follows from the seed and the
//! step's number, so a run that was stopped goes on with the same batches.
//!
//! [`pad`] lays sequences side by side, (T, B), with their lengths; behind an end stands
//! [`UNK`], which nothing that knows the lengths ever reads.

use crate::random::{Purpose, stream};
use ndarray::Array2;
use rand::seq::SliceRandom;

use super::UNK;

/// Batches in a pool that is sorted by length: the more, the more alike the lengths in a batch,
/// and the less random who meets whom.
const POOL: usize = 32;

/// Which sequences make which batch.
#[derive(Debug, Clone)]
pub struct Buckets {
    lengths: Vec<usize>,
    batch: usize,
    seed: u64,
    /// The epoch that is laid out, and its batches.
    laid_out: Option<(usize, Vec<Vec<usize>>)>,
}

impl Buckets {
    /// Batches of up to `batch` sequences with these lengths. Panics where either is nothing.
    pub fn new(lengths: Vec<usize>, batch: usize, seed: u64) -> Self {
        assert!(!lengths.is_empty() && batch > 0, "batches need sequences and a size");
        Self { lengths, batch, seed, laid_out: None }
    }

    /// How many batches an epoch has; the last may be smaller.
    pub fn batches(&self) -> usize {
        self.lengths.len().div_ceil(self.batch)
    }

    /// The sequences of the batch of step `step`, counted from 0 over all epochs.
    pub fn batch(&mut self, step: usize) -> &[usize] {
        let (epoch, k) = (step / self.batches(), step % self.batches());
        if self.laid_out.as_ref().is_none_or(|(other, _)| *other != epoch) {
            self.laid_out = Some((epoch, self.lay_out(epoch)));
        }
        &self.laid_out.as_ref().expect("just laid out").1[k]
    }

    /// The batches of an epoch.
    fn lay_out(&self, epoch: usize) -> Vec<Vec<usize>> {
        let mut rng = stream(self.seed, Purpose::BatchOrder { epoch });
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        order.shuffle(&mut rng);
        for pool in order.chunks_mut(self.batch * POOL) {
            pool.sort_by_key(|&i| std::cmp::Reverse(self.lengths[i]));
        }
        let mut batches: Vec<Vec<usize>> = order.chunks(self.batch).map(<[_]>::to_vec).collect();
        batches.shuffle(&mut rng);
        batches
    }
}

/// All sequences once, sorted by length and cut into batches: for evaluation, where the order does
/// not matter.
pub fn by_length(lengths: &[usize], batch: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(lengths[i]));
    order.chunks(batch.max(1)).map(<[_]>::to_vec).collect()
}

/// Sequences side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Padded {
    /// Token ids, (T, B), T the longest length.
    pub ids: Array2<usize>,
    /// The length of each sequence, (B), each between 1 and T.
    pub lengths: Vec<usize>,
}

/// Lays sequences side by side. One that is empty becomes a single [`UNK`]: a layer needs a step.
///
/// ```
/// use ndarray::array;
/// use seqcore::data::buckets::pad;
/// let padded = pad([&[7, 8, 9][..], &[5]]);
/// assert_eq!(padded.ids, array![[7, 5], [8, 0], [9, 0]]);
/// assert_eq!(padded.lengths, [3, 1]);
/// ```
pub fn pad<'a>(sequences: impl IntoIterator<Item = &'a [usize]>) -> Padded {
    let sequences: Vec<&[usize]> = sequences.into_iter().collect();
    let lengths: Vec<usize> = sequences.iter().map(|s| s.len().max(1)).collect();
    let steps = lengths.iter().copied().max().unwrap_or(0);
    let at = |(t, b): (usize, usize)| sequences[b].get(t).copied().unwrap_or(UNK);
    Padded { ids: Array2::from_shape_fn((steps, sequences.len()), at), lengths } // (T, B)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths() -> Vec<usize> {
        (0..1000).map(|i| 1 + (i * 7919) % 400).collect()
    }

    #[test]
    fn an_epoch_holds_every_sequence_once() {
        let mut buckets = Buckets::new(lengths(), 32, 1);
        assert_eq!(buckets.batches(), 32);
        for epoch in 0..2 {
            let steps = epoch * 32..(epoch + 1) * 32;
            let mut seen: Vec<usize> = steps.flat_map(|s| buckets.batch(s).to_vec()).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn steps_can_be_asked_for_in_any_order() {
        let (mut one, mut other) = (Buckets::new(lengths(), 32, 5), Buckets::new(lengths(), 32, 5));
        let late = one.batch(77).to_vec();
        (0..77).for_each(|step| _ = other.batch(step));
        assert_eq!(other.batch(77), late);
        assert_ne!(Buckets::new(lengths(), 32, 6).batch(77), late);
    }

    #[test]
    fn lengths_in_a_batch_are_alike() {
        let lengths = lengths();
        let mut buckets = Buckets::new(lengths.clone(), 8, 1);
        let padded =
            |batch: &[usize]| batch.len() * batch.iter().map(|&i| lengths[i]).max().unwrap();
        let steps: usize = (0..buckets.batches()).map(|s| padded(buckets.batch(s))).sum();
        let real: usize = lengths.iter().sum();
        // Random batches of 8 would take 1.78 times the real steps: E[max of 8] = 8/9 · 400.
        assert!((steps as f64) < 1.06 * real as f64, "{steps} for {real}");
    }

    #[test]
    fn evaluation_takes_the_longest_first() {
        assert_eq!(by_length(&[3, 9, 5, 9], 3), [vec![1, 3, 2], vec![0]]);
        assert!(by_length(&[], 3).is_empty());
    }

    #[test]
    fn an_empty_sequence_has_a_step() {
        assert_eq!(pad([&[][..], &[4, 4]]).lengths, [1, 2]);
    }
}
