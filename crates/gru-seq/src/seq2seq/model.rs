//! Sequence to sequence: an encoder reads, a decoder writes (Sutskever, Vinyals & Le 2014).
//!
//! ```text
//! (S1)  h_s = encoder(x_1..x_S)                      states of a (bidirectional) recurrent network
//! (S2)  s_0 = tanh(W_b [h_fwd; h_bwd] + b_b)         the bridge, one for each layer
//! (S3)  p(y|x) = Π_t p(y_t | y_<t, x)                one softmax a step
//!       s_t = decoder(y_{t-1}, s_{t-1})
//!       c_t = attention(s_t, h_1..h_S)               (S4)-(S7)
//!       p(y_t | y_<t, x) = softmax(W_o tanh(W_c [c_t; s_t] + b_c) + b_o)
//! (S12) L = −(1/N) Σ ln p(y_t | y_<t, x)             over the N targets that are no padding
//! ```
//!
//! Attention stands *above* the decoder's recurrence (Luong, Pham & Manning 2015, without input
//! feeding): the states s_t do not depend on the contexts. Under teacher forcing all targets are
//! known, so the decoder is unrolled over the whole target as any layer is, fused, and attention and
//! softmax are a few large products for all steps at once.
//!
//! Without attention the decoder knows the source from s_0 alone. An encoder in one direction
//! hands its last state over as it is; only two directions need a bridge.
//!
//! One token, *end*, the last id of the target's vocabulary, marks both ends of a target (see
//! [`seqcore::data::batch`]).

use lesson::{Error, Result};
use ndarray::{Array2, Array3, ArrayView2, Axis, Ix2, concatenate, s};
use rand::Rng;
use serde::{Deserialize, Serialize};

use seqcore::cells::Cell;
use seqcore::data::batch::Batch;
use seqcore::fused::Fused;
use seqcore::loss::{self, Loss};
use seqcore::nn::{
    Attention, AttentionTape, Dropout, DropoutMask, Embedding, EmbeddingGradient, LayerState,
    Linear, Recurrent, RecurrentConfig, RecurrentTape, Score,
};
use seqcore::params::Named;
use seqcore::random::{MaskStreams, Place};
use seqcore::sequence::{Engine, Input, InputGradient};
use seqcore::{Float, named, optim};

use seqcore::nn::attention::{deep, flat};

/// The shape of a [`Seq2Seq`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Seq2SeqConfig {
    /// How many distinct tokens a source has.
    pub source_vocabulary: usize,
    /// How many a target has, *end* included, which is the last one.
    pub target_vocabulary: usize,
    /// E, the size of a token's vector on either side.
    pub embedding: usize,
    /// The recurrent cell of encoder and decoder.
    pub cell: Cell,
    /// H, the size of a state, in each direction of the encoder and in the decoder.
    pub hidden: usize,
    /// L, the layers of encoder and decoder.
    pub layers: usize,
    /// Whether the encoder reads in both directions.
    pub bidirectional: bool,
    /// How the decoder looks back at the source; `None` leaves it the encoder's last state.
    pub attention: Option<Score>,
    /// The share of values dropped while training: between layers, and before the softmax.
    pub dropout: f64,
}

/// 2^28: weights, gradients of all shards and the optimiser's averages then take about 10 GB.
const MOST_PARAMETERS: f64 = 268_435_456.0;

impl Seq2SeqConfig {
    fn encoder(&self) -> RecurrentConfig {
        RecurrentConfig { bidirectional: self.bidirectional, ..self.decoder() }
    }

    fn decoder(&self) -> RecurrentConfig {
        let shape = RecurrentConfig::new(self.cell, self.embedding, self.hidden);
        RecurrentConfig { layers: self.layers, dropout: self.dropout, ..shape }
    }

    /// M, the size of an encoder's state.
    fn values(&self) -> usize {
        self.encoder().output()
    }

    /// *End*: the token at both ends of a target.
    pub fn end(&self) -> usize {
        self.target_vocabulary - 1
    }

