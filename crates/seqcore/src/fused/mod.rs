//! Whole sequences at once: the fast path.
//!
//! The mathematics is that of [`crate::cells`]; tests hold every number against it. What separates
//! the two:
//!
//! 1. **One product for all inputs.** W_ih x_t does not depend on the state, so the products of
//!    all T steps are one matrix product with N = T·B rows.
//! 2. **Tokens are multiplied once.** Where the input is a row of a table, only the distinct
//!    tokens are multiplied with W_ih; the T·B places look the result up. Backwards the gradients of
//!    equal tokens are summed first.
//! 3. **Weights are packed once** for a sequence, in the order in which the product of a step reads
//!    them ([`crate::gemm`]).
//! 4. **Gates, activations and state in one pass** over the rows of a step, while they are in the
//!    cache, with vector instructions for e^x and tanh ([`crate::activation::Fast`]).
//! 5. **Gates in place.** A row of pre-activations becomes a row of gate values and, on the way
//!    back, a row of their gradients, in the same memory.
//! 6. **One product for each weight gradient**, over all N rows at the end, not one per step.
//! 7. **No padding.** Sequences are sorted by length ([`packing`]), so every product covers only
//!    steps that exist.
//!
//! What each gains for one LSTM layer of 256 units, 64 steps of 16 sequences, on one thread
//! (`cargo xtask bench steps` measures it again; milliseconds on a core with AVX-512):
//!
//! | | without | with | gain |
//! |---|---|---|---|
//! | (1) a product for each step's inputs, or one | 2.64 | 2.61 | 1.01 |
//! | (2) every place multiplied, or every token | 18.4 | 10.7 | 1.7 |
//! | (3) weights packed for each step, or once | 6.80 | 2.59 | 2.6 |
//! | (4) σ and tanh of std, or in vectors | 7.80 | 0.315 | 25 |
//! | (6) a weight gradient for each step, or one | 3.19 | 3.08 | 1.04 |
//! | (7) lengths of 4 to 64 padded, or packed | 17.8 | 10.8 | 1.6 |
//! | memory new for each batch, or the same again | 10.5 | 10.4 | 1.01 |
//! | all: [`crate::cells`] or this, RNN | 28.3 | 2.70 | 10 |
//! | all: LSTM | 108 | 10.8 | 10 |
//! | all: GRU | 82.4 | 8.10 | 10 |
//!
//! (1) and (6) gain little here because our product is nearly as fast for 16 rows as for 1024; a product that
//! packs its operands at every call gains much more. (5) saves memory, and was not measured alone.
//!
//! An unrolled cell belongs to one shard of a batch and to one thread; it borrows the parameters immutably
//! and writes gradients to a separate value. The tape keeps its memory from one batch to the next,
//! so a step allocates nothing.

mod blocks;
pub(crate) mod gru;
pub(crate) mod lstm;
pub mod packing;
pub(crate) mod rnn;
mod stepper;

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, s};

use crate::Float;
use crate::cells::rnn::Nonlinearity;
use crate::cells::{Cell, CellParams, State};
use crate::gemm::{Output, Packed, Scratch, add_transposed, multiply};
use crate::sequence::{Engine, Input, InputGradient, Record, Unroll};
use packing::Packing;
pub use stepper::Stepper;

/// The fast engine.
#[derive(Debug)]
pub struct Fused;

/// What [`Fused`] keeps of a batch. Rows are sorted by length; *packed* arrays hold the steps
/// that exist, in order of time, as [`Packing`] says.
#[derive(Debug)]
pub struct Tape<A> {
    packing: Packing,
    /// Packed pre-activations, then gate values, then their gradients: (N, G·H).
    gates: Array2<A>,
    /// What else a step needs on the way back, packed, (N, H): tanh(c) in an LSTM, v_n in a GRU.
    extra: Array2<A>,
    /// States, (T + 1, B, H): step t goes forwards from slot t to slot t + 1, and in
    /// reverse from slot t + 1 to slot t.
    h: Array3<A>,
    c: Array3<A>,
    reverse: bool,
    /// Whether the way back has overwritten the gates with their gradients.
    is_spent: bool,
    /// States in the sequences' own order, (T, B, H), where rows have moved.
    scattered: Array3<A>,
    tokens: Tokens<A>,
    work: Workspace<A>,
}

