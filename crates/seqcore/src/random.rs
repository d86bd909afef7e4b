//! Random streams: one for each purpose, so that no draw depends on what else was drawn, or by whom.
//!
//! A stream is ChaCha8 with the run's seed as its key and a number as its stream (Bernstein 2008; RFC 8439
//! calls that number the nonce). The numbers are given out here and nowhere else:
//!
//! ```text
//! 0 .. 2^32            masks:  step · 2^16 + shard · 2^8 + place       of steps below 2^16
//! 2^62 + the same      ... of the steps after
//! 2^32 + step          the examples of a step
//! 2^63 + epoch         the order of samples in an epoch
//! 0 .. 2^16            the order of batches in an epoch; a purpose of its own, see below
//! ```
//!
//! One overlap is known and kept, for the published runs depend on it: the order of an epoch's batches
//! below 256 has the number of a mask in the run's very first step.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A mask, or whatever else a shard draws in a step.
    Mask {
        /// The training step, counted from 0.
        step: usize,
        /// Who draws.
        shard: Shard,
        /// What for.
        place: Place,
    },
    /// The examples of a step, where they are drawn anew each time.
    Examples {
        /// The training step, counted from 0.
        step: usize,
    },
    /// The order in which an epoch reads its samples.
    SampleOrder {
        /// Counted from 0.
        epoch: usize,
    },
    /// The order in which an epoch reads its batches.
    BatchOrder {
        /// Counted from 0.
        epoch: usize,
    },
}

/// Who draws in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shard {
    /// A shard of the batch, below [`SHARDS`].
    Of(usize),
    /// The decoder's part of a shard; the encoder's is [`Shard::Of`].
    Decoder(usize),
    /// The whole batch: the dropped weights of a step.
    Weights,
}

/// What a shard draws for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The output of a layer, below [`LAYERS`].
    Layer(usize),
    /// Which passage of a review is read, or which words a sampled softmax compares with.
    Samples,
    /// Tokens that are replaced: by `<unk>` in word dropout, by its own in a decoder (S13).
    Tokens,
    /// What the output layer reads.
    Output,
}

/// More layers have no streams of their own; [`RecurrentConfig::validate`](crate::nn::RecurrentConfig::validate)
/// refuses them.
pub const LAYERS: usize = 250;
/// More shards have no streams of their own.
pub const SHARDS: usize = 127;

impl Place {
    fn number(self) -> u64 {
        match self {
            Place::Layer(layer) => {
                assert!(layer < LAYERS, "layer {layer} of at most {LAYERS}");
                layer as u64
            }
            Place::Samples => 253,
            Place::Tokens => 254,
            Place::Output => 255,
        }
    }
}

impl Shard {
    /// The decoder's part of this shard.
    pub fn decoder(self) -> Self {
        match self {
            Shard::Of(shard) => Shard::Decoder(shard),
            other => panic!("{other:?} has no decoder's part"),
        }
    }

    fn number(self) -> u64 {
        let below = |shard: usize| {
            assert!(shard < SHARDS, "shard {shard} of at most {SHARDS}");
            shard as u64
        };
        match self {
            Shard::Of(shard) => below(shard),
            Shard::Decoder(shard) => 128 + below(shard),
            Shard::Weights => 255,
        }
    }
}

impl Purpose {
    /// The number of its stream.
    fn number(self) -> u64 {
        match self {
            Purpose::Mask { step, shard, place } => {
                assert!((step as u64) < 1 << 46, "step {step} has no stream");
                let far = if step < 1 << 16 { 0 } else { 1 << 62 };
                far | (step as u64) << 16 | shard.number() << 8 | place.number()
            }
            Purpose::Examples { step } => {
                assert!((step as u64) < 1 << 32, "step {step} has no stream");
                1 << 32 | step as u64
            }
            Purpose::SampleOrder { epoch } => {
                assert!((epoch as u64) < 1 << 62, "epoch {epoch} has no stream");
                1 << 63 | epoch as u64
            }
            Purpose::BatchOrder { epoch } => {
                assert!((epoch as u64) < 1 << 32, "epoch {epoch} has no stream");
                epoch as u64
            }
        }
    }
}

/// The stream of a purpose in the run with this seed.
///
/// ```
/// use rand::RngCore;
/// use seqcore::random::{Purpose, stream};
/// let draw = |step| stream(7, Purpose::Examples { step }).next_u64();
/// assert_eq!(draw(3), draw(3));
/// assert_ne!(draw(3), draw(4));
/// ```
pub fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    numbered(seed, purpose.number())
}

/// The stream with this number, for draws that belong to no training run, such as a held-out set.
pub fn numbered(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

/// Where a training step's masks get their random numbers from: one stream per step, shard and
/// place, so that no mask depends on which thread drew before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskStreams {
    /// Of the run.
    pub seed: u64,
    /// The training step, counted from 0.
    pub step: usize,
    /// Who draws.
    pub shard: Shard,
}

impl MaskStreams {
    /// Those of a shard of the batch.
    pub fn new(seed: u64, step: usize, shard: usize) -> Self {
        Self { seed, step, shard: Shard::Of(shard) }
    }

    /// The stream of one place.
    pub fn at(&self, place: Place) -> ChaCha8Rng {
        stream(self.seed, Purpose::Mask { step: self.step, shard: self.shard, place })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_purposes_share_a_number() {
        let others = [Place::Samples, Place::Tokens, Place::Output];
        let places = (0..LAYERS).map(Place::Layer).chain(others);
        let shards = [0, 1, SHARDS - 1];
        let shards = shards.map(Shard::Of).into_iter().chain(shards.map(Shard::Decoder));
        let shards: Vec<_> = shards.chain([Shard::Weights]).collect();
        let steps = [0, 1, 65_535, 65_536, 65_537, 131_071, 1 << 24];
        let mut numbers = HashSet::new();
        for step in steps {
            assert!(numbers.insert(Purpose::Examples { step }.number()));
            assert!(numbers.insert(Purpose::SampleOrder { epoch: step }.number()));
        }
        for place in places {
            for &shard in &shards {
                for step in steps {
                    let purpose = Purpose::Mask { step, shard, place };
                    assert!(numbers.insert(purpose.number()), "{purpose:?}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "layer 300 of at most 250")]
    fn a_layer_without_a_stream_panics() {
        MaskStreams::new(1, 0, 0).at(Place::Layer(300));
    }
}
