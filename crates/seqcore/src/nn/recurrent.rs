//! Stacked and bidirectional recurrent layers over any cell, as `torch.nn.RNN`, `LSTM`, `GRU`.
//!
//! Layer k reads the output of layer k − 1; with two directions that is the forward and the
//! backward state side by side, (T, B, 2H). Dropout acts between layers, never after the last.
//! Sequences may have different lengths (see [`crate::sequence`]); behind its end a sequence's
//! output is zero.

use crate::random::{LAYERS, MaskStreams, Place};
use ndarray::{Array3, ArrayView3, Axis, Ix3, concatenate, s};
use serde::{Deserialize, Serialize};

use crate::cells::{Cell, CellParams, State};
use crate::fused::Fused;
use crate::nn::dropout::{Dropout, DropoutMask};
use crate::params::{Named, Scope, Slot, SlotMut};
use crate::sequence::{Engine, Input, InputGradient, Record, Unroll};
use crate::{Error, Float, Result, init, named};

/// The shape of a [`Recurrent`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RecurrentConfig {
    /// Which cell.
    pub cell: Cell,
    /// I, the size of an input vector.
    pub input: usize,
    /// H, the size of a hidden state.
    pub hidden: usize,
    /// L, how many layers.
    pub layers: usize,
    /// Whether each layer also tapes backwards: D = 2.
    pub bidirectional: bool,
    /// Whether there are biases.
    pub bias: bool,
    /// The share of values dropped between layers while training, 0 to below 1.
    pub dropout: f64,
}

impl RecurrentConfig {
    /// One layer in one direction, with bias and without dropout.
    pub fn new(cell: Cell, input: usize, hidden: usize) -> Self {
        Self { cell, input, hidden, layers: 1, bidirectional: false, bias: true, dropout: 0.0 }
    }

    /// Refuses shapes that cannot work.
    ///
    /// # Errors
    /// A size of zero, or a dropout probability outside 0 to below 1.
    pub fn validate(&self) -> Result<()> {
        for (name, size) in [
            ("input size", self.input),
            ("hidden size", self.hidden),
            ("number of layers", self.layers),
        ] {
            if size == 0 {
                return Err(Error::config(format!("the {name} is 0; it must be at least 1.")));
            }
        }
        if self.layers > LAYERS {
            let layers = self.layers;
            return Err(Error::config(format!(
                "{layers} layers are too many; {LAYERS} are the most."
            )));
        }
        Dropout::new(self.dropout).map(|_| ())
    }

    /// D: 1 or 2.
    pub fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// D·H, the size of an output vector.
    pub fn output(&self) -> usize {
        self.directions() * self.hidden
    }

    /// The input size of layer `k`.
    fn input_of(&self, k: usize) -> usize {
        if k == 0 { self.input } else { self.output() }
    }
}

/// Stacked recurrent layers; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrent<A> {
    /// The shape.
    pub config: RecurrentConfig,
    /// One cell per layer and direction, at index layer·D + direction.
    pub cells: Vec<CellParams<A>>,
}

impl<A: Float> Named<A> for Recurrent<A> {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>)) {
        for (k, cell) in self.cells.iter().enumerate() {
            cell.visit(&scope.with_suffix(&suffix(&self.config, k)), f);
        }
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>)) {
        for (k, cell) in self.cells.iter_mut().enumerate() {
            cell.visit_mut(&scope.with_suffix(&suffix(&self.config, k)), f);
        }
    }
}

/// PyTorch's ending of the names of cell `k`, such as `_l1_reverse`.
fn suffix(config: &RecurrentConfig, k: usize) -> String {
    let (layer, direction) = (k / config.directions(), k % config.directions());
    format!("_l{layer}{}", if direction == 1 { "_reverse" } else { "" })
}

/// The state of all layers; also the type of its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerState<A> {
    /// Hidden states, (L·D, B, H), at index layer·D + direction.
    pub h: Array3<A>,
    /// Cell states, the same shape; only an LSTM has them.
    pub c: Option<Array3<A>>,
}

named!(LayerState { h, c });

impl<A: Float> LayerState<A> {
    /// The state before anything was read.
    pub fn zeros(config: &RecurrentConfig, batch: usize) -> Self {
        let dim = (config.layers * config.directions(), batch, config.hidden);
        Self { h: Array3::zeros(dim), c: config.cell.has_cell_state().then(|| Array3::zeros(dim)) }
    }

    /// The state of cell `k`.
    pub fn cell(&self, k: usize) -> State<A> {
        let take = |a: &Array3<A>| a.index_axis(Axis(0), k).to_owned();
        State { h: take(&self.h), c: self.c.as_ref().map(take) }
    }

