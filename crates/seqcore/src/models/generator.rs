//! Writing text with a language model, one token at a time, fast.
//!
//! Training reads whole sequences; generation reads one token, asks for the next, and reads that. The
//! weights are packed once for all tokens, and the first layer's input part is computed once for
//! the whole vocabulary, so that a token costs one product per layer and one for the logits.

use ndarray::Array2;
use rand::Rng;

use super::language::LanguageModel;
use crate::Float;
use crate::cells::State;
use crate::data::UNK;
use crate::decode::Sampler;
use crate::fused::Stepper;
use crate::gemm::{Output, Packed, multiply};

/// A language model with a state, ready to read or write one sequence.
#[derive(Debug)]
pub struct Generator<A> {
    /// W_ih E + b of every token in the first layer, (V, G·H).
    table: Array2<A>,
    layers: Vec<Stepper<A>>,
    states: Vec<State<A>>,
    output: Packed<A>,
    bias: Vec<A>,
    logits: Vec<A>,
    has_read: bool,
}

impl<A: Float> Generator<A> {
    /// A generator that has read nothing.
    pub fn new(model: &LanguageModel<A>) -> Self {
        let config = model.config();
        let mut layers: Vec<_> =
            model.rnn.cells.iter().map(|cell| Stepper::new(config.cell, cell)).collect();
        let states = layers.iter().map(|_| State::zeros(config.cell, 1, config.hidden)).collect();
        let table = layers[0].project(model.embedding.weight.view());
        let mut output = Packed::default();
        output.pack(model.linear.weight.t());
        let bias = model
            .linear
            .bias
            .as_ref()
            .map_or(vec![A::zero(); config.vocabulary], |bias| bias.to_vec());
        Self { table, layers, states, output, logits: bias.clone(), bias, has_read: false }
    }

    /// Forgets all that was read.
    pub fn restart(&mut self) {
        for state in &mut self.states {
            state.h.fill(A::zero());
            state.c.iter_mut().for_each(|c| c.fill(A::zero()));
        }
        self.has_read = false;
    }

    /// Reads one token; returns the logits of the next (R3), (V).
    pub fn read(&mut self, token: usize) -> &[A] {
        self.has_read = true;
        let Self { table, layers, states, output, bias, logits, .. } = self;
        let projected = table.row(token);
        let (first, rest) = layers.split_first_mut().expect("a model has a layer");
        let (first_state, rest_states) = states.split_first_mut().expect("and a state for each");
        first.step(projected.as_slice().expect("rows are contiguous"), first_state);
        let mut below = &*first_state;
        for (layer, state) in rest.iter_mut().zip(rest_states) {
            layer.project_and_step(below.h.as_slice().expect("one row"), state);
            below = state;
        }
        logits.copy_from_slice(bias);
        multiply(below.h.as_slice().expect("one row"), output, logits, Output::Add);
        logits
    }

    /// Writes `length` tokens, each drawn from the model and read in turn, after what was read so
    /// far. `<unk>` is never written. If nothing was read, [`UNK`] is read first.
    pub fn write(
        &mut self,
        length: usize,
        sampler: &Sampler,
        rng: &mut (impl Rng + ?Sized),
    ) -> Vec<usize> {
        if !self.has_read {
            self.read(UNK);
        }
        let mut written = Vec::with_capacity(length);
        for _ in 0..length {
            self.logits[UNK] = A::neg_infinity();
            let token = sampler.sample(&self.logits, rng);
            written.push(token);
            self.read(token);
        }
        written
    }
}

impl<A: Float> LanguageModel<A> {
    /// The model with a state, ready to read and write one sequence.
    pub fn generator(&self) -> Generator<A> {
        Generator::new(self)
    }

    /// Reads `prompt`, then writes `length` tokens; see [`Generator::write`].
    pub fn generate(
        &self,
        prompt: &[usize],
        length: usize,
        sampler: &Sampler,
        rng: &mut (impl Rng + ?Sized),
    ) -> Vec<usize> {
        let mut generator = self.generator();
        prompt.iter().for_each(|&token| _ = generator.read(token));
        generator.write(length, sampler, rng)
    }
}
