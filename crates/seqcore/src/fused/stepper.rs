//! One step of one sequence, again and again: what generation needs. The weights are packed once.

use ndarray::{Array2, ArrayView2};

use super::{CONTIGUOUS, gru, lstm, nonlinearity, rnn};
use crate::Float;
use crate::cells::{Cell, CellParams, State};
use crate::gemm::{Output, Packed, multiply};

/// A cell with packed weights, for a batch of one.
#[derive(Debug)]
pub struct Stepper<A> {
    cell: Cell,
    hidden: usize,
    weight_ih: Packed<A>,
    weight_hh: Packed<A>,
    /// What is added to the inputs' part, (G·H).
    bias: Vec<A>,
    /// What is added to the state's part of a GRU, (3H).
    bias_hh: Vec<A>,
    /// Memory: gates (G·H), a GRU's v (3H), tanh(c) or v_n (H), the state before (H) each.
    gates: Vec<A>,
    v: Vec<A>,
    extra: Vec<A>,
    before: State<A>,
}

impl<A: Float> Stepper<A> {
    /// Packs the weights of a cell.
    pub fn new(cell: Cell, params: &CellParams<A>) -> Self {
        let hidden = params.hidden();
        let width = cell.gates() * hidden;
        let vector = |bias: &Option<ndarray::Array1<A>>| {
            bias.as_ref().map_or(vec![A::zero(); width], |b| b.to_vec())
        };
        let (mut bias, bias_hh) = (vector(&params.bias_ih), vector(&params.bias_hh));
        if cell != Cell::Gru {
            bias.iter_mut().zip(&bias_hh).for_each(|(b, &other)| *b += other);
        }
        let (mut weight_ih, mut weight_hh) = (Packed::default(), Packed::default());
        weight_ih.pack(params.weight_ih.t());
        weight_hh.pack(params.weight_hh.t());
        let zeros = |n: usize| vec![A::zero(); n];
        let before = State::zeros(cell, 1, hidden);
        let (gates, v, extra) = (zeros(width), zeros(width), zeros(hidden));
        Self { cell, hidden, weight_ih, weight_hh, bias, bias_hh, gates, v, extra, before }
    }

    /// The inputs' part of the pre-activations, W_ih x + b, of each row of `x` (N, I): (N, G·H).
    pub fn project(&mut self, x: ArrayView2<A>) -> Array2<A> {
        let x = x.as_standard_layout();
        let mut rows = Array2::zeros((x.nrows(), self.bias.len())); // (N, G·H)
        rows.outer_iter_mut().for_each(|mut row| row.assign(&ndarray::aview1(&self.bias)));
        let (x, to) = (x.as_slice().expect(CONTIGUOUS), rows.as_slice_mut().expect(CONTIGUOUS));
        multiply(x, &self.weight_ih, to, Output::Add);
        rows
    }

    /// One step whose input's part is known, `projected` (G·H); `state` (1, H) is replaced.
    pub fn step(&mut self, projected: &[A], state: &mut State<A>) {
        self.gates.copy_from_slice(projected);
        self.advance(state);
    }

    /// One step with input `x` (I); `state` (1, H) is replaced.
    pub fn project_and_step(&mut self, x: &[A], state: &mut State<A>) {
        self.gates.copy_from_slice(&self.bias);
        multiply(x, &self.weight_ih, &mut self.gates, Output::Add);
        self.advance(state);
    }

    /// From the inputs' part, in `gates`, to the new state.
    fn advance(&mut self, state: &mut State<A>) {
        std::mem::swap(&mut self.before, state);
        let Self { cell, hidden, weight_hh, bias_hh, gates, v, extra, before, .. } = self;
        let hidden = *hidden;
        let h_prev = before.h.as_slice().expect(CONTIGUOUS);
        let h = state.h.as_slice_mut().expect(CONTIGUOUS);
        match cell {
            Cell::RnnTanh | Cell::RnnRelu => {
                multiply(h_prev, weight_hh, gates, Output::Add);
                A::rnn_forward(rnn::Forward { f: nonlinearity(*cell), gates, h });
            }
            Cell::Gru => {
                v.copy_from_slice(bias_hh);
                multiply(h_prev, weight_hh, v, Output::Add);
                A::gru_forward(gru::Forward { hidden, gates, v, v_n: extra, h_prev, h });
            }
            Cell::Lstm => {
                multiply(h_prev, weight_hh, gates, Output::Add);
                let c_prev = before.cell_state().as_slice().expect(CONTIGUOUS);
                let c = state
                    .c
                    .as_mut()
                    .expect("an LSTM's state has c")
                    .as_slice_mut()
                    .expect(CONTIGUOUS);
                A::lstm_forward(lstm::Forward { hidden, gates, c_prev, c, tanh_c: extra, h });
            }
        }
    }
}
