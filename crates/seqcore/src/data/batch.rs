//! Batches of sequence pairs: padding, masks and length buckets.
//!
//! The sequences of a batch differ in length and an array does not, so the shorter ones are
//! *padded*. What stands there must count nowhere: sources carry their lengths, and a padded target
//! is [`IGNORE`], which costs nothing and has no gradient (S12). Padding wastes work all the same, so
//! [`Buckets`] puts sequences of similar length together.
//!
//! One token, *end*, marks both ends of a target. A decoder that should say `a b` reads `end a b`
//! and is to answer `a b end`.
//!
//! Shapes: sources (S, B), inputs and targets of the decoder (T, B) with T = longest target + 1.

use crate::random::{Purpose, stream};
use ndarray::Array2;
use rand::seq::SliceRandom;

use crate::{Error, IGNORE, Result};

/// A sequence and what it should become, as ids; neither holds *end*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What is read; at least one token.
    pub source: Vec<usize>,
    /// What is to be written.
    pub target: Vec<usize>,
}

/// Examples side by side, padded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What the encoder reads, (S, B).
    pub source: Array2<usize>,
    /// How long each source is.
    pub lengths: Vec<usize>,
    /// What the decoder reads under teacher forcing, (T, B): *end*, then the target.
    pub inputs: Array2<usize>,
    /// What it is to answer, (T, B): the target, then *end*, then [`IGNORE`].
    pub targets: Array2<usize>,
}

impl Batch {
    /// Pads `examples`, of which there is at least one. Panics where a source is empty.
    pub fn new(examples: &[Example], end: usize) -> Self {
        let longest = |of: fn(&Example) -> usize| examples.iter().map(of).max().unwrap_or(0);
        let batch = examples.len();
        let mut source = Array2::zeros((longest(|e| e.source.len()), batch)); // (S, B)
        let steps = longest(|e| e.target.len()) + 1;
        let mut inputs = Array2::from_elem((steps, batch), end); // (T, B)
        let mut targets = Array2::from_elem((steps, batch), IGNORE); // (T, B)
        for (b, example) in examples.iter().enumerate() {
            assert!(!example.source.is_empty(), "source {b} of a batch is empty");
            example.source.iter().enumerate().for_each(|(t, &id)| source[[t, b]] = id);
            for (t, &id) in example.target.iter().enumerate() {
                (inputs[[t + 1, b]], targets[[t, b]]) = (id, id);
            }
            targets[[example.target.len(), b]] = end;
        }
        let lengths = examples.iter().map(|e| e.source.len()).collect();
        Self { source, lengths, inputs, targets }
    }

    /// How many targets count.
    pub fn count(&self) -> usize {
        self.targets.iter().filter(|&&target| target != IGNORE).count()
    }
}

/// How many batches are sorted by length together: many make batches of one length, few leave more
/// to chance.
const POOL: usize = 32;

/// Examples in batches of similar length, in another order in each epoch.
///
/// The order depends on the seed and the epoch only, so a step's batch can be had at any time.
#[derive(Debug)]
pub struct Buckets {
    examples: Vec<Example>,
    batch: usize,
    seed: u64,
    /// The epoch whose order is below.
    epoch: usize,
    order: Vec<usize>,
}

impl Buckets {
    /// Lays out `examples` in batches of `batch`.
    ///
    /// # Errors
    /// A batch of 0, or fewer examples than one batch takes.
    pub fn new(examples: Vec<Example>, batch: usize, seed: u64) -> Result<Self> {
        if batch == 0 || examples.len() < batch {
            return Err(Error::config(format!(
                "{} examples do not fill a batch of {batch}. Use more data or a smaller batch of at least 1.",
                examples.len()
            )));
        }
        let mut buckets = Self { examples, batch, seed, epoch: 0, order: Vec::new() };
        buckets.lay_out(0);
        Ok(buckets)
    }

    /// Batches in an epoch. What does not fill one is left out, other examples in each epoch.
    pub fn batches(&self) -> usize {
        self.examples.len() / self.batch
    }

    /// The batch of a step, counted from 0 and through all epochs.
    pub fn batch(&mut self, step: usize) -> Vec<Example> {
        let (epoch, index) = (step / self.batches(), step % self.batches());
        if epoch != self.epoch {
            self.lay_out(epoch);
        }
        let ids = &self.order[index * self.batch..][..self.batch];
        ids.iter().map(|&id| self.examples[id].clone()).collect()
    }

    /// Puts the examples into the order of an epoch: shuffled, sorted within pools, cut into
    /// batches, which are shuffled again so that lengths come in no order.
    fn lay_out(&mut self, epoch: usize) {
        let mut rng = stream(self.seed, Purpose::BatchOrder { epoch });
        let mut ids: Vec<usize> = (0..self.examples.len()).collect();
        ids.shuffle(&mut rng);
        ids.truncate(self.batches() * self.batch);
        for pool in ids.chunks_mut(POOL * self.batch) {
            let length =
                |&id: &usize| (self.examples[id].target.len(), self.examples[id].source.len());
            pool.sort_by_key(length);
        }
        let mut batches: Vec<&[usize]> = ids.chunks(self.batch).collect();
        batches.shuffle(&mut rng);
        self.order = batches.concat();
        self.epoch = epoch;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn example(source: &[usize], target: &[usize]) -> Example {
        Example { source: source.to_vec(), target: target.to_vec() }
    }

    #[test]
    fn shorter_sequences_are_padded() {
        let batch = Batch::new(&[example(&[1, 2, 3], &[4]), example(&[5], &[6, 7])], 9);
        assert_eq!(batch.source, array![[1, 5], [2, 0], [3, 0]]);
        assert_eq!(batch.lengths, [3, 1]);
        assert_eq!(batch.inputs, array![[9, 9], [4, 6], [9, 7]]);
        assert_eq!(batch.targets, array![[4, 6], [9, 7], [IGNORE, 9]]);
        assert_eq!(batch.count(), 5);
        // Nothing to write is a target, too: end at once.
        assert_eq!(Batch::new(&[example(&[1], &[])], 9).targets, array![[9]]);
    }

    #[test]
    fn an_epoch_has_every_example_once_and_batches_of_similar_length() {
        let examples: Vec<_> =
            (0..1000).map(|k| example(&[k], &vec![0; 1 + (k * 7919) % 13])).collect();
        let mut buckets = Buckets::new(examples, 10, 3).unwrap();
        let mut epoch = |number: usize| -> Vec<Vec<Example>> {
            (0..100).map(|k| buckets.batch(100 * number + k)).collect()
        };
        let (first, second, again) = (epoch(0), epoch(1), epoch(0));
        assert!(first == again && first != second);
        let mut seen: Vec<_> = first.iter().flatten().map(|e| e.source[0]).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        let spread = |batch: &Vec<Example>| {
            let lengths = batch.iter().map(|e| e.target.len());
            lengths.clone().max().unwrap() - lengths.min().unwrap()
        };
        let mean = first.iter().map(spread).sum::<usize>() as f64 / 100.0;
        assert!(mean < 1.5, "{mean}"); // in batches drawn at random it is about 10
        // The lengths themselves come in no order.
        let lengths: Vec<_> = first.iter().map(|batch| batch[0].target.len()).collect();
        assert!(!lengths.is_sorted());
    }

    #[test]
    fn too_few_examples_are_an_error() {
        for batch in [0, 4] {
            let error = Buckets::new(vec![example(&[1], &[1]); 3], batch, 1).unwrap_err();
            assert!(error.to_string().contains("3 examples do not fill"), "{error}");
        }
    }
}