/// Memory that means nothing from one call to the next.
#[derive(Debug)]
struct Workspace<A> {
    /// The weights that a loop or a product is about to use.
    weights: Packed<A>,
    /// In a GRU, (N, 3H): v (G1) of one step in its first rows; on the way back dv (G11) of all.
    v: Array2<A>,
    product: Scratch<A>,
}

/// The distinct tokens of a batch.
#[derive(Debug)]
struct Tokens<A> {
    /// Each distinct token once, ascending.
    distinct: Vec<usize>,
    /// For each packed row, where its token stands in `distinct`.
    index: Vec<usize>,
    /// Their vectors, (distinct, I).
    vectors: Array2<A>,
    /// W_ih x + b of each, (distinct, G·H).
    projected: Array2<A>,
}

impl<A: Float> Default for Tape<A> {
    fn default() -> Self {
        let (flat, deep) = (|| Array2::zeros((0, 0)), || Array3::zeros((0, 0, 0)));
        let (weights, product) = (Packed::default(), Scratch::default());
        Self {
            packing: Packing::default(),
            gates: flat(),
            extra: flat(),
            h: deep(),
            c: deep(),
            reverse: false,
            is_spent: false,
            scattered: deep(),
            tokens: Tokens {
                distinct: Vec::new(),
                index: Vec::new(),
                vectors: flat(),
                projected: flat(),
            },
            work: Workspace { weights, v: flat(), product },
        }
    }
}

/// What a tape says that holds gradients where its gates were.
const SPENT: &str =
    "the tape is spent: backward has replaced the gates by their gradients; go forward again first";

/// Gives `array` the shape `dim`; where it has it already, memory and content stay.
macro_rules! reshape {
    ($array:expr, $dim:expr) => {
        if $array.dim() != $dim {
            $array = ndarray::Array::zeros($dim);
        }
    };
}

/// (from, to): the slots of the state before and after step `t`.
fn slots(reverse: bool, t: usize) -> (usize, usize) {
    if reverse { (t + 1, t) } else { (t, t + 1) }
}

impl<A: Float> Tape<A> {
    /// Makes room for a batch and writes its starting state.
    fn prepare(&mut self, unroll: &Unroll<A>, start: &State<A>) {
        let (steps, batch) = unroll.input.steps_and_batch();
        let hidden = unroll.params.hidden();
        self.packing = Packing::new(steps, batch, unroll.lengths);
        self.reverse = unroll.reverse;
        let rows = self.packing.rows();
        reshape!(self.gates, (rows, unroll.cell.gates() * hidden)); // (N, G·H)
        let extra = if matches!(unroll.cell, Cell::Lstm | Cell::Gru) { rows } else { 0 };
        reshape!(self.extra, (extra, hidden)); // (N, H)
        let first = if unroll.reverse { steps } else { 0 };
        reshape!(self.h, (steps + 1, batch, hidden)); // (T + 1, B, H)
        self.h.index_axis_mut(Axis(0), first).assign(&self.packing.sort(&start.h));
        let slots = if start.c.is_some() { steps + 1 } else { 0 };
        reshape!(self.c, (slots, batch, hidden)); // (T + 1, B, H)
        if let Some(c) = &start.c {
            self.c.index_axis_mut(Axis(0), first).assign(&self.packing.sort(c));
        }
    }

    /// Computes the inputs' part of the pre-activations, W_ih x + b: of all steps, or of all
    /// distinct tokens. Where the two biases are added up anyway, both are in it.
    fn project_inputs(&mut self, unroll: &Unroll<A>) {
        let Self { packing, gates, tokens, work, .. } = self;
        work.weights.pack(unroll.params.weight_ih.t()); // (I, G·H)
        let bias = input_bias(unroll);
        match &unroll.input {
            Input::Dense(x) => project(&dense_rows(x, packing), &bias, gates, work),
            Input::Tokens { ids, table } => {
                tokens.find(packing, ids.view(), table.view());
                reshape!(tokens.projected, (tokens.distinct.len(), bias.len()));
                project(&tokens.vectors.view().into(), &bias, &mut tokens.projected, work);
            }
        }
    }

