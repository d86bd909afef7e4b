//! Part 1, **gates**: an LSTM read number by number, and why its cell state keeps gradients.
//!
//! *By hand.* Two units whose weights were not trained but written down. Unit 1 is a switch: it
//! opens at `[` and closes at `]`. Unit 2 counts the letters since the `[`. Both need what a plain RNN
//! has no place for: a value that stays exactly as it is until something says otherwise.
//!
//! *Gradients.* By (L13) the gradient of the cell state goes one step back by a product with the forget
//! gate and nothing else, so over k steps by the product of k gates. A new network's gates are near
//! σ(forget bias): 0.5, 0.73, 0.88 for a bias of 0, 1, 2. Measured here beside that prediction, and
//! beside a plain RNN, on real text.

use lesson::Lesson;
use lesson::plot::{LineChart, Table};
use ndarray::{Array2, ArrayView2, Axis, array, s};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::cells::lstm::{self, Tape};
use seqcore::cells::{Cell, CellParams, State};
use seqcore::init::add_forget_bias;
use seqcore::nn::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::sequence::{Input, InputGradient};

use crate::text::{Level, Material, PLAY};

/// What the network by hand reads.
pub const SENTENCE: &str = "a [bell] rang";

/// The classes of characters that it tells apart, as one-hot vectors (I = 4).
fn class(c: char) -> usize {
    match c {
        '[' => 0,
        ']' => 1,
        c if c.is_alphabetic() => 2,
        _ => 3,
    }
}

/// The two units. Rows: i, f, g, o of each unit; columns: `[`, `]`, letter, other.
pub fn by_hand() -> CellParams<f64> {
    CellParams {
        weight_ih: array![
            [5.0, -5.0, -5.0, -5.0], // i: the switch writes at [ only
            [-5.0, -5.0, 5.0, -5.0], // i: the counter writes at letters
            [-5.0, -5.0, 5.0, 5.0],  // f: the switch forgets at brackets
            [-5.0, -5.0, 5.0, 5.0],  // f: so does the counter
            [3.0, 0.0, 0.0, 0.0],    // g: the switch writes 1
            [0.0, 0.0, 0.25, 0.0],   // g: the counter adds about a quarter
            [5.0, 5.0, 5.0, 5.0],    // o: both show what they hold
            [5.0, 5.0, 5.0, 5.0],
        ],
        weight_hh: array![
            [0.0, 0.0],
            [10.0, 0.0], // i: the counter counts only while the switch is on
            [0.0, 0.0],
            [0.0, 0.0],
            [0.0, 0.0],
            [0.0, 0.0],
            [0.0, 0.0],
            [0.0, 0.0],
        ],
        bias_ih: Some(array![0.0, -7.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        bias_hh: None,
    }
}

/// Reads [`SENTENCE`], a tape for each character.
pub fn read_by_hand() -> Vec<Tape<f64>> {
    let params = by_hand();
    let mut state = State { h: Array2::zeros((1, 2)), c: Some(Array2::zeros((1, 2))) }; // (B, H)
    let mut tapes = Vec::new();
    for c in SENTENCE.chars() {
        let mut x = Array2::zeros((1, 4)); // (B, I), one-hot
        x[[0, class(c)]] = 1.0;
        let tape = lstm::forward(&params, x.view(), &state); // (L1) to (L7)
        state = State { h: tape.h.clone(), c: Some(tape.c.clone()) };
        tapes.push(tape);
    }
    tapes
}

/// A network whose gradient's reach is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    /// In tables.
    pub name: &'static str,
    /// In `metrics.json`.
    pub key: &'static str,
    /// Its cell.
    pub cell: Cell,
    /// Added to the LSTM's forget bias.
    pub forget_bias: f64,
}

/// The networks that are compared.
pub const NETWORKS: [Network; 4] = [
    Network { name: "RNN", key: "rnn", cell: Cell::RnnTanh, forget_bias: 0.0 },
    Network { name: "LSTM, bias 0", key: "lstm_0", cell: Cell::Lstm, forget_bias: 0.0 },
    Network { name: "LSTM, bias 1", key: "lstm_1", cell: Cell::Lstm, forget_bias: 1.0 },
    Network { name: "LSTM, bias 2", key: "lstm_2", cell: Cell::Lstm, forget_bias: 2.0 },
];

/// The distances that are measured.
pub const DISTANCES: [usize; 9] = [1, 2, 4, 8, 16, 24, 32, 48, 64];

/// How a gradient fades in one network.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Which.
    pub network: Network,
    /// At each of [`DISTANCES`]: ‖gradient k steps before‖ / ‖gradient at the end‖. Of the cell state
    /// in an LSTM, of the hidden state in an RNN; the mean over sequences.
    pub measured: Vec<f64>,
    /// The product of the forget gates on the way, for an LSTM: the root mean square over the units.
    pub gates: Option<Vec<f64>>,
}

