//! Whole sequences at once: the fast path.
//!
//! The mathematics is that of [`crate::cells`]; a test holds every number against it. What
//! separates the two:
//!
//! 1. **One product for all inputs.** W_ih x_t does not depend on the state, so the products of
//!    all T steps are one matrix product with N = T·B rows.
//! 2. **Tokens are multiplied once.** Where the input is a row of a table, only the distinct
//!    tokens are multiplied with W_ih; the T·B places look the result up. Backwards the
//!    gradients of equal tokens are summed first.
//! 3. **One product per step** for the state, written straight onto the inputs' part.
//! 4. **Gates in place.** A row of pre-activations becomes a row of gate values and, on the
//!    way back, a row of their gradients, in the same memory.
//! 5. **One product for each weight gradient**, over all N rows at the end, not one per step.
//! 6. **No padding.** Sequences are sorted by length ([`packing`]), so every product covers
//!    only steps that exist.
//!
//! A walk belongs to one shard of a batch and to one thread; it borrows the parameters
//! immutably and writes gradients to a separate value. The tape keeps its memory from one walk
//! to the next.

mod gru;
mod lstm;
pub mod packing;
mod rnn;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis, s};

use crate::Float;
use crate::cells::{Cell, CellParams, State};
use crate::sequence::{Engine, Input, InputGradient, Record, Walk};
use packing::Packing;

/// The fast engine.
#[derive(Debug)]
pub struct Fused;

/// What [`Fused`] keeps of a walk. Rows are sorted by length; *packed* arrays hold the steps
/// that exist, in order of time, as [`Packing`] says.
#[derive(Debug)]
pub struct Tape<A> {
    packing: Packing,
    /// Packed pre-activations, then gate values, then their gradients: (N, G·H).
    gates: Array2<A>,
    /// What else a step needs on the way back, packed, (N, H): tanh(c) in an LSTM, v_n in a GRU.
    extra: Array2<A>,
    /// States, (T + 1, B, H): step t of a forward walk goes from slot t to slot t + 1, of a
    /// reverse walk from slot t + 1 to slot t.
    h: Array3<A>,
    c: Array3<A>,
    reverse: bool,
    /// States in the sequences' own order, (T, B, H), where rows have moved.
    scattered: Array3<A>,
    tokens: Tokens<A>,
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
}

impl<A: Float> Default for Tape<A> {
    fn default() -> Self {
        let (flat, deep) = (|| Array2::zeros((0, 0)), || Array3::zeros((0, 0, 0)));
        let tokens = Tokens { distinct: Vec::new(), index: Vec::new(), vectors: flat() };
        Self {
            packing: Packing::default(),
            gates: flat(),
            extra: flat(),
            h: deep(),
            c: deep(),
            reverse: false,
            scattered: deep(),
            tokens,
        }
    }
}

/// Gives `array` the shape `dim`, keeping its memory where it fits; the content is arbitrary.
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
    /// Makes room for a walk and writes its starting state.
    fn prepare(&mut self, walk: &Walk<A>, start: &State<A>) {
        let (steps, batch) = walk.input.steps_and_batch();
        let hidden = walk.params.hidden();
        self.packing = Packing::new(steps, batch, walk.lengths);
        self.reverse = walk.reverse;
        let rows = self.packing.rows();
        reshape!(self.gates, (rows, walk.cell.gates() * hidden)); // (N, G·H)
        let extra = if matches!(walk.cell, Cell::Lstm | Cell::Gru) { rows } else { 0 };
        reshape!(self.extra, (extra, hidden)); // (N, H)
        let first = if walk.reverse { steps } else { 0 };
        reshape!(self.h, (steps + 1, batch, hidden)); // (T + 1, B, H)
        self.h.index_axis_mut(Axis(0), first).assign(&self.packing.sort(&start.h));
        let slots = if start.c.is_some() { steps + 1 } else { 0 };
        reshape!(self.c, (slots, batch, hidden)); // (T + 1, B, H)
        if let Some(c) = &start.c {
            self.c.index_axis_mut(Axis(0), first).assign(&self.packing.sort(c));
        }
    }

    /// Writes the inputs' part of all pre-activations, W_ih x + b, to `gates`.
    fn project_inputs(&mut self, walk: &Walk<A>) {
        let w = walk.params.weight_ih.t(); // (I, G·H)
        match walk.input {
            Input::Dense(x) if self.packing.is_plain() => {
                let x = flat(&x);
                general_mat_mul(A::one(), &x, &w, A::zero(), &mut self.gates);
            }
            Input::Dense(x) => {
                let x = self.packing.pack(x);
                general_mat_mul(A::one(), &x, &w, A::zero(), &mut self.gates);
            }
            Input::Tokens { ids, table } => {
                self.tokens = Tokens::of(&self.packing, ids, table);
                let projected = self.tokens.vectors.dot(&w); // (distinct, G·H)
                for (mut row, &k) in self.gates.outer_iter_mut().zip(&self.tokens.index) {
                    row.assign(&projected.row(k));
                }
            }
        }
        if let Some(bias) = &walk.params.bias_ih {
            self.gates += bias;
        }
    }

    /// The state before each step, packed, (N, H).
    fn states_before(&self) -> ndarray::CowArray<'_, A, ndarray::Ix2> {
        let (steps, batch, hidden) = (self.h.dim().0 - 1, self.h.dim().1, self.h.dim().2);
        let before = |t| self.h.index_axis(Axis(0), slots(self.reverse, t).0);
        if self.packing.is_plain() {
            let from = usize::from(self.reverse);
            let all = self.h.slice(s![from..from + steps, .., ..]);
            return all
                .into_shape_with_order((steps * batch, hidden))
                .expect("whole slots are contiguous")
                .into();
        }
        let mut packed = Array2::zeros((self.packing.rows(), hidden)); // (N, H)
        self.packing.for_each(|p, t, row| packed.row_mut(p).assign(&before(t).row(row)));
        packed.into()
    }
}