    /// Computes step `t`: the slot after it from the slot before it.
    fn step(&mut self, unroll: &Unroll<A>, t: usize) {
        let hidden = unroll.params.hidden();
        let (from, to) = slots(unroll.reverse, t);
        let rows = self.packing.step(t);
        let active = rows.len() * hidden;
        let (h_prev, h) = two_slots(&mut self.h, from, to);
        h[active..].copy_from_slice(&h_prev[active..]);
        let (h_prev, h) = (&h_prev[..active], &mut h[..active]);
        let width = self.gates.ncols();
        let gates = rows_mut(&mut self.gates, &rows); // (n_t, G·H)
        if let Input::Tokens { .. } = unroll.input {
            // Looked up here and not for all steps at once, because here they stay in the cache.
            let projected = self.tokens.projected.as_slice().expect(CONTIGUOUS);
            for (gates, &k) in gates.chunks_exact_mut(width).zip(&self.tokens.index[rows.clone()]) {
                gates.copy_from_slice(&projected[k * width..][..width]);
            }
        }
        let Workspace { weights, v, .. } = &mut self.work;
        match unroll.cell {
            Cell::RnnTanh | Cell::RnnRelu => {
                multiply(h_prev, weights, gates, Output::Add); // (R1)
                A::rnn_forward(rnn::Forward { f: nonlinearity(unroll.cell), gates, h });
            }
            Cell::Gru => {
                let v = &mut v.as_slice_mut().expect(CONTIGUOUS)[..3 * active];
                multiply(h_prev, weights, v, Output::Set); // (G1)
                if let Some(bias) = &unroll.params.bias_hh {
                    let bias = bias.as_slice().expect(CONTIGUOUS);
                    v.chunks_exact_mut(3 * hidden)
                        .for_each(|v| v.iter_mut().zip(bias).for_each(|(v, &b)| *v += b));
                }
                let v_n = rows_mut(&mut self.extra, &rows);
                A::gru_forward(gru::Forward { hidden, gates, v, v_n, h_prev, h });
            }
            Cell::Lstm => {
                multiply(h_prev, weights, gates, Output::Add); // (L1)
                let (c_prev, c) = two_slots(&mut self.c, from, to);
                c[active..].copy_from_slice(&c_prev[active..]);
                let (c_prev, c) = (&c_prev[..active], &mut c[..active]);
                let tanh_c = rows_mut(&mut self.extra, &rows);
                A::lstm_forward(lstm::Forward { hidden, gates, c_prev, c, tanh_c, h });
            }
        }
    }

    /// Goes back over step `t`. `dh` and `dc` (B, H) come as the gradients of the state after it
    /// and leave as those of the state before it; the gates' gradients are left on the tape.
    fn step_back(&mut self, unroll: &Unroll<A>, t: usize, dh: &mut [A], dc: &mut [A]) {
        let hidden = unroll.params.hidden();
        let (from, to) = slots(unroll.reverse, t);
        let rows = self.packing.step(t);
        let active = rows.len() * hidden;
        let (h_prev, _) = two_slots(&mut self.h, from, to);
        let (h_prev, dh) = (&h_prev[..active], &mut dh[..active]);
        let gates = rows_mut(&mut self.gates, &rows);
        let Workspace { weights, v, .. } = &mut self.work;
        match unroll.cell {
            Cell::RnnTanh | Cell::RnnRelu => {
                A::rnn_backward(rnn::Backward { f: nonlinearity(unroll.cell), gates, dh });
                multiply(gates, weights, dh, Output::Set); // (R10)
            }
            Cell::Gru => {
                let dv = rows_mut(v, &rows);
                let v_n = rows_mut(&mut self.extra, &rows);
                A::gru_backward(gru::Backward { hidden, gates, dv, v_n, h_prev, dh });
                multiply(dv, weights, dh, Output::Add); // (G12)
            }
            Cell::Lstm => {
                let (c_prev, _) = two_slots(&mut self.c, from, to);
                let (c_prev, dc) = (&c_prev[..active], &mut dc[..active]);
                let tanh_c = rows_mut(&mut self.extra, &rows);
                A::lstm_backward(lstm::Backward { hidden, gates, c_prev, tanh_c, dh, dc });
                multiply(gates, weights, dh, Output::Set); // (L15)
            }
        }
    }
}

