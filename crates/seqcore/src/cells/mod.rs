//! One time step of each recurrent cell: **the readable reference**.
//!
//! Each file holds one cell. Its forward step is the equations of a theory chapter, line by
//! line; its backward step stands right below and undoes those lines in reverse order. Nothing
//! here knows of sequences, files or training. [`unroll`] takes a step over a sequence, so that
//! the fast path in [`crate::fused`] can be compared with this one.
//!
//! A batch has one sequence per row. Where a chapter writes W x with a column vector x, the code
//! writes `x · Wᵀ` with a row per sequence.

pub mod gru;
pub mod lstm;
pub mod rnn;
pub mod unroll;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::{Float, named};

/// The recurrent cells of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Elman's network, h = tanh(a) (Elman 1990).
    RnnTanh,
    /// The same with h = relu(a) (Le, Jaitly & Hinton 2015).
    RnnRelu,
    /// Long short-term memory with a forget gate (Hochreiter & Schmidhuber 1997; Gers et al. 2000).
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014), in PyTorch's form.
    Gru,
}

impl Cell {
    /// All of them.
    pub const ALL: [Cell; 4] = [Cell::RnnTanh, Cell::RnnRelu, Cell::Lstm, Cell::Gru];

    /// G: how many blocks of H rows the weights have.
    pub fn gates(self) -> usize {
        match self {
            Cell::RnnTanh | Cell::RnnRelu => 1,
            Cell::Gru => 3,
            Cell::Lstm => 4,
        }
    }

    /// Whether the state has a cell state c beside h.
    pub fn has_cell_state(self) -> bool {
        self == Cell::Lstm
    }

    /// The name that people read, such as `LSTM`.
    pub fn label(self) -> &'static str {
        match self {
            Cell::RnnTanh => "RNN",
            Cell::RnnRelu => "RNN (relu)",
            Cell::Lstm => "LSTM",
            Cell::Gru => "GRU",
        }
    }

    /// The name in configurations, fixtures and arguments, such as `rnn_tanh`.
    pub fn name(self) -> &'static str {
        match self {
            Cell::RnnTanh => "rnn_tanh",
            Cell::RnnRelu => "rnn_relu",
            Cell::Lstm => "lstm",
            Cell::Gru => "gru",
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Cell {
    type Err = String;

    /// `rnn` alone means `rnn_tanh`.
    fn from_str(s: &str) -> Result<Self, String> {
        let name = if s == "rnn" { "rnn_tanh" } else { s };
        Cell::ALL
            .into_iter()
            .find(|cell| cell.name() == name)
            .ok_or_else(|| format!("unknown cell {s:?}: choose rnn, rnn_relu, lstm or gru"))
    }
}

/// The parameters of one cell, with PyTorch's names and shapes; also the type of their gradient.
///
/// The G blocks of H rows are ordered `i, f, g, o` in an LSTM and `r, z, n` in a GRU.
#[derive(Debug, Clone, PartialEq)]
pub struct CellParams<A> {
    /// From the input, (G·H, I).
    pub weight_ih: Array2<A>,
    /// From the previous state, (G·H, H).
    pub weight_hh: Array2<A>,
    /// Added to the input's part, (G·H).
    pub bias_ih: Option<Array1<A>>,
    /// Added to the state's part, (G·H).
    pub bias_hh: Option<Array1<A>>,
}

named!(CellParams { weight_ih, weight_hh, bias_ih, bias_hh });

impl<A: Float> CellParams<A> {
    /// All zeros: where a gradient starts.
    pub fn zeros(cell: Cell, input: usize, hidden: usize, bias: bool) -> Self {
        let rows = cell.gates() * hidden;
        Self {
            weight_ih: Array2::zeros((rows, input)),
            weight_hh: Array2::zeros((rows, hidden)),
            bias_ih: bias.then(|| Array1::zeros(rows)),
            bias_hh: bias.then(|| Array1::zeros(rows)),
        }
    }

    /// H.
    pub fn hidden(&self) -> usize {
        self.weight_hh.ncols()
    }

    /// I.
    pub fn input(&self) -> usize {
        self.weight_ih.ncols()
    }
}

/// What a cell carries from one step to the next; also the type of its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct State<A> {
    /// Hidden state, (B, H).
    pub h: Array2<A>,
    /// Cell state, (B, H); only an LSTM has one.
    pub c: Option<Array2<A>>,
}

named!(State { h, c });

impl<A: Float> State<A> {
    /// The state before anything was read.
    pub fn zeros(cell: Cell, batch: usize, hidden: usize) -> Self {
        Self {
            h: Array2::zeros((batch, hidden)),
            c: cell.has_cell_state().then(|| Array2::zeros((batch, hidden))),
        }
    }

    /// The cell state of an LSTM; panics for a cell that has none.
    pub fn cell_state(&self) -> &Array2<A> {
        self.c.as_ref().expect("an LSTM's state has a cell state c")
    }
}

/// `x · Wᵀ + b`, a row per sequence: the part of a pre-activation that comes from `x`.
fn affine<A: Float>(x: ArrayView2<A>, weight: &Array2<A>, bias: &Option<Array1<A>>) -> Array2<A> {
    let a = x.dot(&weight.t());
    match bias {
        Some(bias) => a + bias,
        None => a,
    }
}

/// Adds what [`affine`] owes to its weight and bias, given the gradient `da` of its result.
fn add_affine_gradient<A: Float>(
    da: &Array2<A>,
    x: &Array2<A>,
    weight: &mut Array2<A>,
    bias: &mut Option<Array1<A>>,
) {
    *weight += &da.t().dot(x);
    if let Some(bias) = bias {
        *bias += &da.sum_axis(Axis(0));
    }
}