/// Measures new networks of `hidden` units on real text.
pub fn reach(network: Network, hidden: usize, seed: u64) -> Reach {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let material = Material::new(PLAY, Level::Char, 0).expect("the play is long enough");
    let vocabulary = material.vocabulary.size();
    let embedding = seqcore::init::normal::<f64, _>((vocabulary, hidden), rng); // (V, E)
    let mut layers: Recurrent<f64> =
        Recurrent::new(RecurrentConfig::new(network.cell, hidden, hidden), rng);
    if let (Cell::Lstm, Some(bias)) = (network.cell, &mut layers.cells[0].bias_ih) {
        add_forget_bias(bias, network.forget_bias);
    }
    // Windows of text: the first half gives each a state to start from.
    let (batch, warm, longest) = (16, 64, 64);
    let room = material.test.len() - warm - longest;
    let ids = Array2::from_shape_fn((warm + longest, batch), |(t, b)| {
        material.test[b * room / batch + t]
    }); // (T, B)
    let d_end: Array2<f64> = unit_rows(batch, hidden, rng); // (B, H)
    let walk = |from: usize, to: usize, start: &LayerState<f64>| {
        let mut tape: RecurrentTape<f64> = RecurrentTape::default();
        let ids = ids.slice(s![from..to, ..]);
        layers.forward(
            Input::Tokens { ids, table: embedding.view() },
            None,
            start,
            None,
            &mut tape,
        );
        tape
    };
    let zero = LayerState::zeros(&layers.config, batch);
    let end = warm + longest;
    let mut measured = Vec::new();
    let mut gates = Vec::new();
    for k in DISTANCES {
        let start = walk(0, end - k, &zero).last().clone();
        let mut tape = walk(end - k, end, &start);
        let input = Input::Tokens { ids: ids.slice(s![end - k..end, ..]), table: embedding.view() };
        if network.cell == Cell::Lstm {
            let forget =
                layers.record(0, input, &tape).gates.slice_move(s![.., .., hidden..2 * hidden]); // (k, B, H)
            let product = forget.fold_axis(Axis(0), 1.0, |product, f| product * f); // (B, H)
            gates.push(
                (&product * &d_end)
                    .mapv(|v| v * v)
                    .sum_axis(Axis(1))
                    .mapv(f64::sqrt)
                    .mean()
                    .unwrap_or(0.0),
            );
        }
        let mut d_last = LayerState::zeros(&layers.config, batch);
        match &mut d_last.c {
            Some(dc) => dc.index_axis_mut(Axis(0), 0).assign(&d_end),
            None => d_last.h.index_axis_mut(Axis(0), 0).assign(&d_end),
        }
        let nothing = ndarray::Array3::zeros((k, batch, hidden)); // (T, B, H)
        let mut grads = Recurrent::zeros(layers.config);
        let d_start = layers.backward(
            input,
            &mut tape,
            nothing.view(),
            Some(&d_last),
            &mut grads,
            InputGradient::Unused,
        );
        let d_start = d_start.c.as_ref().unwrap_or(&d_start.h);
        measured.push(mean_norm(d_start.index_axis(Axis(0), 0)));
    }
    Reach { network, measured, gates: (network.cell == Cell::Lstm).then_some(gates) }
}

/// The mean length of the rows of `d` (B, H).
fn mean_norm(d: ArrayView2<f64>) -> f64 {
    d.rows().into_iter().map(|row| row.dot(&row).sqrt()).sum::<f64>() / d.nrows() as f64
}

/// `rows` random directions, rows of length 1.
fn unit_rows(rows: usize, columns: usize, rng: &mut impl Rng) -> Array2<f64> {
    let mut d: Array2<f64> = seqcore::init::normal((rows, columns), rng); // (B, H)
    for mut row in d.rows_mut() {
        let norm = row.dot(&row).sqrt();
        row /= norm;
    }
    d
}

/// Runs the part.
pub fn run(lesson: &mut Lesson, seed: u64, full: bool) {
    lesson.heading("1 · Gates: what a cell writes, keeps and shows");
    show_by_hand(lesson);
    show_reach(lesson, seed, if full { 128 } else { 64 });
}