impl<A: Float> Tokens<A> {
    /// Finds the distinct tokens among the steps that exist.
    fn find(&mut self, packing: &Packing, ids: ArrayView2<usize>, table: ArrayView2<A>) {
        let Self { distinct, index, vectors, .. } = self;
        index.resize(packing.rows(), 0);
        packing.for_each(|p, t, row| index[p] = ids[[t, packing.sequence(row)]]);
        distinct.clone_from(index);
        distinct.sort_unstable();
        distinct.dedup();
        for id in index {
            *id = distinct.binary_search(id).expect("every token is among the distinct ones");
        }
        *vectors = table.select(Axis(0), distinct); // (distinct, I)
    }
}

/// Rows of a matrix, borrowed where they lie contiguous.
type Rows<'a, A> = ndarray::CowArray<'a, A, ndarray::Ix2>;

const CONTIGUOUS: &str = "whole rows of a new array are contiguous";

/// Some rows of a matrix, one after the other.
fn rows_mut<'a, A>(matrix: &'a mut Array2<A>, rows: &Range<usize>) -> &'a mut [A] {
    let width = matrix.ncols();
    &mut matrix.as_slice_mut().expect(CONTIGUOUS)[rows.start * width..rows.end * width]
}

/// The vectors of the steps that exist of a dense input, (N, I).
fn dense_rows<'a, A: Float>(x: &'a ArrayView3<'_, A>, packing: &Packing) -> Rows<'a, A> {
    if !packing.is_plain() {
        return packing.pack(x.view()).into();
    }
    let (steps, batch, size) = x.dim();
    let rows = x.to_shape((steps * batch, size)).expect("as many elements as before");
    // A view of another memory order can have the right shape and still not be whole rows.
    if rows.is_standard_layout() { rows } else { rows.as_standard_layout().into_owned().into() }
}

/// projected = x · weights + bias, with the weights that `work` has packed.
fn project<A: Float>(x: &Rows<A>, bias: &[A], projected: &mut Array2<A>, work: &mut Workspace<A>) {
    let projected = projected.as_slice_mut().expect(CONTIGUOUS);
    projected.chunks_exact_mut(bias.len()).for_each(|row| row.copy_from_slice(bias));
    let x = x.as_slice().expect(CONTIGUOUS);
    multiply(x, &work.weights, projected, Output::Add);
}

/// What is added to the inputs' part of the pre-activations, (G·H): where the two parts are added
/// up anyway, both biases.
fn input_bias<A: Float>(unroll: &Unroll<A>) -> Vec<A> {
    let mut sum = vec![A::zero(); unroll.cell.gates() * unroll.params.hidden()];
    let hh = unroll.params.bias_hh.as_ref().filter(|_| unroll.cell != Cell::Gru);
    for bias in unroll.params.bias_ih.iter().chain(hh) {
        sum.iter_mut().zip(bias).for_each(|(sum, &b)| *sum += b);
    }
    sum
}

fn nonlinearity(cell: Cell) -> Nonlinearity {
    if cell == Cell::RnnRelu { Nonlinearity::Relu } else { Nonlinearity::Tanh }
}

impl<A: Float> Engine<A> for Fused {
    type Tape = Tape<A>;

    fn hand_on(from: &mut Tape<A>, to: &mut Tape<A>) {
        std::mem::swap(&mut from.work, &mut to.work);
    }

    fn forward(unroll: &Unroll<A>, start: &State<A>, tape: &mut Tape<A>) {
        unroll.check(start);
        tape.is_spent = false;
        tape.prepare(unroll, start);
        tape.project_inputs(unroll);
        tape.work.weights.pack(unroll.params.weight_hh.t()); // (H, G·H)
        if unroll.cell == Cell::Gru {
            reshape!(tape.work.v, tape.gates.dim()); // (N, 3H)
        }
        for t in unroll.order() {
            tape.step(unroll, t);
        }
        if !tape.packing.is_plain() {
            scatter(tape);
        }
    }

