//! One cell unrolled over one batch of sequences, in one direction: what is asked of an engine.
//!
//! Two engines answer: [`cells::unroll`](crate::cells::unroll), the readable reference, and
//! [`fused`](crate::fused), the fast one. They take the same [`Unroll`] and must give the same
//! numbers; the parity tests hold both against PyTorch.
//!
//! **Lengths** mean what `pack_padded_sequence` means in PyTorch. A sequence of length n is over
//! after n steps: its state is held from there on, and the reverse direction starts at its own
//! end. What stands behind the end is never read.

use ndarray::{Array3, ArrayView2, ArrayView3, ArrayViewMut3};

use crate::Float;
use crate::cells::{Cell, CellParams, State};
use crate::params::EmbeddingGradient;

/// What is read.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a, A> {
    /// Vectors, (T, B, I).
    Dense(ArrayView3<'a, A>),
    /// Rows of a table, by number. The same as `Dense` of the looked-up rows, but each distinct
    /// token is multiplied with the weights once, not once for every place it stands in.
    Tokens {
        /// Which row, (T, B); each below V.
        ids: ArrayView2<'a, usize>,
        /// The vectors, (V, I).
        table: ArrayView2<'a, A>,
    },
}

impl<A: Float> Input<'_, A> {
    /// (T, B).
    pub fn steps_and_batch(&self) -> (usize, usize) {
        match self {
            Input::Dense(x) => (x.dim().0, x.dim().1),
            Input::Tokens { ids, .. } => ids.dim(),
        }
    }

    /// The same input, borrowed from this one.
    pub fn reborrow(&self) -> Input<'_, A> {
        match self {
            Input::Dense(x) => Input::Dense(x.view()),
            Input::Tokens { ids, table } => Input::Tokens { ids: ids.view(), table: table.view() },
        }
    }

    /// I.
    pub fn size(&self) -> usize {
        match self {
            Input::Dense(x) => x.dim().2,
            Input::Tokens { table, .. } => table.ncols(),
        }
    }
}

/// Where the gradient of the input goes. It is added to what is there.
#[derive(Debug)]
pub enum InputGradient<'a, A> {
    /// Nobody needs it.
    Unused,
    /// For a dense input: (T, B, I).
    Dense(ArrayViewMut3<'a, A>),
    /// For tokens: the gradient of the table.
    Table(&'a mut EmbeddingGradient<A>),
}

impl<A: Float> InputGradient<'_, A> {
    /// The same destination, lent out.
    pub fn reborrow(&mut self) -> InputGradient<'_, A> {
        match self {
            InputGradient::Unused => InputGradient::Unused,
            InputGradient::Dense(d) => InputGradient::Dense(d.view_mut()),
            InputGradient::Table(d) => InputGradient::Table(d),
        }
    }
}

/// A cell, its parameters and the sequences to unroll it over.
#[derive(Debug, Clone, Copy)]
pub struct Unroll<'a, A> {
    /// Which cell.
    pub cell: Cell,
    /// Its parameters.
    pub params: &'a CellParams<A>,
    /// The sequences.
    pub input: Input<'a, A>,
    /// The length of each sequence, each between 1 and T; `None` where all have T steps.
    pub lengths: Option<&'a [usize]>,
    /// Whether to begin at the end.
    pub reverse: bool,
}

impl<A: Float> Unroll<'_, A> {
    /// Asserts that input, lengths and starting state fit each other and the parameters.
    pub fn check(&self, start: &State<A>) {
        let (steps, batch) = self.input.steps_and_batch();
        let hidden = self.params.hidden();
        assert!(
            steps > 0 && batch > 0,
            "a batch needs steps and sequences, not ({steps}, {batch})"
        );
        assert_eq!(
            self.input.size(),
            self.params.input(),
            "input size against weight_ih's columns"
        );
        assert_eq!(start.h.dim(), (batch, hidden), "h before the first step against (B, H)");
        assert_eq!(start.c.is_some(), self.cell.has_cell_state(), "only an LSTM has a cell state");
        if let Some(lengths) = self.lengths {
            assert_eq!(lengths.len(), batch, "as many lengths as sequences");
            assert!(
                lengths.iter().all(|n| (1..=steps).contains(n)),
                "lengths between 1 and {steps}, not {lengths:?}"
            );
        }
        if let Input::Tokens { ids, table } = &self.input {
            let rows = table.nrows();
            assert!(ids.iter().all(|&id| id < rows), "token ids below the table's {rows} rows");
        }
    }

    /// The time steps in the order in which they are made.
    pub fn order(&self) -> Vec<usize> {
        let (steps, _) = self.input.steps_and_batch();
        if self.reverse { (0..steps).rev().collect() } else { (0..steps).collect() }
    }

    /// Whether sequence `b` has a step `t`.
    pub fn active(&self, t: usize, b: usize) -> bool {
        self.lengths.is_none_or(|lengths| t < lengths[b])
    }
}

/// What happened inside a cell at every step, for lessons that show it.
#[derive(Debug, Clone)]
pub struct Record<A> {
    /// The gates' values, (T, B, G·H), blocks in the cell's order (see [`CellParams`]); for a
    /// plain cell the new state itself.
    pub gates: Array3<A>,
    /// Hidden state after each step, (T, B, H).
    pub h: Array3<A>,
    /// Cell state after each step, (T, B, H), for an LSTM.
    pub c: Option<Array3<A>>,
}

/// A way to compute an [`Unroll`].
pub trait Engine<A: Float> {
    /// What forward leaves for backward. It may be used again for the next batch, of any shape.
    type Tape: Default + Send + std::fmt::Debug;

    /// Hands on memory that means nothing between two passes, so that stacked layers share it.
    fn hand_on(_from: &mut Self::Tape, _to: &mut Self::Tape) {}

    /// Unrolls the cell from `start`; the results are on the tape.
    fn forward(unroll: &Unroll<A>, start: &State<A>, tape: &mut Self::Tape);

    /// The hidden state after each step, in order of time, (T, B, H). Behind a sequence's end it
    /// is the held state; the caller zeroes what it shows of it.
    fn states(tape: &Self::Tape) -> ArrayView3<'_, A>;

    /// The state after the last step that each sequence has.
    fn last(tape: &Self::Tape) -> State<A>;

    /// Goes back over the steps that `tape` holds. `d_states` (T, B, H) is the gradient of
    /// [`Engine::states`] and ignored behind a sequence's end, `d_last` that of [`Engine::last`].
    /// Adds to `grads` and `d_input`, and returns the gradient of the starting state.
    fn backward(
        unroll: &Unroll<A>,
        tape: &mut Self::Tape,
        d_states: ArrayView3<A>,
        d_last: &State<A>,
        grads: &mut CellParams<A>,
        d_input: InputGradient<A>,
    ) -> State<A>;

    /// What the cell did at each step that `tape` holds.
    fn record(unroll: &Unroll<A>, tape: &Self::Tape) -> Record<A>;
}
