//! Token ids laid out for a recurrent network.
//!
//! *Training* ([`Streams`]). The ids are cut into B streams of equal length that run side by
//! side; a batch is the next T steps of all of them. Where batch k of a stream ends, batch k + 1
//! begins, so the network's state is carried from batch to batch: truncated backpropagation
//! through time cuts the gradient, not the memory. With K batches an epoch, batch k of epoch e
//! holds, for t < T and b < B,
//!
//! ```text
//! position(t, b) = offset(e) + b K T + k T + t
//! inputs[t, b] = ids[position],  targets[t, b] = ids[position + 1]
//! ```
//!
//! *Evaluation* ([`Evaluation`]). The streams differ in length by at most one, so that every
//! token of the text is a target exactly once.
//!
//! Shapes: inputs and targets (T, B). The layout is that of min-char-rnn (Karpathy 2015) for
//! B = 1, and of `batchify` in PyTorch's word language model for more.

use std::ops::Range;

use ndarray::Array2;

use crate::loss::IGNORE;
use crate::{Error, Result};

/// T steps of B streams side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamBatch {
    /// What the network reads, (T, B).
    pub inputs: Array2<usize>,
    /// What it should predict, (T, B); [`IGNORE`] where a stream is over.
    pub targets: Array2<usize>,
    /// Whether the streams begin here, so that the state must be zero and not carried over.
    pub starts_epoch: bool,
}

impl StreamBatch {
    /// How many targets count: all but [`IGNORE`].
    pub fn counted(&self) -> usize {
        self.targets.iter().filter(|&&target| target != IGNORE).count()
    }

    /// A (rows, columns) batch from the pair (input, target) of each row and column.
    fn fill(
        rows: Range<usize>,
        cols: Range<usize>,
        pair: impl Fn(usize, usize) -> (usize, usize),
    ) -> Self {
        let shape = (rows.len(), cols.len());
        let at = |(t, b)| pair(rows.start + t, cols.start + b);
        Self {
            inputs: Array2::from_shape_fn(shape, |index| at(index).0), // (T, B)
            targets: Array2::from_shape_fn(shape, |index| at(index).1), // (T, B)
            starts_epoch: rows.start == 0,
        }
    }
}

fn check_sizes(streams: usize, seq_len: usize) -> Result<()> {
    match (streams, seq_len) {
        (1.., 1..) => Ok(()),
        _ => Err(Error::config(format!(
            "{streams} streams of {seq_len} steps hold nothing. Both must be at least 1."
        ))),
    }
}

/// A text as B parallel streams, for training. A batch is a pure function of the number of the
/// step: a run that resumes needs the step and nothing else.
///
/// The last tokens of the text that fill no whole batch are the *slack*. Epoch 0 leaves them out
/// at the end; later epochs begin at another [offset](Self::offset) within the slack, so that
/// they cut the text elsewhere and leave out other tokens.
///
/// ```
/// use ndarray::array;
/// use seqcore::data::Streams;
/// let streams = Streams::new((0..13).collect(), 2, 3)?;
/// assert_eq!(streams.batches_per_epoch(), 2);
/// let batch = streams.batch(0);
/// assert_eq!(batch.inputs, array![[0, 6], [1, 7], [2, 8]]); // (T, B)
/// assert_eq!(batch.targets, array![[1, 7], [2, 8], [3, 9]]);
/// assert!(batch.starts_epoch && !streams.batch(1).starts_epoch);
/// # Ok::<(), seqcore::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Streams {
    ids: Vec<usize>,
    streams: usize,
    seq_len: usize,
    batches: usize,
}

impl Streams {
    /// `streams` streams (B), of which a batch holds `seq_len` steps (T).
    ///
    /// # Errors
    /// Sizes of zero, and a text of fewer than B·T + 1 tokens.
    pub fn new(ids: Vec<usize>, streams: usize, seq_len: usize) -> Result<Self> {
        check_sizes(streams, seq_len)?;
        let pairs = ids.len().saturating_sub(1); // of an input and its target
        let batches = pairs / streams.saturating_mul(seq_len);
        if batches == 0 {
            return Err(Error::config(format!(
                "the training text has {} tokens, too few for {streams} streams of {seq_len} \
                 steps, which need {}. Use more text, fewer streams or shorter sequences.",
                ids.len(),
                streams.saturating_mul(seq_len).saturating_add(1),
            )));
        }
        Ok(Self { ids, streams, seq_len, batches })
    }

    /// B, the number of streams.
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// T, the number of steps in a batch.
    pub fn seq_len(&self) -> usize {
        self.seq_len
    }

    /// K: after so many batches the streams begin anew.
    pub fn batches_per_epoch(&self) -> usize {
        self.batches
    }