    fn states(tape: &Tape<A>) -> ArrayView3<'_, A> {
        if tape.packing.is_plain() {
            slots_after(&tape.h, tape.reverse)
        } else {
            tape.scattered.view()
        }
    }

    fn last(tape: &Tape<A>) -> State<A> {
        let slot = if tape.reverse { 0 } else { tape.h.dim().0 - 1 };
        let take = |a: &Array3<A>| tape.packing.unsort(a.index_axis(Axis(0), slot).to_owned());
        State { h: take(&tape.h), c: (!tape.c.is_empty()).then(|| take(&tape.c)) }
    }

    fn backward(
        unroll: &Unroll<A>,
        tape: &mut Tape<A>,
        d_states: ArrayView3<A>,
        d_last: &State<A>,
        grads: &mut CellParams<A>,
        d_input: InputGradient<A>,
    ) -> State<A> {
        assert!(!tape.is_spent, "{SPENT}");
        tape.is_spent = true;
        let mut dh = tape.packing.sort(&d_last.h); // (B, H)
        let mut dc = d_last.c.as_ref().map_or(Array2::zeros((0, 0)), |dc| tape.packing.sort(dc)); // (B, H)
        if unroll.cell == Cell::Gru {
            reshape!(tape.work.v, tape.gates.dim()); // (N, 3H)
        }
        tape.work.weights.pack(unroll.params.weight_hh.view()); // (G·H, H)
        for t in unroll.order().into_iter().rev() {
            let arriving = d_states.index_axis(Axis(0), t); // (B, H) (R7)
            if tape.packing.is_plain() {
                dh += &arriving;
            } else {
                let active = tape.packing.step(t).len();
                for (row, mut dh) in dh.outer_iter_mut().take(active).enumerate() {
                    dh += &arriving.row(tape.packing.sequence(row));
                }
            }
            let (dh, dc) =
                (dh.as_slice_mut().expect(CONTIGUOUS), dc.as_slice_mut().expect(CONTIGUOUS));
            tape.step_back(unroll, t, dh, dc);
        }
        add_gradients(unroll, tape, grads, d_input);
        let has_c = unroll.cell.has_cell_state();
        State { h: tape.packing.unsort(dh), c: has_c.then(|| tape.packing.unsort(dc)) }
    }

    fn record(unroll: &Unroll<A>, tape: &Tape<A>) -> Record<A> {
        assert!(!tape.is_spent, "{SPENT}");
        let (steps, batch) = unroll.input.steps_and_batch();
        let mut gates = Array3::zeros((steps, batch, tape.gates.ncols())); // (T, B, G·H)
        let mut c = unroll
            .cell
            .has_cell_state()
            .then(|| Array3::zeros((steps, batch, unroll.params.hidden())));
        let c_after = unroll.cell.has_cell_state().then(|| slots_after(&tape.c, tape.reverse));
        tape.packing.for_each(|p, t, row| {
            let b = tape.packing.sequence(row);
            gates.slice_mut(s![t, b, ..]).assign(&tape.gates.row(p));
            if let (Some(c), Some(after)) = (&mut c, &c_after) {
                c.slice_mut(s![t, b, ..]).assign(&after.slice(s![t, row, ..]));
            }
        });
        Record { gates, h: Self::states(tape).to_owned(), c }
    }
}

/// Slots `from` (to read) and `to` (to write) of (T + 1, B, H) states; they are neighbours.
fn two_slots<A>(states: &mut Array3<A>, from: usize, to: usize) -> (&[A], &mut [A]) {
    let size = states.dim().1 * states.dim().2;
    let (low, high) = states.as_slice_mut().expect(CONTIGUOUS).split_at_mut(from.max(to) * size);
    let (low, high) = (&mut low[from.min(to) * size..], &mut high[..size]);
    if from < to { (low, high) } else { (high, low) }
}

/// The states after each step, in order of time: all slots but the one before the first step.
fn slots_after<A>(states: &Array3<A>, reverse: bool) -> ArrayView3<'_, A> {
    if reverse { states.slice(s![..-1, .., ..]) } else { states.slice(s![1.., .., ..]) }
}

/// Copies the states to the sequences' own order.
fn scatter<A: Float>(tape: &mut Tape<A>) {
    let after = slots_after(&tape.h, tape.reverse); // (T, B, H)
    reshape!(tape.scattered, after.dim());
    for (row, states) in after.axis_iter(Axis(1)).enumerate() {
        tape.scattered.index_axis_mut(Axis(1), tape.packing.sequence(row)).assign(&states);
    }
}