fn show_by_hand(lesson: &mut Lesson) {
    lesson.subheading("Two units, written by hand");
    lesson.say(
        "An LSTM has a second state, c. At each step the forget gate f says how much of c stays, the input gate i \
         how much of the candidate g is added (L6), and the output gate o how much of tanh(c) is shown as h (L7). \
         Here are two units whose weights were written down, not trained: unit 1 is a switch that is on between \
         brackets, unit 2 counts the letters there, a quarter each.",
    );
    let mut table = Table::new([
        "reads", "i1", "f1", "g1", "c1", "h1", "i2", "f2", "g2", "c2", "h2",
    ])
    .caption(
        "Each row is one step. f near 1 keeps c to the digit; at a bracket f is near 0 and the past is gone. The \
         counter's input gate hears the switch through W_hh: outside of brackets letters do not count.",
    );
    let tapes = read_by_hand();
    for (c, tape) in SENTENCE.chars().zip(&tapes) {
        let number = |a: &Array2<f64>, unit: usize| format!("{:.2}", a[[0, unit]] + 0.0);
        let mut row = vec![if c == ' ' { "␣".to_owned() } else { c.to_string() }];
        for unit in 0..2 {
            row.extend([&tape.i, &tape.f, &tape.g, &tape.c, &tape.h].map(|a| number(a, unit)));
        }
        table.push(row);
    }
    lesson.table(&table);
    let (start, end) = (SENTENCE.find('['), SENTENCE.find(']'));
    let between = start.zip(end).expect("the sentence has brackets");
    let letters = SENTENCE[between.0..between.1].chars().filter(|c| c.is_alphabetic()).count();
    let inside = &tapes[between.1 - 1];
    let after = &tapes[tapes.len() - 1];
    lesson.say(&format!(
        "Before the bracket closes the counter holds {:.3}: {letters} letters of {:.3} each, less the little that leaks. \
         Then both forget. A plain RNN computes h = tanh(...) anew at each step, so it can hold a \
         number only by computing it again and again; an LSTM holds it by leaving it alone.",
        inside.c[[0, 1]],
        0.25f64.tanh(),
    ));
    lesson.number("gates.count_inside", inside.c[[0, 1]]);
    lesson.number("gates.switch_inside", inside.c[[0, 0]]);
    lesson.number("gates.switch_after", after.c[[0, 0]]);
}

fn show_reach(lesson: &mut Lesson, seed: u64, hidden: usize) {
    lesson.subheading("Why the cell state keeps gradients");
    lesson.say(&format!(
        "Backwards the same holds: dc_{{t-1}} = dc_t ⊙ f (L13). No weight matrix stands between two cell states. \
         New networks of {hidden} units read the play; a gradient of length 1 is put on the last state, and its length \
         is measured k steps before. For the LSTMs the table shows beside it what the product of the forget \
         gates alone would leave.",
    ));
    let networks: Vec<usize> = (0..NETWORKS.len()).collect();
    let reaches = crate::loss::in_parallel(&networks, |&n| reach(NETWORKS[n], hidden, seed));
    let header: Vec<String> = ["network", "what"]
        .map(str::to_owned)
        .into_iter()
        .chain(DISTANCES.iter().filter(|k| SHOWN.contains(k)).map(|k| format!("k = {k}")))
        .collect();
    let mut table = Table::new(header);
    let mut chart = LineChart::new(
        "How far a gradient reaches",
        "Lines: the length of a gradient over the distance it has gone back; the RNN's falls fastest, an LSTM's the \
         slower the larger its forget bias.",
    )
    .x("distance (steps back)")
    .y("length of the gradient")
    .log_y();
    for reach in &reaches {
        let Reach { network, measured, gates } = reach;
        let mut push = |what: &str, values: &[f64]| {
            let shown = DISTANCES.iter().zip(values).filter(|(k, _)| SHOWN.contains(k));
            let cells = shown.map(|(_, v)| format!("{v:.1e}"));
            table.push([network.name.to_owned(), what.to_owned()].into_iter().chain(cells));
        };
        push("measured", measured);
        if let Some(gates) = gates {
            push("product of f", gates);
        }
        let points: Vec<_> =
            DISTANCES.iter().zip(measured).map(|(&k, &v)| (k as f64, v.max(1e-12))).collect();
        chart = chart.series(network.name, &points);
        let at_32 = DISTANCES.iter().position(|&k| k == 32).expect("32 is measured");
        lesson.number(&format!("gates.reach_32_{}", network.key), measured[at_32]);
        if let Some(gates) = gates {
            lesson.number(&format!("gates.product_32_{}", network.key), gates[at_32]);
        }
    }
    lesson.table(&table);
    lesson.line_chart(&chart);
    let per_step = |values: &[f64]| (values[6] / values[3]).powf(1.0 / 24.0);
    let [rnn, zero, one, two] = [0, 1, 2, 3].map(|n| per_step(&reaches[n].measured));
    let [gates_zero, gates_one, gates_two] =
        [1, 2, 3].map(|n| reaches[n].gates.as_deref().map_or(0.0, per_step));
    lesson.say(&format!(
        "What is left of a gradient after each step, from 8 to 32 steps back: RNN {rnn:.2}; LSTM {zero:.2}, {one:.2} \
         and {two:.2} for a forget bias of 0, 1 and 2. The gates alone would leave {gates_zero:.2}, {gates_one:.2} and \
         {gates_two:.2}: the rest goes round through h and W_hh. An average gate is σ(0) = 0.50, σ(1) = 0.73 or \
         σ(2) = 0.88; over many steps the gradient lives on in the units whose gates are widest open. So a new \
         LSTM's memory is its forget bias, one number; training does the rest.",
    ));
}

/// The distances of the table.
const SHOWN: [usize; 5] = [1, 4, 16, 32, 64];