    /// Where in the text an epoch begins: 0 for epoch 0, then spread over the slack as evenly
    /// as the multiples of the golden ratio over a circle. A pure function of the epoch.
    pub fn offset(&self, epoch: usize) -> usize {
        let slack = self.ids.len() - 1 - self.batches * self.streams * self.seq_len;
        // The fractional part of epoch / 1.618..., as a 64-bit fixed-point number.
        let spread = (epoch as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((u128::from(spread) * (slack as u128 + 1)) >> 64) as usize
    }

    /// The batch of a step (counted from 0 over all epochs): inputs and targets (T, B).
    pub fn batch(&self, step: usize) -> StreamBatch {
        self.shard(step, 0..self.streams)
    }

    /// The columns `cols` of that batch, (T, b), as an array of their own. Panics where `cols`
    /// is not within the B streams.
    pub fn shard(&self, step: usize, cols: Range<usize>) -> StreamBatch {
        assert!(cols.end <= self.streams, "columns {cols:?} of {} streams", self.streams);
        let (epoch, k) = (step / self.batches, step % self.batches);
        let offset = self.offset(epoch);
        let length = self.batches * self.seq_len; // of one stream
        let rows = k * self.seq_len..(k + 1) * self.seq_len;
        StreamBatch::fill(rows, cols, |t, b| {
            let position = offset + b * length + t;
            (self.ids[position], self.ids[position + 1])
        })
    }
}

/// A held-out text as B parallel streams: every token is a target exactly once, so that the mean
/// over all batches is the loss of the whole part.
///
/// The state is carried from batch to batch as in training. Only the first stream knows what
/// came before it; each other one begins with an empty state in the middle of the text, which
/// makes the loss a little worse than one long stream would: B - 1 cold starts in all.
///
/// ```
/// use ndarray::array;
/// use seqcore::{IGNORE, data::Evaluation};
/// let held_out = Evaluation::new(9, vec![1, 2, 3, 4, 5], 2, 2)?; // 9 precedes the text
/// assert_eq!(held_out.batches(), 2);
/// assert_eq!(held_out.batch(0).inputs, array![[9, 3], [1, 4]]); // (T, B)
/// assert_eq!(held_out.batch(0).targets, array![[1, 4], [2, 5]]);
/// assert_eq!(held_out.batch(1).targets, array![[3, IGNORE]]); // the second stream is over
/// # Ok::<(), seqcore::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Evaluation {
    ids: Vec<usize>, // what precedes the text, then the text
    streams: usize,
    seq_len: usize,
}

impl Evaluation {
    /// `previous` is what the network reads before it predicts the first token: usually the last
    /// token of the part before, or [`UNK`](crate::data::UNK) where there is none. `streams` is
    /// B, `seq_len` the T of every batch but the last, which may be shorter.
    ///
    /// # Errors
    /// Sizes of zero, and an empty text.
    pub fn new(previous: usize, text: Vec<usize>, streams: usize, seq_len: usize) -> Result<Self> {
        check_sizes(streams, seq_len)?;
        if text.is_empty() {
            return Err(Error::config("there is no text to evaluate on. Use more text."));
        }
        let mut ids = text;
        ids.insert(0, previous);
        Ok(Self { ids, streams, seq_len })
    }

    /// B, the number of streams.
    pub fn streams(&self) -> usize {
        self.streams
    }

    /// How many tokens are predicted: all of the text.
    pub fn targets(&self) -> usize {
        self.ids.len() - 1
    }

    /// How many batches there are.
    pub fn batches(&self) -> usize {
        self.longest().div_ceil(self.seq_len)
    }

    /// The batch `k`, (T, B); fewer than T rows in the last one.
    pub fn batch(&self, k: usize) -> StreamBatch {
        self.shard(k, 0..self.streams)
    }

    /// The columns `cols` of that batch, (T, b), as an array of their own. Panics where `k` or
    /// `cols` is out of range.
    pub fn shard(&self, k: usize, cols: Range<usize>) -> StreamBatch {
        assert!(k < self.batches(), "batch {k} of {}", self.batches());
        assert!(cols.end <= self.streams, "columns {cols:?} of {} streams", self.streams);
        let rows = k * self.seq_len..((k + 1) * self.seq_len).min(self.longest());
        StreamBatch::fill(rows, cols, |t, b| {
            let (position, end) = (self.start(b) + t, self.start(b + 1));
            match position < end {
                true => (self.ids[position], self.ids[position + 1]),
                false => (0, IGNORE), // any id will do as input
            }
        })
    }

    /// Where stream `b` begins; the one before ends there.
    fn start(&self, b: usize) -> usize {
        let (size, rest) = (self.targets() / self.streams, self.targets() % self.streams);
        b * size + b.min(rest)
    }