    /// Sets the state of cell `k`.
    fn set(&mut self, k: usize, state: &State<A>) {
        self.h.index_axis_mut(Axis(0), k).assign(&state.h);
        if let (Some(c), Some(from)) = (&mut self.c, &state.c) {
            c.index_axis_mut(Axis(0), k).assign(from);
        }
    }
}

/// What [`Recurrent::forward`] leaves for [`Recurrent::backward`]. The engine `E` is the fast
/// one unless its type says otherwise. Its memory is used again from batch to batch.
#[derive(Debug)]
pub struct RecurrentTape<A: Float, E: Engine<A> = Fused> {
    tapes: Vec<E::Tape>,
    /// The unroll that was walked last: it holds what tapes hand on.
    latest: usize,
    /// What leaves each layer, (T, B, D·H), where that is not simply the one unroll's states.
    outputs: Vec<Option<Array3<A>>>,
    /// The dropout mask on it, the same shape.
    masks: Vec<DropoutMask<A, Ix3>>,
    lengths: Option<Vec<usize>>,
    last: Option<LayerState<A>>,
}

impl<A: Float, E: Engine<A>> Default for RecurrentTape<A, E> {
    fn default() -> Self {
        Self {
            tapes: Vec::new(),
            latest: 0,
            outputs: Vec::new(),
            masks: Vec::new(),
            lengths: None,
            last: None,
        }
    }
}

impl<A: Float, E: Engine<A>> RecurrentTape<A, E> {
    /// The last layer's output, (T, B, D·H).
    pub fn output(&self) -> ArrayView3<'_, A> {
        self.output_of(self.outputs.len() - 1)
    }

    /// What left layer `layer`, (T, B, D·H), after dropout.
    fn output_of(&self, layer: usize) -> ArrayView3<'_, A> {
        match &self.outputs[layer] {
            Some(output) => output.view(),
            None => E::states(&self.tapes[layer]), // one direction: unroll = layer
        }
    }

    /// Takes out the tape of unroll `k`, with what the latest unroll hands on to it.
    fn take_tape(&mut self, k: usize) -> E::Tape {
        let mut own = std::mem::take(&mut self.tapes[k]);
        if self.latest != k {
            E::hand_on(&mut self.tapes[self.latest], &mut own);
            self.latest = k;
        }
        own
    }

    /// What layer `layer` reads of a batch that is read as `input`.
    fn input_of<'a>(&'a self, layer: usize, input: &'a Input<'_, A>) -> Input<'a, A> {
        if layer == 0 { input.reborrow() } else { Input::Dense(self.output_of(layer - 1)) }
    }

    /// The state of all layers after the last step of each sequence.
    pub fn last(&self) -> &LayerState<A> {
        self.last.as_ref().expect("forward runs before its results are asked for")
    }
}

impl<A: Float> Recurrent<A> {
    /// New layers with PyTorch's default initialisation, U(±1/√H).
    pub fn new(config: RecurrentConfig, rng: &mut impl rand::Rng) -> Self {
        let mut layers = Self::zeros(config);
        for (_, slot) in layers.named_mut() {
            let mut array = slot.dense();
            let drawn = init::fan_in(array.raw_dim(), config.hidden, rng);
            array.assign(&drawn);
        }
        layers
    }

    /// Layers full of zeros: where a gradient starts.
    pub fn zeros(config: RecurrentConfig) -> Self {
        let cells = (0..config.layers * config.directions())
            .map(|k| {
                let input = config.input_of(k / config.directions());
                CellParams::zeros(config.cell, input, config.hidden, config.bias)
            })
            .collect();
        Self { config, cells }
    }