    /// Refuses shapes that cannot work.
    ///
    /// # Errors
    /// A size of zero, a dropout probability outside 0 to below 1, or more parameters than a
    /// laptop can train.
    pub fn validate(&self) -> Result<()> {
        self.decoder().validate()?;
        if self.source_vocabulary == 0 || self.target_vocabulary < 2 {
            return Err(Error::config("there are no tokens to read or to write."));
        }
        let [v, w, e, h, m, layers] = [
            self.source_vocabulary,
            self.target_vocabulary,
            self.embedding,
            self.hidden,
            self.values(),
            self.layers,
        ]
        .map(|size| size as f64);
        let cells = self.cell.gates() as f64 * layers * h * (m / h + 1.0) * (e + m + h);
        if v * e + w * (e + h) + cells > MOST_PARAMETERS {
            return Err(Error::config(format!(
                "a model with more than {MOST_PARAMETERS:.0} parameters is too large to be trained here. Choose \
                 fewer units or layers, or a smaller vocabulary."
            )));
        }
        Ok(())
    }
}

/// From the encoder's last states to the decoder's first ones (S2); a linear layer for each layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Bridge<A> {
    /// For hidden states, (H, 2H) each; none where the encoder has one direction.
    pub h: Vec<Linear<A>>,
    /// For an LSTM's cell states, (H, 2H) each.
    pub c: Vec<Linear<A>>,
}

named!(Bridge { h, c });

impl<A: Float> Bridge<A> {
    fn new(config: &Seq2SeqConfig, rng: &mut impl Rng) -> Self {
        let mut layers = |needed: bool| {
            let count = if needed && config.bidirectional { config.layers } else { 0 };
            (0..count).map(|_| Linear::new(config.values(), config.hidden, true, rng)).collect()
        };
        Self { h: layers(true), c: layers(config.cell.has_cell_state()) }
    }

    fn zeros_like(&self) -> Self {
        let zeros = |layers: &Vec<Linear<A>>| layers.iter().map(Linear::zeros_like).collect();
        Self { h: zeros(&self.h), c: zeros(&self.c) }
    }

    /// The decoder's first state from the encoder's `last`.
    fn forward(&self, last: &LayerState<A>) -> LayerState<A> {
        if self.h.is_empty() {
            return last.clone();
        }
        let cross = |layers: &[Linear<A>], last: &Array3<A>| {
            let (_, batch, hidden) = last.dim();
            let mut start = Array3::zeros((layers.len(), batch, hidden)); // (L, B, H)
            for (k, layer) in layers.iter().enumerate() {
                let state = layer.forward(&both_directions(last, k)).mapv(A::tanh); // (S2)
                start.index_axis_mut(Axis(0), k).assign(&state);
            }
            start
        };
        let c = last.c.as_ref().map(|c| cross(&self.c, c));
        LayerState { h: cross(&self.h, &last.h), c }
    }

    /// Goes back from the gradient of `start`, which `forward` made of `last`, to that of `last`.
    fn backward(
        &self,
        last: &LayerState<A>,
        start: &LayerState<A>,
        d_start: LayerState<A>,
        gradient: &mut Self,
    ) -> LayerState<A> {
        if self.h.is_empty() {
            return d_start;
        }
        let cross = |layers: &[Linear<A>],
                     gradients: &mut [Linear<A>],
                     last: &Array3<A>,
                     start: &Array3<A>,
                     d_start: &Array3<A>| {
            let mut d_last = Array3::zeros(last.dim()); // (2L, B, H)
            let hidden = last.dim().2;
            for (k, (layer, gradient)) in layers.iter().zip(gradients).enumerate() {
                let state = start.index_axis(Axis(0), k);
                let da = &d_start.index_axis(Axis(0), k) * &state.mapv(|s| A::one() - s * s);
                let d = layer.backward(&both_directions(last, k), &da, gradient); // (B, 2H)
                d_last.index_axis_mut(Axis(0), 2 * k).assign(&d.slice(s![.., ..hidden]));
                d_last.index_axis_mut(Axis(0), 2 * k + 1).assign(&d.slice(s![.., hidden..]));
            }
            d_last
        };
        let h = cross(&self.h, &mut gradient.h, &last.h, &start.h, &d_start.h);
        let c = match (&last.c, &start.c, &d_start.c) {
            (Some(last), Some(start), Some(d)) => {
                Some(cross(&self.c, &mut gradient.c, last, start, d))
            }
            _ => None,
        };
        LayerState { h, c }
    }
}

/// [h_fwd; h_bwd] of a layer, (B, 2H).
fn both_directions<A: Float>(last: &Array3<A>, layer: usize) -> Array2<A> {
    let part = |k| last.index_axis(Axis(0), k);
    concatenate(Axis(1), &[part(2 * layer), part(2 * layer + 1)]).expect("one shape")
}

