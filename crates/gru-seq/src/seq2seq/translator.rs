//! Writing with an encoder-decoder, one token at a time, fast.
//!
//! Training knows the whole target; writing must choose each token before the next can be asked
//! for. The weights are packed once, the encoder reads once, and its keys are mapped once; a token
//! then costs one step of the decoder, a few small products for attention, and the logits.

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

use seqcore::Float;
use seqcore::cells::State;
use seqcore::decode::{Beam, Hypothesis};
use seqcore::fused::Stepper;
use seqcore::gemm::{Output, Packed, multiply};
use seqcore::nn::{Linear, RecurrentTape};

use super::model::Seq2Seq;

/// An encoder-decoder, ready to write.
#[derive(Debug)]
pub struct Translator<'m, A> {
    model: &'m Seq2Seq<A>,
    layers: Vec<Stepper<A>>,
    query: Option<PackedLinear<A>>,
    combine: Option<PackedLinear<A>>,
    output: PackedLinear<A>,
}

/// A source that was read.
#[derive(Debug, Clone)]
pub struct Source<A> {
    /// The encoder's states, (S, M).
    values: Array2<A>,
    /// The same mapped for comparison, (S, d); empty without attention.
    keys: Array2<A>,
    /// The decoder's first state, one for each layer.
    start: Vec<State<A>>,
}

/// What greedy decoding wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Written<A> {
    /// The tokens, without *end*.
    pub tokens: Vec<usize>,
    /// Where the decoder looked at each step, (T, S), the step that wrote *end* included; no columns
    /// without attention.
    pub attention: Array2<A>,
    /// Whether it came to its *end*; otherwise it was cut off.
    pub ended: bool,
}

impl<'m, A: Float> Translator<'m, A> {
    /// Packs the weights of a model.
    pub fn new(model: &'m Seq2Seq<A>) -> Self {
        let cell = model.decoder.config.cell;
        Self {
            model,
            layers: model.decoder.cells.iter().map(|params| Stepper::new(cell, params)).collect(),
            query: model.attention.as_ref().map(|attention| PackedLinear::new(&attention.query)),
            combine: model.combine.as_ref().map(PackedLinear::new),
            output: PackedLinear::new(&model.output),
        }
    }

    /// Reads sources, side by side. Panics where one is empty.
    pub fn read(&self, sources: &[&[usize]]) -> Vec<Source<A>> {
        let lengths: Vec<usize> = sources.iter().map(|s| s.len()).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut ids = Array2::zeros((longest, sources.len())); // (S, B)
        for (b, source) in sources.iter().enumerate() {
            source.iter().enumerate().for_each(|(t, &id)| ids[[t, b]] = id);
        }
        let mut tape = RecurrentTape::<A>::default();
        let start = self.model.encode(ids.view(), &lengths, None, &mut tape);
        let values = tape.output(); // (S, B, M)
        let one = |(b, &n): (usize, &usize)| {
            let values = values.slice(s![..n, b, ..]).to_owned(); // (S, M)
            let keys = match &self.model.attention {
                Some(attention) => attention.key.forward(&values),
                None => Array2::zeros((n, 0)),
            };
            let row = |state: State<A>| State {
                h: state.h.slice(s![b..=b, ..]).to_owned(),
                c: state.c.map(|c| c.slice(s![b..=b, ..]).to_owned()),
            };
            let start = (0..self.layers.len()).map(|k| row(start.cell(k))).collect();
            Source { values, keys, start }
        };
        lengths.iter().enumerate().map(one).collect()
    }

    /// Reads one token in each row; `states[row][layer]` are replaced. Returns the logits (rows, V)
    /// and where each row looked, (rows, S).
    fn step(
        &mut self,
        source: &Source<A>,
        states: &mut [Vec<State<A>>],
        tokens: &[usize],
    ) -> (Array2<A>, Array2<A>) {
        let hidden = self.model.decoder.config.hidden;
        let mut top = Array2::zeros((tokens.len(), hidden)); // (rows, H)
        for ((states, &token), mut top) in states.iter_mut().zip(tokens).zip(top.outer_iter_mut()) {
            let mut x = self.model.target.weight.row(token).to_vec();
            for (layer, state) in self.layers.iter_mut().zip(states) {
                layer.project_and_step(&x, state);
                x = state.h.row(0).to_vec();
            }
            top.assign(&ndarray::aview1(&x));
        }
        let mut weights = Array2::zeros((tokens.len(), source.keys.nrows())); // (rows, S)
        let features = match (&self.model.attention, &mut self.query, &mut self.combine) {
            (Some(attention), Some(query), Some(combine)) => {
                let q = query.forward(top.view());
                attention.weigh(q.view(), source.keys.view(), weights.view_mut());
                let contexts = weights.dot(&source.values); // (rows, M) (S7)
                let joined =
                    concatenate(Axis(1), &[contexts.view(), top.view()]).expect("rows each");
                combine.forward(joined.view()).mapv_into(A::fast_tanh::<false>)
            }
            _ => top,
        };
        (self.output.forward(features.view()), weights)
    }

    /// Writes what follows from a source, at each step the most probable token; at most `most`
    /// tokens, *end* included.
    pub fn greedy(&mut self, source: &Source<A>, most: usize) -> Written<A> {
        let end = self.model.end();
        let mut states = [source.start.clone()];
        let (mut tokens, mut looks) = (Vec::new(), Vec::new());
        let mut token = end;
        let mut ended = false;
        while tokens.len() < most && !ended {
            let (logits, weights) = self.step(source, &mut states, &[token]);
            let logits = logits.row(0);
            let largest = |best, k| if logits[k] > logits[best] { k } else { best };
            token = (1..logits.len()).fold(0, largest);
            looks.push(weights);
            ended = token == end;
            tokens.push(token);
        }
        if ended {
            tokens.pop();
        }
        let places = if self.query.is_some() { source.keys.nrows() } else { 0 };
        let mut attention = Array2::zeros((looks.len(), places)); // (T, S)
        for (mut row, look) in attention.outer_iter_mut().zip(&looks) {
            row.assign(&look.slice(s![0, ..places]));
        }
        Written { tokens, attention, ended }
    }