    /// The unroll of cell `k` over `input`.
    fn unroll<'a>(
        &'a self,
        k: usize,
        input: Input<'a, A>,
        lengths: Option<&'a [usize]>,
    ) -> Unroll<'a, A> {
        let reverse = k % self.config.directions() == 1;
        Unroll { cell: self.config.cell, params: &self.cells[k], input, lengths, reverse }
    }

    /// Reads a batch, starting from `start`; the results are on the tape. Dropout acts only
    /// where `dropout` gives its random streams, that is while training.
    pub fn forward<E: Engine<A>>(
        &self,
        input: Input<A>,
        lengths: Option<&[usize]>,
        start: &LayerState<A>,
        dropout: Option<&MaskStreams>,
        tape: &mut RecurrentTape<A, E>,
    ) {
        let config = &self.config;
        let directions = config.directions();
        let (_, batch) = input.steps_and_batch();
        tape.tapes.resize_with(self.cells.len(), E::Tape::default);
        // The tape may have served a deeper network before.
        tape.latest = tape.latest.min(self.cells.len() - 1);
        tape.outputs = vec![None; config.layers];
        tape.masks = vec![DropoutMask::none(); config.layers];
        tape.lengths = lengths.map(<[usize]>::to_vec);
        let mut last = LayerState::zeros(config, batch);
        for layer in 0..config.layers {
            for k in layer * directions..(layer + 1) * directions {
                let mut own = tape.take_tape(k);
                let unroll = self.unroll(k, tape.input_of(layer, &input), lengths);
                E::forward(&unroll, &start.cell(k), &mut own);
                last.set(k, &E::last(&own));
                tape.tapes[k] = own;
            }
            let streams = dropout.filter(|_| config.dropout > 0.0 && layer + 1 < config.layers);
            if directions > 1 || lengths.is_some() || streams.is_some() {
                let mut output =
                    join::<A, E>(&tape.tapes[layer * directions..(layer + 1) * directions]);
                if let Some(lengths) = lengths {
                    zero_behind_ends(&mut output, lengths);
                }
                if let Some(streams) = streams {
                    let dropout = Dropout::new(config.dropout).expect("a valid configuration");
                    let mask = dropout.mask(output.raw_dim(), &mut streams.at(Place::Layer(layer)));
                    mask.apply(&mut output);
                    tape.masks[layer] = mask;
                }
                tape.outputs[layer] = Some(output);
            }
        }
        tape.last = Some(last);
    }

    /// Goes back over the batch that `tape` holds, which was read as `input`. `d_output`
    /// (T, B, D·H) is the gradient of the output and `d_last` that of the last state (`None` is
    /// zero). Adds to `grads` and `d_input`, and returns the gradient of the starting state.
    pub fn backward<E: Engine<A>>(
        &self,
        input: Input<A>,
        tape: &mut RecurrentTape<A, E>,
        d_output: ArrayView3<A>,
        d_last: Option<&LayerState<A>>,
        grads: &mut Recurrent<A>,
        mut d_input: InputGradient<A>,
    ) -> LayerState<A> {
        let config = &self.config;
        let (directions, hidden) = (config.directions(), config.hidden);
        let (steps, batch) = input.steps_and_batch();
        assert_eq!(d_output.dim(), (steps, batch, config.output()), "d_output against (T, B, D·H)");
        let zero = d_last.is_none().then(|| LayerState::zeros(config, batch));
        let d_last = d_last.or(zero.as_ref()).expect("one of the two is there");
        let mut d_start = LayerState::zeros(config, batch);
        let lengths = tape.lengths.take();
        let mut d_below: Option<Array3<A>> = None; // gradient of what left the layer, (T, B, D·H)
        for layer in (0..config.layers).rev() {
            let d_layer = d_below.take();
            let d_layer = d_layer.as_ref().map_or(d_output, |d| d.view());
            let mut d_next = (layer > 0).then(|| Array3::zeros((steps, batch, config.output())));
            for k in layer * directions..(layer + 1) * directions {
                let direction = k % directions;
                let d_states =
                    d_layer.slice(s![.., .., direction * hidden..(direction + 1) * hidden]);
                let mut own = tape.take_tape(k);
                let d_input = match &mut d_next {
                    Some(d) => InputGradient::Dense(d.view_mut()),
                    None => d_input.reborrow(),
                };
                let unroll = self.unroll(k, tape.input_of(layer, &input), lengths.as_deref());
                let d = E::backward(
                    &unroll,
                    &mut own,
                    d_states,
                    &d_last.cell(k),
                    &mut grads.cells[k],
                    d_input,
                );
                d_start.set(k, &d);
                tape.tapes[k] = own;
            }
            if let Some(d) = &mut d_next {
                tape.masks[layer - 1].apply(d);
            }
            d_below = d_next;
        }
        d_start
    }

    /// What cell `k` (layer·D + direction) did at each step; valid between forward and backward.
    pub fn record<E: Engine<A>>(
        &self,
        k: usize,
        input: Input<A>,
        tape: &RecurrentTape<A, E>,
    ) -> Record<A> {
        let layer = k / self.config.directions();
        E::record(
            &self.unroll(k, tape.input_of(layer, &input), tape.lengths.as_deref()),
            &tape.tapes[k],
        )
    }
}

/// The states of a layer's directions side by side, (T, B, D·H).
fn join<A: Float, E: Engine<A>>(tapes: &[E::Tape]) -> Array3<A> {
    let states: Vec<_> = tapes.iter().map(|tape| E::states(tape)).collect();
    concatenate(Axis(2), &states).expect("both directions have the same shape")
}

/// A padded output is zero.
fn zero_behind_ends<A: Float>(output: &mut Array3<A>, lengths: &[usize]) {
    for (b, &n) in lengths.iter().enumerate() {
        output.slice_mut(s![n.., b, ..]).fill(A::zero());
    }
}
