//! Part *gates*: a GRU step by step.
//!
//! ```text
//! (G2)  r = σ(W_ir x + b_ir + W_hr h + b_hr)            reset: how much of the past the candidate sees
//! (G3)  z = σ(W_iz x + b_iz + W_hz h + b_hz)            update: how much of the past stays
//! (G4)  n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))   candidate
//! (G5)  h' = (1 − z) ⊙ n + z ⊙ h
//! ```
//!
//! Two forms are in use. Cho et al. (2014) reset the state *before* the product, n = tanh(W_in x +
//! W_hn (r ⊙ h) + b); PyTorch, cuDNN and Keras' default reset *after* it, as above, so that one
//! product with h serves all three blocks. The weights of one form give other numbers in the other.

use lesson::Lesson;
use lesson::plot::Table;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, array, concatenate, s};
use seqcore::activation::sigmoid;
use seqcore::cells::gru::{self, Tape};
use seqcore::cells::{Cell, CellParams};
use seqcore::params::Named;

/// Two units that read vectors of two numbers.
pub fn example() -> CellParams<f64> {
    CellParams {
        weight_ih: array![
            [0.5, -0.3],
            [0.2, 0.4],
            [-0.6, 0.1],
            [0.3, 0.7],
            [0.8, -0.5],
            [-0.2, 0.9]
        ],
        weight_hh: array![
            [0.1, 0.2],
            [-0.4, 0.3],
            [0.5, -0.1],
            [0.2, 0.6],
            [0.7, -0.8],
            [0.4, 0.5]
        ],
        bias_ih: Some(array![0.0, 0.1, -0.2, 0.2, 0.1, 0.0]),
        bias_hh: Some(array![0.1, 0.0, 0.3, -0.1, 0.5, -0.4]),
    }
}

/// What they read.
pub fn inputs() -> Array2<f64> {
    array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
}

/// The steps of a GRU over inputs (T, I), from a state of zero.
pub fn steps(params: &CellParams<f64>, inputs: ArrayView2<f64>) -> Vec<Tape<f64>> {
    let mut h = Array2::zeros((1, params.hidden()));
    let step = |x: ArrayView1<f64>| {
        let tape = gru::forward(params, x.insert_axis(Axis(0)), h.view());
        h = tape.h.clone();
        tape
    };
    inputs.outer_iter().map(step).collect()
}

/// The same weights in the form of Cho et al. (2014), reset before the product: the state after each
/// step, (T, H).
pub fn reset_before(params: &CellParams<f64>, inputs: ArrayView2<f64>) -> Array2<f64> {
    let hidden = params.hidden();
    let zero = Array1::zeros(3 * hidden);
    let (bias_ih, bias_hh) =
        (params.bias_ih.as_ref().unwrap_or(&zero), params.bias_hh.as_ref().unwrap_or(&zero));
    let block = |k: usize| k * hidden..(k + 1) * hidden;
    let part = |k: usize, x: ArrayView1<f64>, h: &Array1<f64>| {
        params.weight_ih.slice(s![block(k), ..]).dot(&x)
            + bias_ih.slice(s![block(k)])
            + params.weight_hh.slice(s![block(k), ..]).dot(h)
            + bias_hh.slice(s![block(k)])
    };
    let mut h = Array1::zeros(hidden);
    let mut states = Array2::zeros((inputs.nrows(), hidden)); // (T, H)
    for (x, mut state) in inputs.outer_iter().zip(states.outer_iter_mut()) {
        let r = part(0, x, &h).mapv(sigmoid);
        let z = part(1, x, &h).mapv(sigmoid);
        let n = part(2, x, &(&r * &h)).mapv(f64::tanh);
        h = z.mapv(|z| 1.0 - z) * n + &z * &h;
        state.assign(&h);
    }
    states
}

/// A Keras GRU's weights in PyTorch's layout. Keras keeps `kernel` (I, 3H), `recurrent_kernel`
/// (H, 3H) and `bias` (2, 3H) with blocks z, r, n; PyTorch transposes them and orders r, z, n. It
/// must be a layer with `reset_after=True`, the default; the other form has one bias, (3H), and no
/// equal here.
pub fn from_keras(
    kernel: ArrayView2<f64>,
    recurrent_kernel: ArrayView2<f64>,
    bias: ArrayView2<f64>,
) -> CellParams<f64> {
    let hidden = recurrent_kernel.nrows();
    let reorder = |rows: ArrayView2<f64>| {
        let block = |k: usize| rows.slice(s![k * hidden..(k + 1) * hidden, ..]);
        concatenate![Axis(0), block(1), block(0), block(2)]
    };
    let vector = |row: usize| {
        let column = bias.row(row).insert_axis(Axis(1));
        reorder(column).remove_axis(Axis(1))
    };
    CellParams {
        weight_ih: reorder(kernel.t()),
        weight_hh: reorder(recurrent_kernel.t()),
        bias_ih: Some(vector(0)),
        bias_hh: Some(vector(1)),
    }
}