/// An encoder and a decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Seq2Seq<A> {
    /// A vector for each token that is read.
    pub source: Embedding<A>,
    /// Reads.
    pub encoder: Recurrent<A>,
    /// From its last states to the decoder's first ones.
    pub bridge: Bridge<A>,
    /// A vector for each token that is written.
    pub target: Embedding<A>,
    /// Writes.
    pub decoder: Recurrent<A>,
    /// Looks back at the source.
    pub attention: Option<Attention<A>>,
    /// W_c and b_c, (H, M + H): there where attention is.
    pub combine: Option<Linear<A>>,
    /// W_o and b_o, to the logits.
    pub output: Linear<A>,
}

named!(Seq2Seq { source, encoder, bridge, target, decoder, attention, combine, output });

/// The gradient of a [`Seq2Seq`].
#[derive(Debug, Clone)]
pub struct Seq2SeqGradient<A> {
    /// Of the source's embedding; rows only where the vocabulary is large.
    pub source: EmbeddingGradient<A>,
    /// Of the encoder.
    pub encoder: Recurrent<A>,
    /// Of the bridge.
    pub bridge: Bridge<A>,
    /// Of the target's embedding.
    pub target: EmbeddingGradient<A>,
    /// Of the decoder.
    pub decoder: Recurrent<A>,
    /// Of the attention.
    pub attention: Option<Attention<A>>,
    /// Of W_c and b_c.
    pub combine: Option<Linear<A>>,
    /// Of W_o and b_o.
    pub output: Linear<A>,
}

named!(Seq2SeqGradient { source, encoder, bridge, target, decoder, attention, combine, output });

/// What a forward pass leaves for the backward pass.
#[derive(Debug)]
pub struct Seq2SeqTape<A: Float, E: Engine<A> = Fused> {
    encoder: RecurrentTape<A, E>,
    start: Option<LayerState<A>>,
    decoder: RecurrentTape<A, E>,
    attention: AttentionTape<A>,
    /// [c_t; s_t], (T·B, M + H).
    joined: Array2<A>,
    /// tanh(W_c [c_t; s_t] + b_c), (T·B, H).
    combined: Array2<A>,
    /// What the output layer reads: `combined`, or the states, after dropout.
    features: Array2<A>,
    mask: DropoutMask<A, Ix2>,
}

impl<A: Float, E: Engine<A>> Default for Seq2SeqTape<A, E> {
    fn default() -> Self {
        let empty = || Array2::zeros((0, 0));
        Self {
            encoder: RecurrentTape::default(),
            start: None,
            decoder: RecurrentTape::default(),
            attention: AttentionTape::default(),
            joined: empty(),
            combined: empty(),
            features: empty(),
            mask: DropoutMask::none(),
        }
    }
}

impl<A: Float, E: Engine<A>> Seq2SeqTape<A, E> {
    /// The attention's weights α, (B, T, S); empty without attention.
    pub fn attention(&self) -> ndarray::ArrayView3<'_, A> {
        self.attention.weights()
    }
}

impl<A: Float> Seq2Seq<A> {
    /// A new model with PyTorch's default initialisation.
    pub fn new(config: &Seq2SeqConfig, rng: &mut impl Rng) -> Self {
        let (hidden, values) = (config.hidden, config.values());
        Self {
            source: Embedding::new(config.source_vocabulary, config.embedding, rng),
            encoder: Recurrent::new(config.encoder(), rng),
            bridge: Bridge::new(config, rng),
            target: Embedding::new(config.target_vocabulary, config.embedding, rng),
            decoder: Recurrent::new(config.decoder(), rng),
            attention: config
                .attention
                .map(|score| Attention::new(score, hidden, values, hidden, rng)),
            combine: config.attention.map(|_| Linear::new(values + hidden, hidden, true, rng)),
            output: Linear::new(hidden, config.target_vocabulary, true, rng),
        }
    }

    /// Its shape.
    pub fn config(&self) -> Seq2SeqConfig {
        let RecurrentConfig { cell, input, hidden, layers, bidirectional, dropout, .. } =
            self.encoder.config;
        Seq2SeqConfig {
            source_vocabulary: self.source.weight.nrows(),
            target_vocabulary: self.target.weight.nrows(),
            embedding: input,
            cell,
            hidden,
            layers,
            bidirectional,
            attention: self.attention.as_ref().map(Attention::score),
            dropout,
        }
    }

    /// *End*: the token at both ends of a target.
    pub fn end(&self) -> usize {
        self.target.weight.nrows() - 1
    }

