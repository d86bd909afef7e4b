//! What a task gives to training and testing: vocabularies, examples to train on, examples to watch, and
//! pairs to test on that the network has never seen.

use lesson::files::pairs::Pair;
use seqcore::data::batch::Example;

use crate::seq2seq::pair_task::Examples;
use crate::tokens::{Tokens, read_order};

/// What a task gives to training and testing.
pub struct Material {
    /// The vocabulary of sources.
    pub source: Tokens,
    /// Of targets, without *end*.
    pub target: Tokens,
    /// The examples of each step.
    pub examples: Examples,
    /// To watch the loss on.
    pub dev: Vec<Example>,
    /// For the reported numbers.
    pub test: Vec<Pair>,
    /// The most tokens an answer can have, *end* included.
    pub longest: usize,
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Material").field("test", &self.test.len()).finish_non_exhaustive()
    }
}

/// A pair as ids.
pub fn example(pair: &Pair, source: &Tokens, target: &Tokens, reversed: bool) -> Example {
    Example {
        source: read_order(source.encode(&pair.source), reversed),
        target: target.encode(&pair.target),
    }
}