/// What a step of a cell costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Which cell.
    pub cell: Cell,
    /// Its parameters.
    pub parameters: usize,
    /// Multiplications and additions of its products in a forward step, for one sequence.
    pub flops: usize,
    /// Numbers that go from step to step.
    pub state: usize,
}

/// The costs of the three cells for inputs of size `input` and `hidden` units.
pub fn costs(input: usize, hidden: usize) -> Vec<Cost> {
    let cost = |cell: Cell| Cost {
        cell,
        parameters: CellParams::<f32>::zeros(cell, input, hidden, true).count(),
        flops: 2 * cell.gates() * hidden * (input + hidden),
        state: if cell.has_cell_state() { 2 * hidden } else { hidden },
    };
    [Cell::RnnTanh, Cell::Gru, Cell::Lstm].map(cost).to_vec()
}

/// Runs the part.
pub fn run(lesson: &mut Lesson) {
    lesson.heading("1 · A GRU, gate by gate");
    let (params, x) = (example(), inputs());
    lesson.say(
        "Two units read three vectors. At each step the reset gate r decides how much of the old state the candidate n may \
         see, and the update gate z how much of the old state stays: h' = (1 − z) n + z h, a mean of old and new. \
         Nothing is added up without end, so a GRU needs no second state.",
    );
    let all = steps(&params, x.view());
    for (t, (step, x)) in all.iter().zip(x.outer_iter()).enumerate() {
        lesson.preformatted(&format!(
            "step {}   x = {}\n  r  reset      {}   (G2)\n  z  update     {}   (G3)\n  n  candidate  {}   (G4)\n  \
             h' new state  {}   (G5)",
            t + 1,
            vector(x),
            vector(step.r.row(0)),
            vector(step.z.row(0)),
            vector(step.n.row(0)),
            vector(step.h.row(0)),
        ));
    }
    let last = &all[2];
    lesson.say(&format!(
        "By hand, the first unit of the last step: z = {:.4}, so h' = {:.4} · {:.4} + {:.4} · {:.4} = {:.4}. A unit with z \
         near 1 keeps its state and passes its gradient on undiminished; that is how a GRU remembers.",
        last.z[[0, 0]],
        1.0 - last.z[[0, 0]],
        last.n[[0, 0]],
        last.z[[0, 0]],
        last.h_prev[[0, 0]],
        last.h[[0, 0]],
    ));
    lesson.subheading("Reset before or after the product");
    let before = reset_before(&params, x.view());
    let mut table =
        Table::new(["step", "after (PyTorch, Keras' default)", "before (Cho et al. 2014)"])
            .caption("The state after each step; the same weights in both forms.");
    for (t, step) in all.iter().enumerate() {
        table.push([(t + 1).to_string(), vector(step.h.row(0)), vector(before.row(t))]);
    }
    lesson.table(&table);
    let gap = (&before.row(2) - &last.h.row(0)).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
    lesson.number("gates.reset_gap", gap);
    lesson.number("gates.h_last_0", last.h[[0, 0]]);
    lesson.number("gates.h_last_1", last.h[[0, 1]]);
    lesson.say(&format!(
        "After three steps the two differ by {gap:.4}. The first step agrees but for the bias b_hn, which reset-after puts \
         inside the gate: r ⊙ (W_hn h + b_hn). So weights cannot be carried from one form to the other.\n\nEven \
         between PyTorch and Keras' default, which compute the same, the files differ: Keras stores (in, 3H) with blocks \
         z, r, n and both biases in one array, PyTorch (3H, in) with r, z, n. Who copies without reordering gets a \
         network that runs and is wrong. `gates::from_keras` does it right."
    ));
    lesson.subheading("What a cell costs");
    let (input, hidden) = (128, 128);
    let costs = costs(input, hidden);
    let mut table = Table::new(["cell", "parameters", "FLOPs a step", "against RNN", "state"])
        .caption(format!("Inputs of {input}, {hidden} units, with both biases."));
    for cost in &costs {
        table.push([
            cost.cell.label().to_owned(),
            cost.parameters.to_string(),
            cost.flops.to_string(),
            format!("{} x", cost.flops / costs[0].flops),
            cost.state.to_string(),
        ]);
        lesson.number(
            &format!("gates.parameters_{}", cost.cell.label().to_lowercase()),
            cost.parameters as f64,
        );
    }
    lesson.table(&table);
    lesson.say(
        "A GRU costs three quarters of an LSTM with as many units. At equal cost it may have more units; which of the two \
         is better then is a question for an experiment with several seeds, not for a table.",
    );
}

/// A vector in brackets.
fn vector(v: ArrayView1<f64>) -> String {
    let numbers: Vec<String> = v.iter().map(|v| format!("{v:7.4}")).collect();
    format!("[{}]", numbers.join(" "))
}
