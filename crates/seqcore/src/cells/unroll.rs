//! A cell unrolled over a sequence, one step after the other: the reference that the fast path is
//! compared with. Backpropagation through time goes over the same steps in the other direction.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, concatenate, s};

use super::rnn::Nonlinearity;
use super::{Cell, CellParams, State, gru, lstm, rnn};
use crate::Float;
use crate::sequence::{Engine, Input, InputGradient, Record, Unroll};

/// The tape of one step, whichever the cell.
#[derive(Debug, Clone)]
pub enum StepTape<A> {
    /// A plain cell.
    Rnn(Nonlinearity, rnn::Tape<A>),
    /// An LSTM.
    Lstm(lstm::Tape<A>),
    /// A GRU.
    Gru(gru::Tape<A>),
}

/// One step forward of any cell: `x` (B, I).
pub fn step<A: Float>(
    cell: Cell,
    p: &CellParams<A>,
    x: ArrayView2<A>,
    prev: &State<A>,
) -> (State<A>, StepTape<A>) {
    let plain = |f| {
        let tape = rnn::forward(f, p, x, prev.h.view());
        (State { h: tape.h.clone(), c: None }, StepTape::Rnn(f, tape))
    };
    match cell {
        Cell::RnnTanh => plain(Nonlinearity::Tanh),
        Cell::RnnRelu => plain(Nonlinearity::Relu),
        Cell::Lstm => {
            let tape = lstm::forward(p, x, prev);
            (State { h: tape.h.clone(), c: Some(tape.c.clone()) }, StepTape::Lstm(tape))
        }
        Cell::Gru => {
            let tape = gru::forward(p, x, prev.h.view());
            (State { h: tape.h.clone(), c: None }, StepTape::Gru(tape))
        }
    }
}

/// One step backward of any cell: `d` is the gradient of the new state. Adds to `grads` and
/// returns `dx` (B, I) and the gradient of the state before.
pub fn step_backward<A: Float>(
    p: &CellParams<A>,
    tape: &StepTape<A>,
    d: &State<A>,
    grads: &mut CellParams<A>,
) -> (Array2<A>, State<A>) {
    let without_c = |(dx, h)| (dx, State { h, c: None });
    match tape {
        StepTape::Rnn(f, tape) => without_c(rnn::backward(*f, p, tape, d.h.view(), grads)),
        StepTape::Lstm(tape) => lstm::backward(p, tape, d, grads),
        StepTape::Gru(tape) => without_c(gru::backward(p, tape, d.h.view(), grads)),
    }
}

/// The reference engine.
#[derive(Debug)]
pub struct Reference;

/// What [`Reference`] keeps of a unroll.
#[derive(Debug)]
pub struct Tape<A> {
    steps: Vec<StepTape<A>>, // in the order in which they were made
    states: Array3<A>,       // (T, B, H), in order of time
    last: State<A>,
}

impl<A: Float> Default for Tape<A> {
    fn default() -> Self {
        let last = State { h: Array2::zeros((0, 0)), c: None };
        Self { steps: Vec::new(), states: Array3::zeros((0, 0, 0)), last }
    }
}

/// The input of step `t`, (B, I); zero where the sequence has no such step.
fn input_at<A: Float>(unroll: &Unroll<A>, t: usize) -> Array2<A> {
    let mut x = match unroll.input {
        Input::Dense(x) => x.index_axis(Axis(0), t).to_owned(),
        Input::Tokens { ids, table } => table.select(Axis(0), &ids.row(t).to_vec()),
    };
    for b in (0..x.nrows()).filter(|&b| !unroll.active(t, b)) {
        x.row_mut(b).fill(A::zero());
    }
    x
}

/// Copies into `to` the rows of `from` whose sequence has no step `t`: their state is held.
fn hold<A: Float>(unroll: &Unroll<A>, t: usize, from: &State<A>, to: &mut State<A>) {
    for b in (0..from.h.nrows()).filter(|&b| !unroll.active(t, b)) {
        to.h.row_mut(b).assign(&from.h.row(b));
        if let (Some(to), Some(from)) = (&mut to.c, &from.c) {
            to.row_mut(b).assign(&from.row(b));
        }
    }
}