    fn longest(&self) -> usize {
        self.targets().div_ceil(self.streams)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{array, s};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_epoch_follows_the_text_and_then_begins_elsewhere() {
        let streams = Streams::new((100..116).collect(), 2, 3).unwrap(); // slack 3
        assert_eq!(streams.batches_per_epoch(), 2);
        assert_eq!(streams.batch(1).inputs, array![[103, 109], [104, 110], [105, 111]]);
        assert_eq!(streams.batch(1).targets, array![[104, 110], [105, 111], [106, 112]]);
        // floor(4 * frac(0.618034 e)): 0, 2.47, 0.94, 3.42
        let offsets: Vec<_> = (0..4).map(|epoch| streams.offset(epoch)).collect();
        assert_eq!(offsets, [0, 2, 0, 3]);
        assert_eq!(streams.batch(2).inputs, array![[102, 108], [103, 109], [104, 110]]);
        assert!(streams.batch(2).starts_epoch && !streams.batch(3).starts_epoch);
        let last = streams.batch(7); // epoch 3
        assert_eq!(last.targets[[2, 1]], 115);
    }

    #[test]
    fn a_text_of_exactly_one_batch_is_enough_and_one_token_less_is_not() {
        let streams = Streams::new((0..13).collect(), 4, 3).unwrap();
        assert_eq!(streams.batches_per_epoch(), 1);
        assert_eq!(streams.batch(0), streams.batch(5));
        let message = Streams::new((0..12).collect(), 4, 3).unwrap_err().to_string();
        assert!(message.contains("has 12 tokens") && message.contains("need 13"), "{message}");
    }

    #[test]
    fn impossible_layouts_are_errors() {
        for (streams, seq_len) in [(0, 3), (3, 0), (usize::MAX, 2), (2, usize::MAX)] {
            assert!(Streams::new(vec![1; 50], streams, seq_len).is_err());
        }
        assert!(Streams::new(vec![], 1, 1).is_err());
        assert!(Evaluation::new(0, vec![], 1, 1).is_err());
        assert!(Evaluation::new(0, vec![1], 0, 1).is_err());
        assert_eq!(Evaluation::new(0, vec![1], 1, usize::MAX).unwrap().batch(0).counted(), 1);
    }

    proptest! {
        #[test]
        fn streams_go_on_where_they_stopped(
            extra in 0..40_usize, b in 1..6_usize, t in 1..7_usize, k in 1..4_usize,
            step in 0..30_usize,
        ) {
            let len = b * t * k + 1 + extra;
            let streams = Streams::new((0..len).collect(), b, t).unwrap();
            let (batch, next) = (streams.batch(step), streams.batch(step + 1));
            prop_assert_eq!(batch.inputs.dim(), (t, b));
            prop_assert_eq!(&batch.targets, &batch.inputs.mapv(|id| id + 1));
            if !next.starts_epoch {
                prop_assert_eq!(next.inputs.row(0), batch.targets.row(t - 1));
            }
            let fresh = step % streams.batches_per_epoch() == 0;
            prop_assert_eq!(batch.starts_epoch, fresh);
            for cut in 0..=b {
                let (left, right) = (streams.shard(step, 0..cut), streams.shard(step, cut..b));
                prop_assert_eq!(left.inputs, batch.inputs.slice(s![.., ..cut]));
                prop_assert_eq!(right.targets, batch.targets.slice(s![.., cut..]));
            }
        }

        #[test]
        fn an_epoch_holds_no_pair_twice_and_leaves_out_less_than_a_batch(
            len in 2..300_usize, b in 1..6_usize, t in 1..7_usize, epoch in 0..1000_usize,
        ) {
            prop_assume!(len > b * t);
            let streams = Streams::new((0..len).collect(), b, t).unwrap();
            let k = streams.batches_per_epoch();
            let mut seen: Vec<usize> = (epoch * k..(epoch + 1) * k)
                .flat_map(|step| streams.batch(step).inputs.into_iter())
                .collect();
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen.len(), k * b * t);
            prop_assert!(len - 1 - seen.len() < b * t);
        }

        #[test]
        fn evaluation_predicts_every_token_exactly_once_from_the_one_before(
            len in 1..200_usize, b in 1..9_usize, t in 1..9_usize,
        ) {
            let layout = Evaluation::new(0, (1..=len).collect(), b, t).unwrap();
            let mut targets = Vec::new();
            let mut counted = 0;
            for k in 0..layout.batches() {
                let batch = layout.batch(k);
                prop_assert_eq!(batch.starts_epoch, k == 0);
                prop_assert!((1..=t).contains(&batch.inputs.nrows()));
                counted += batch.counted();
                for (&input, &target) in batch.inputs.iter().zip(&batch.targets) {
                    if target != IGNORE {
                        prop_assert_eq!(input + 1, target);
                        targets.push(target);
                    }
                }
                prop_assert_eq!(layout.shard(k, 0..b), batch);
            }
            targets.sort_unstable();
            prop_assert_eq!(counted, layout.targets());
            prop_assert_eq!(targets, (1..=len).collect::<Vec<_>>());
        }

        #[test]
        fn evaluation_streams_are_contiguous(len in 1..200_usize, b in 1..9_usize) {
            let layout = Evaluation::new(0, (1..=len).collect(), b, len).unwrap();
            for column in layout.batch(0).targets.columns() {
                let part: Vec<_> = column.iter().filter(|&&id| id != IGNORE).collect();
                prop_assert!(part.windows(2).all(|pair| *pair[0] + 1 == *pair[1]));
                prop_assert!(part.len() == len / b || part.len() == len.div_ceil(b));
            }
        }
    }
}