/// Adds what the gates' gradients on the tape owe to the weights and to the input.
fn add_gradients<A: Float>(
    unroll: &Unroll<A>,
    tape: &mut Tape<A>,
    grads: &mut CellParams<A>,
    d_input: InputGradient<A>,
) {
    let Tape { packing, gates, h, reverse, tokens, work, .. } = tape;
    let du = gates.view(); // (N, G·H)
    // A GRU's gates have two gradients, du of the inputs' part and dv of the state's (G11); the other
    // cells add the two parts up, so there is one.
    let dv = if unroll.cell == Cell::Gru { work.v.view() } else { du };
    add_product(dv, &states_before(packing, h, *reverse), &mut grads.weight_hh, &mut work.product); // (R12)
    let (du, x) = match &unroll.input {
        Input::Dense(x) => (du.into(), dense_rows(x, packing)),
        Input::Tokens { .. } => (sum_by_token(du, tokens).into(), tokens.vectors.view().into()),
    };
    let du: Rows<A> = du;
    add_product(du.view(), &x, &mut grads.weight_ih, &mut work.product); // (R11)
    let d_bias = du.sum_axis(Axis(0)); // (G·H) (R13)
    if let Some(bias) = &mut grads.bias_hh {
        *bias += &(if unroll.cell == Cell::Gru { dv.sum_axis(Axis(0)) } else { d_bias.clone() });
    }
    if let Some(bias) = &mut grads.bias_ih {
        *bias += &d_bias;
    }
    if matches!(d_input, InputGradient::Unused) {
        return;
    }
    work.weights.pack(unroll.params.weight_ih.view()); // (G·H, I)
    let du = du.as_slice().expect(CONTIGUOUS);
    match (&unroll.input, d_input) {
        (Input::Dense(_), InputGradient::Dense(mut d)) => {
            if let (true, Some(d)) = (packing.is_plain(), d.as_slice_mut()) {
                multiply(du, &work.weights, d, Output::Add); // (R9)
                return;
            }
            let dx = d_rows(du, &work.weights); // (N, I)
            packing.for_each(|p, t, row| {
                let mut d = d.slice_mut(s![t, packing.sequence(row), ..]);
                d += &dx.row(p);
            });
        }
        (Input::Tokens { table, .. }, InputGradient::Table(d)) => {
            let dx = d_rows(du, &work.weights); // (distinct, I)
            d.add_tokens(&tokens.distinct, dx.view(), table.nrows());
        }
        (input, d_input) => panic!("the gradient {d_input:?} does not fit the input {input:?}"),
    }
}

/// The gradients of the inputs of rows whose gates have the gradients `du` (R9).
fn d_rows<A: Float>(du: &[A], weight_ih: &Packed<A>) -> Array2<A> {
    let (width, inputs) = weight_ih.dim();
    let mut dx = Array2::zeros((du.len() / width, inputs)); // (N or distinct, I)
    multiply(du, weight_ih, dx.as_slice_mut().expect(CONTIGUOUS), Output::Set);
    dx
}

/// The state before each step, packed, (N, H).
fn states_before<'a, A: Float>(packing: &Packing, h: &'a Array3<A>, reverse: bool) -> Rows<'a, A> {
    let (slots, batch, hidden) = h.dim();
    if packing.is_plain() {
        let from = usize::from(reverse);
        let before = h.slice(s![from..from + slots - 1, .., ..]);
        return before
            .into_shape_with_order(((slots - 1) * batch, hidden))
            .expect(CONTIGUOUS)
            .into();
    }
    let mut packed = Array2::zeros((packing.rows(), hidden)); // (N, H)
    packing.for_each(|p, t, row| {
        packed.row_mut(p).assign(&h.slice(s![self::slots(reverse, t).0, row, ..]))
    });
    packed.into()
}

/// weight += daᵀ · x.
fn add_product<A: Float>(
    da: ArrayView2<A>,
    x: &Rows<A>,
    weight: &mut Array2<A>,
    scratch: &mut Scratch<A>,
) {
    let dim = weight.dim();
    let slices = (da.as_slice().expect(CONTIGUOUS), x.as_slice().expect(CONTIGUOUS));
    add_transposed(dim, slices.0, slices.1, weight.as_slice_mut().expect(CONTIGUOUS), scratch);
}

/// The gradients of equal tokens added up, (distinct, G·H).
fn sum_by_token<A: Float>(du: ArrayView2<A>, tokens: &Tokens<A>) -> Array2<A> {
    let mut sums = Array2::zeros((tokens.distinct.len(), du.ncols())); // (distinct, G·H)
    for (du, &k) in du.outer_iter().zip(&tokens.index) {
        let mut sum = sums.row_mut(k);
        sum += &du;
    }
    sums
}