    /// Writes with a beam; the best hypotheses first.
    pub fn beam(&mut self, source: &Source<A>, beam: &Beam) -> Vec<Hypothesis> {
        let end = self.model.end();
        let mut states = vec![source.start.clone()];
        beam.search(end, |parents, tokens| {
            states = parents.iter().map(|&parent| states[parent].clone()).collect();
            self.step(source, &mut states, tokens).0
        })
    }
}

/// A linear layer whose weights are packed once.
#[derive(Debug)]
struct PackedLinear<A> {
    weight: Packed<A>,
    bias: Vec<A>,
}

impl<A: Float> PackedLinear<A> {
    fn new(layer: &Linear<A>) -> Self {
        let mut weight = Packed::default();
        weight.pack(layer.weight.t());
        let zeros = || vec![A::zero(); layer.weight.nrows()];
        let bias = layer.bias.as_ref().map_or_else(zeros, |bias| bias.to_vec());
        Self { weight, bias }
    }

    /// Rows `x` (N, in) to (N, out).
    fn forward(&self, x: ArrayView2<A>) -> Array2<A> {
        let mut y = Array2::zeros((x.nrows(), self.bias.len())); // (N, out)
        y.outer_iter_mut().for_each(|mut row| row.assign(&ndarray::aview1(&self.bias)));
        let x = x.as_standard_layout();
        let (x, to) = (x.as_slice().expect("standard"), y.as_slice_mut().expect("standard"));
        multiply(x, &self.weight, to, Output::Add);
        y
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::seq2seq::model::{Seq2SeqConfig, Seq2SeqTape};
    use seqcore::cells::Cell;
    use seqcore::data::batch::{Batch, Example};
    use seqcore::nn::Score;

    fn model(cell: Cell, bidirectional: bool, attention: Option<Score>) -> Seq2Seq<f64> {
        let config = Seq2SeqConfig {
            source_vocabulary: 9,
            target_vocabulary: 7,
            embedding: 5,
            cell,
            hidden: 6,
            layers: 2,
            bidirectional,
            attention,
            dropout: 0.0,
        };
        let mut model = Seq2Seq::new(&config, &mut ChaCha8Rng::seed_from_u64(11));
        model.output.weight *= 6.0; // so that tokens differ in their probability
        model.output.bias.as_mut().unwrap()[6] += 1.5; // and so that some sequences end
        model
    }

    const MODELS: [(Cell, bool, Option<Score>); 4] = [
        (Cell::Gru, true, Some(Score::Additive)),
        (Cell::Lstm, true, Some(Score::Dot)),
        (Cell::Lstm, false, None),
        (Cell::RnnTanh, true, None),
    ];

    #[test]
    fn free_running_says_what_teacher_forcing_on_its_own_words_predicts() {
        for (cell, bidirectional, attention) in MODELS {
            let model = model(cell, bidirectional, attention);
            let mut translator = Translator::new(&model);
            let sources: [&[usize]; 3] = [&[1, 2, 3, 4], &[8], &[5, 5, 0]];
            let read = translator.read(&sources);
            for (source, read) in sources.iter().zip(&read) {
                let written = translator.greedy(read, 12);
                let example = Example { source: source.to_vec(), target: written.tokens.clone() };
                let batch = Batch::new(&[example], model.end());
                let mut tape = Seq2SeqTape::<f64>::default();
                let own = model.predictions(&batch, &mut tape);
                assert_eq!(own.column(0).to_vec()[..written.tokens.len()], written.tokens);
                if written.ended {
                    assert_eq!(own[[written.tokens.len(), 0]], model.end());
                }
                if attention.is_some() {
                    let forced = tape.attention().index_axis(Axis(0), 0).to_owned();
                    let forced = forced.slice(s![..written.attention.nrows(), ..]);
                    let far = (&forced - &written.attention).mapv(f64::abs).sum();
                    assert!(far < 1e-9, "{far}");
                }
                // A beam of one is greedy.
                let beam = Beam { width: 1, most: 12, length_penalty: 0.0 };
                assert_eq!(translator.beam(read, &beam)[0].tokens, written.tokens);
            }
        }
    }

    #[test]
    fn a_beam_says_how_probable_its_sequences_are() {
        let mut ended = 0;
        for (cell, bidirectional, attention) in MODELS {
            let model = model(cell, bidirectional, attention);
            let mut translator = Translator::new(&model);
            let source = [3, 1, 4, 1, 5];
            let read = translator.read(&[&source]);
            let beam = Beam { width: 4, most: 8, length_penalty: 0.6 };
            let found = translator.beam(&read[0], &beam);
            ended += found.iter().filter(|h| h.ended).count();
            for hypothesis in found.iter().filter(|h| h.ended) {
                let example =
                    Example { source: source.to_vec(), target: hypothesis.tokens.clone() };
                let batch = Batch::new(&[example], model.end());
                let logits = model.forward(&batch, None, &mut Seq2SeqTape::<f64>::default());
                let targets: Vec<usize> = batch.targets.iter().copied().collect();
                let loss = seqcore::loss::cross_entropy(logits, &targets, 1);
                assert!((loss.sum + hypothesis.log_probability).abs() < 1e-9);
            }
        }
        assert!(ended > 4, "{ended}");
    }
}