impl<A: Float> Engine<A> for Reference {
    type Tape = Tape<A>;

    fn forward(unroll: &Unroll<A>, start: &State<A>, tape: &mut Tape<A>) {
        unroll.check(start);
        let (steps, batch) = unroll.input.steps_and_batch();
        tape.steps.clear();
        tape.states = Array3::zeros((steps, batch, unroll.params.hidden())); // (T, B, H)
        let mut state = start.clone();
        for t in unroll.order() {
            let x = input_at(unroll, t); // (B, I)
            let (mut next, step_tape) = step(unroll.cell, unroll.params, x.view(), &state);
            hold(unroll, t, &state, &mut next);
            tape.states.index_axis_mut(Axis(0), t).assign(&next.h);
            tape.steps.push(step_tape);
            state = next;
        }
        tape.last = state;
    }

    fn states(tape: &Tape<A>) -> ArrayView3<'_, A> {
        tape.states.view()
    }

    fn last(tape: &Tape<A>) -> State<A> {
        tape.last.clone()
    }

    fn backward(
        unroll: &Unroll<A>,
        tape: &mut Tape<A>,
        d_states: ArrayView3<A>,
        d_last: &State<A>,
        grads: &mut CellParams<A>,
        mut d_input: InputGradient<A>,
    ) -> State<A> {
        let mut d = d_last.clone();
        for (t, step_tape) in unroll.order().into_iter().zip(&tape.steps).rev() {
            // What reaches h_t: from the layer above now, and from the next step (R7). Where the
            // sequence is over, the step did nothing: the gradient passes it by.
            let held = d.clone();
            let mut arriving = d;
            for b in 0..arriving.h.nrows() {
                if unroll.active(t, b) {
                    arriving.h.row_mut(b).scaled_add(A::one(), &d_states.slice(s![t, b, ..]));
                } else {
                    arriving.h.row_mut(b).fill(A::zero());
                    arriving.c.iter_mut().for_each(|c| c.row_mut(b).fill(A::zero()));
                }
            }
            let (dx, mut before) = step_backward(unroll.params, step_tape, &arriving, grads);
            hold(unroll, t, &held, &mut before);
            add_input_gradient(unroll, t, dx, &mut d_input);
            d = before;
        }
        d
    }

    fn record(unroll: &Unroll<A>, tape: &Tape<A>) -> Record<A> {
        let (steps, batch) = unroll.input.steps_and_batch();
        let width = unroll.cell.gates() * unroll.params.hidden();
        let mut gates = Array3::zeros((steps, batch, width)); // (T, B, G·H)
        let mut c = unroll.cell.has_cell_state().then(|| Array3::zeros(tape.states.dim()));
        for (t, step) in unroll.order().into_iter().zip(&tape.steps) {
            let values = match step {
                StepTape::Rnn(_, tape) => tape.h.clone(),
                StepTape::Lstm(tape) => concatenate![Axis(1), tape.i, tape.f, tape.g, tape.o],
                StepTape::Gru(tape) => concatenate![Axis(1), tape.r, tape.z, tape.n],
            };
            gates.index_axis_mut(Axis(0), t).assign(&values);
            if let (Some(c), StepTape::Lstm(tape)) = (&mut c, step) {
                c.index_axis_mut(Axis(0), t).assign(&tape.c);
            }
        }
        Record { gates, h: tape.states.clone(), c }
    }
}

/// Adds the gradient of step `t`'s input, `dx` (B, I), to where it belongs.
fn add_input_gradient<A: Float>(
    unroll: &Unroll<A>,
    t: usize,
    dx: Array2<A>,
    d_input: &mut InputGradient<A>,
) {
    match (d_input, &unroll.input) {
        (InputGradient::Unused, _) => {}
        (InputGradient::Dense(d), Input::Dense(_)) => {
            let mut d = d.index_axis_mut(Axis(0), t);
            d += &dx;
        }
        (InputGradient::Table(d), Input::Tokens { ids, table }) => {
            d.add_tokens(&ids.row(t).to_vec(), dx.view(), table.nrows());
        }
        (d_input, input) => panic!("the gradient {d_input:?} does not fit the input {input:?}"),
    }
}