    /// A gradient of zero.
    pub fn zero_gradient(&self) -> Seq2SeqGradient<A> {
        Seq2SeqGradient {
            source: EmbeddingGradient::suited_to(&self.source.weight),
            encoder: Recurrent::zeros(self.encoder.config),
            bridge: self.bridge.zeros_like(),
            target: EmbeddingGradient::suited_to(&self.target.weight),
            decoder: Recurrent::zeros(self.decoder.config),
            attention: self.attention.as_ref().map(Attention::zeros_like),
            combine: self.combine.as_ref().map(Linear::zeros_like),
            output: self.output.zeros_like(),
        }
    }

    /// Reads the sources and returns the decoder's first state; the encoder's states are on the
    /// tape.
    pub(super) fn encode<E: Engine<A>>(
        &self,
        source: ArrayView2<usize>,
        lengths: &[usize],
        dropout: Option<&MaskStreams>,
        tape: &mut RecurrentTape<A, E>,
    ) -> LayerState<A> {
        let zero = LayerState::zeros(&self.encoder.config, lengths.len());
        let input = Input::Tokens { ids: source, table: self.source.weight.view() };
        self.encoder.forward(input, Some(lengths), &zero, dropout, tape); // (S1)
        self.bridge.forward(tape.last())
    }

    /// Reads a batch under teacher forcing; the logits (T·B, V), in order of time.
    pub fn forward<E: Engine<A>>(
        &self,
        batch: &Batch,
        dropout: Option<&MaskStreams>,
        tape: &mut Seq2SeqTape<A, E>,
    ) -> Array2<A> {
        let start = self.encode(batch.source.view(), &batch.lengths, dropout, &mut tape.encoder);
        let decoder_dropout = dropout.map(|d| MaskStreams { shard: d.shard.decoder(), ..*d });
        let input = Input::Tokens { ids: batch.inputs.view(), table: self.target.weight.view() };
        self.decoder.forward(input, None, &start, decoder_dropout.as_ref(), &mut tape.decoder);
        tape.start = Some(start);
        let states = tape.decoder.output(); // (T, B, H)
        tape.features = match (&self.attention, &self.combine) {
            (Some(attention), Some(combine)) => {
                let values = tape.encoder.output(); // (S, B, M)
                let contexts =
                    attention.forward(states, values, &batch.lengths, &mut tape.attention);
                let joined = concatenate(Axis(2), &[contexts.view(), states]).expect("(T, B, ·)");
                tape.joined = flat(&joined.view()).into_owned();
                tape.combined = combine.forward(&tape.joined);
                tape.combined.mapv_inplace(A::fast_tanh::<false>);
                tape.combined.clone()
            }
            _ => flat(&states).into_owned(),
        };
        let p = self.decoder.config.dropout;
        tape.mask = match dropout {
            Some(streams) if p > 0.0 => {
                let dropout = Dropout::new(p).expect("a valid configuration");
                dropout.mask(tape.features.raw_dim(), &mut streams.at(Place::Output))
            }
            _ => DropoutMask::none(),
        };
        tape.mask.apply(&mut tape.features);
        self.output.forward(&tape.features) // (T·B, V)
    }

    /// Goes back over the batch that `tape` holds; `d_logits` (T·B, V). Adds to `grads`.
    pub fn backward<E: Engine<A>>(
        &self,
        batch: &Batch,
        d_logits: ArrayView2<A>,
        tape: &mut Seq2SeqTape<A, E>,
        grads: &mut Seq2SeqGradient<A>,
    ) {
        let steps = batch.inputs.nrows();
        let mut d = self.output.backward(&tape.features, &d_logits, &mut grads.output); // (T·B, H)
        tape.mask.apply(&mut d);
        let (mut d_states, mut d_values) = (d, None);
        if let (Some(attention), Some(combine)) = (&self.attention, &self.combine) {
            d_states.zip_mut_with(&tape.combined, |d, &y| *d *= A::one() - y * y);
            let gradient = grads.combine.as_mut().expect("as the model");
            let d_joined = combine.backward(&tape.joined, &d_states, gradient); // (T·B, M + H)
            let values = tape.encoder.output(); // (S, B, M)
            let (d_contexts, d_direct) = d_joined.view().split_at(Axis(1), values.dim().2);
            let d_contexts = deep(d_contexts.to_owned(), steps); // (T, B, M)
            let gradient = grads.attention.as_mut().expect("as the model");
            let (d_queries, d) = attention.backward(
                tape.decoder.output(),
                values,
                &tape.attention,
                d_contexts.view(),
                gradient,
            );
            d_states = flat(&d_queries.view()).into_owned() + d_direct;
            d_values = Some(d);
        }
        let input = Input::Tokens { ids: batch.inputs.view(), table: self.target.weight.view() };
        let d_start = self.decoder.backward(
            input,
            &mut tape.decoder,
            deep(d_states, steps).view(),
            None,
            &mut grads.decoder,
            InputGradient::Table(&mut grads.target),
        );
        let start = tape.start.take().expect("forward runs before backward");
        let last = tape.encoder.last();
        let d_last = self.bridge.backward(last, &start, d_start, &mut grads.bridge);
        let d_values = d_values.unwrap_or_else(|| Array3::zeros(tape.encoder.output().raw_dim()));
        let input = Input::Tokens { ids: batch.source.view(), table: self.source.weight.view() };
        self.encoder.backward(
            input,
            &mut tape.encoder,
            d_values.view(),
            Some(&d_last),
            &mut grads.encoder,
            InputGradient::Table(&mut grads.source),
        );
    }