impl<A: Float> Tokens<A> {
    fn of(packing: &Packing, ids: ArrayView2<usize>, table: ArrayView2<A>) -> Self {
        let mut index = vec![0; packing.rows()];
        packing.for_each(|p, t, row| index[p] = ids[[t, packing.sequence(row)]]);
        let mut distinct = index.clone();
        distinct.sort_unstable();
        distinct.dedup();
        for id in &mut index {
            *id = distinct.binary_search(id).expect("every token is among the distinct ones");
        }
        let vectors = table.select(Axis(0), &distinct); // (distinct, I)
        Self { distinct, index, vectors }
    }
}

/// A contiguous (T, B, I) array as (T·B, I); copied where it is not contiguous.
fn flat<'a, A: Float>(x: &'a ArrayView3<'_, A>) -> ndarray::CowArray<'a, A, ndarray::Ix2> {
    let (steps, batch, size) = x.dim();
    x.to_shape((steps * batch, size)).expect("as many elements as before")
}

impl<A: Float> Engine<A> for Fused {
    type Tape = Tape<A>;

    fn forward(walk: &Walk<A>, start: &State<A>, tape: &mut Tape<A>) {
        walk.check(start);
        tape.prepare(walk, start);
        tape.project_inputs(walk);
        for t in walk.order() {
            let (from, to) = slots(walk.reverse, t);
            let rows = tape.packing.step(t);
            let active = rows.len();
            let (before, after) = two_slots(&mut tape.h, from, to);
            let (mut running, mut held) = after.split_at(Axis(0), active);
            held.assign(&before.slice(s![active.., ..]));
            let h_prev = before.slice(s![..active, ..]); // (n_t, H)
            let gates = tape.gates.slice_mut(s![rows.clone(), ..]); // (n_t, G·H)
            match walk.cell {
                Cell::RnnTanh => rnn::forward(A::tanh, walk.params, h_prev, gates, &mut running),
                Cell::RnnRelu => {
                    rnn::forward(crate::activation::relu, walk.params, h_prev, gates, &mut running)
                }
                Cell::Gru => {
                    let v_n = tape.extra.slice_mut(s![rows, ..]); // (n_t, H)
                    gru::forward(walk.params, h_prev, gates, v_n, &mut running);
                }
                Cell::Lstm => {
                    let (c_before, c_after) = two_slots(&mut tape.c, from, to);
                    let (mut c, mut c_held) = c_after.split_at(Axis(0), active);
                    c_held.assign(&c_before.slice(s![active.., ..]));
                    let c_prev = c_before.slice(s![..active, ..]);
                    let tanh_c = tape.extra.slice_mut(s![rows, ..]); // (n_t, H)
                    lstm::forward(walk.params, h_prev, c_prev, gates, tanh_c, &mut c, &mut running);
                }
            }
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
        walk: &Walk<A>,
        tape: &mut Tape<A>,
        d_states: ArrayView3<A>,
        d_last: &State<A>,
        grads: &mut CellParams<A>,
        d_input: InputGradient<A>,
    ) -> State<A> {
        let mut dh = tape.packing.sort(&d_last.h); // (B, H)
        let mut dc = d_last.c.as_ref().map(|dc| tape.packing.sort(dc)); // (B, H)
        // A GRU's gates have two gradients, du of the inputs' part and dv of the state's (G11);
        // the other cells add the two parts up, so there is one.
        let mut dv = (walk.cell == Cell::Gru).then(|| Array2::zeros(tape.gates.dim())); // (N, 3H)
        for t in walk.order().into_iter().rev() {
            let rows = tape.packing.step(t);
            let active = rows.len();
            for (row, mut dh) in dh.outer_iter_mut().take(active).enumerate() {
                dh += &d_states.slice(s![t, tape.packing.sequence(row), ..]); // (R7)
            }
            let (from, to) = slots(walk.reverse, t);
            let h_prev = tape.h.slice(s![from, ..active, ..]);
            let h = tape.h.slice(s![to, ..active, ..]);
            let gates = tape.gates.slice_mut(s![rows.clone(), ..]);
            let dh = dh.slice_mut(s![..active, ..]);
            match walk.cell {
                Cell::RnnTanh => {
                    rnn::backward(crate::activation::tanh_slope, walk.params, h, gates, dh)
                }
                Cell::RnnRelu => {
                    rnn::backward(crate::activation::relu_slope, walk.params, h, gates, dh)
                }
                Cell::Gru => {
                    let v_n = tape.extra.slice(s![rows.clone(), ..]);
                    let dv = dv.as_mut().expect("made above").slice_mut(s![rows, ..]);
                    gru::backward(walk.params, h_prev, v_n, gates, dv, dh);
                }
                Cell::Lstm => {
                    let tanh_c = tape.extra.slice(s![rows, ..]);
                    let c_prev = tape.c.slice(s![from, ..active, ..]);
                    let dc =
                        dc.as_mut().expect("an LSTM's state has c").slice_mut(s![..active, ..]);
                    lstm::backward(walk.params, c_prev, tanh_c, gates, dh, dc);
                }
            }
        }
        let du = tape.gates.view(); // (N, G·H)
        let dv = dv.as_ref().map_or(du, |dv| dv.view());
        add_affine_gradient(
            dv,
            tape.states_before().view(),
            &mut grads.weight_hh,
            &mut grads.bias_hh,
        );
        add_input_gradients(walk, tape, du, grads, d_input);
        State { h: tape.packing.unsort(dh), c: dc.map(|dc| tape.packing.unsort(dc)) }
    }

    fn record(walk: &Walk<A>, tape: &Tape<A>) -> Record<A> {
        let (steps, batch) = walk.input.steps_and_batch();
        let mut gates = Array3::zeros((steps, batch, tape.gates.ncols())); // (T, B, G·H)
        let mut c =
            walk.cell.has_cell_state().then(|| Array3::zeros((steps, batch, walk.params.hidden())));
        let c_after = walk.cell.has_cell_state().then(|| slots_after(&tape.c, tape.reverse));
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

/// Slots `from` (to read) and `to` (to write) of (T + 1, B, H) states.
fn two_slots<A>(
    states: &mut Array3<A>,
    from: usize,
    to: usize,
) -> (ArrayViewMut2<'_, A>, ArrayViewMut2<'_, A>) {
    states.multi_slice_mut((s![from, .., ..], s![to, .., ..]))
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

/// Adds daᵀ · x to a weight's gradient and the sum of da's rows to its bias's, over all N rows.
fn add_affine_gradient<A: Float>(
    da: ArrayView2<A>,
    x: ArrayView2<A>,
    weight: &mut Array2<A>,
    bias: &mut Option<Array1<A>>,
) {
    general_mat_mul(A::one(), &da.t(), &x, A::one(), weight);
    if let Some(bias) = bias {
        *bias += &da.sum_axis(Axis(0));
    }
}

/// Adds what the inputs' part of the pre-activations, whose gradient is `du` (N, G·H), owes to
/// its weights and to the input.
fn add_input_gradients<A: Float>(
    walk: &Walk<A>,
    tape: &Tape<A>,
    du: ArrayView2<A>,
    grads: &mut CellParams<A>,
    d_input: InputGradient<A>,
) {
    let w = &walk.params.weight_ih; // (G·H, I)
    let CellParams { weight_ih: d_weight, bias_ih: d_bias, .. } = grads;
    match (walk.input, d_input) {
        (Input::Dense(x), d_input) => {
            if tape.packing.is_plain() {
                add_affine_gradient(du, flat(&x).view(), d_weight, d_bias);
            } else {
                add_affine_gradient(du, tape.packing.pack(x).view(), d_weight, d_bias);
            }
            match d_input {
                InputGradient::Unused => {}
                InputGradient::Dense(mut dx) => {
                    let packed = du.dot(w); // (N, I)
                    tape.packing.for_each(|p, t, row| {
                        let mut dx = dx.slice_mut(s![t, tape.packing.sequence(row), ..]);
                        dx += &packed.row(p);
                    });
                }
                InputGradient::Table(_) => panic!("a dense input has no table"),
            }
        }
        (Input::Tokens { table, .. }, d_input) => {
            let Tokens { distinct, index, vectors } = &tape.tokens;
            let mut summed = Array2::zeros((distinct.len(), du.ncols())); // (distinct, G·H)
            for (du, &k) in du.outer_iter().zip(index) {
                let mut row = summed.row_mut(k);
                row += &du;
            }
            add_affine_gradient(summed.view(), vectors.view(), d_weight, d_bias);
            match d_input {
                InputGradient::Unused => {}
                InputGradient::Table(d_table) => {
                    d_table.add_tokens(distinct, summed.dot(w).view(), table.nrows())
                }
                InputGradient::Dense(_) => {
                    panic!("tokens have a table's gradient, not a dense one")
                }
            }
        }
    }
}