    /// Loss (S12) and gradient of a batch or one shard of it. The gradient is divided by `divisor`,
    /// how many targets the *whole* batch has, and added to `grads`.
    pub fn loss_and_gradient<E: Engine<A>>(
        &self,
        batch: &Batch,
        divisor: usize,
        dropout: Option<&MaskStreams>,
        tape: &mut Seq2SeqTape<A, E>,
        grads: &mut Seq2SeqGradient<A>,
    ) -> Loss<A, Ix2> {
        let logits = self.forward(batch, dropout, tape);
        let targets: Vec<usize> = batch.targets.iter().copied().collect();
        let loss = loss::cross_entropy(logits, &targets, divisor);
        self.backward(batch, loss.gradient.view(), tape, grads);
        loss
    }

    /// The most probable token at each step under teacher forcing, (T, B).
    pub fn predictions<E: Engine<A>>(
        &self,
        batch: &Batch,
        tape: &mut Seq2SeqTape<A, E>,
    ) -> Array2<usize> {
        let logits = self.forward(batch, None, tape);
        let best = logits.map_axis(Axis(1), |row| {
            let largest = |best, k| if row[k] > row[best] { k } else { best };
            (1..row.len()).fold(0, largest)
        });
        best.into_shape_with_order(batch.inputs.dim()).expect("T·B rows")
    }

    /// Scheduled sampling (S13): a copy of the batch in which each token that the decoder reads is,
    /// with probability `share`, the one that the model would have written itself.
    ///
    /// Its own tokens come from one pass under teacher forcing, so that a step stays two passes
    /// over whole targets (Mihaylova & Martins 2019); Bengio et al. (2015) go step by step.
    pub fn mix_own_tokens<E: Engine<A>>(
        &self,
        batch: &Batch,
        share: f64,
        rng: &mut impl Rng,
        tape: &mut Seq2SeqTape<A, E>,
    ) -> Batch {
        let own = self.predictions(batch, tape);
        let mut mixed = batch.clone();
        let (steps, _) = own.dim();
        let mut later = mixed.inputs.slice_mut(s![1.., ..]); // all but end
        later.zip_mut_with(&own.slice(s![..steps - 1, ..]), |token, &own| {
            if rng.random::<f64>() < share {
                *token = own; // (S13)
            }
        });
        mixed
    }
}

impl<A: Float> Seq2SeqGradient<A> {
    /// Back to zero, keeping the memory.
    pub fn set_zero(&mut self) {
        self.source.set_zero();
        self.target.set_zero();
        for part in [&mut self.encoder, &mut self.decoder] {
            part.scale(A::zero());
        }
        self.bridge.scale(A::zero());
        self.attention.scale(A::zero());
        self.combine.scale(A::zero());
        self.output.scale(A::zero());
    }

    /// Adds the gradient of another shard.
    pub fn add(&mut self, other: &Self) {
        self.source.add(&other.source);
        self.target.add(&other.target);
        optim::add(&mut self.encoder, &other.encoder);
        optim::add(&mut self.bridge, &other.bridge);
        optim::add(&mut self.decoder, &other.decoder);
        optim::add(&mut self.attention, &other.attention);
        optim::add(&mut self.combine, &other.combine);
        optim::add(&mut self.output, &other.output);
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
