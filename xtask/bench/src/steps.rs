//! What each transformation of the fast engine gains: the same work done without it and with it, in
//! turn, on one thread. `seqcore/src/fused/mod.rs` explains them and holds the table of what was measured.
//!
//! The work is that of one LSTM layer on one shard of a batch of 64 sequences: T = 64 steps of b = 16
//! sequences, 65 symbols. Where the engine cannot do without a transformation, the kernels that it consists
//! of are measured.

use std::hint::black_box;
use std::time::Instant;

use ndarray::{Array2, Array3};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use seqcore::activation::{Fast, sigmoid};
use seqcore::cells::unroll::Reference;
use seqcore::cells::{Cell, CellParams, State};
use seqcore::fused::Fused;
use seqcore::gemm::{Output, Packed, Scratch, add_transposed, multiply};
use seqcore::init;
use seqcore::nn::{Embedding, EmbeddingGradient, Recurrent, RecurrentConfig};
use seqcore::sequence::{Engine, Input, InputGradient, Unroll};
use seqcore::simd::{Kernel, dispatch};

use crate::{Steps, VOCABULARY};

const T: usize = 64;
const ROWS: usize = 16;

/// The command.
pub fn run(args: &Steps) -> anyhow::Result<()> {
    let hidden = args.hidden as usize;
    let rounds = args.rounds.max(1);
    println!(
        "LSTM {hidden}, {T} steps of {ROWS} sequences, one thread; best of {rounds} rounds, in ms"
    );
    println!("{:48} {:>8} {:>8} {:>6}", "", "without", "with", "gain");
    engines(hidden, rounds);
    inputs(hidden, rounds);
    tokens(hidden, rounds);
    packing(hidden, rounds);
    activations(hidden, rounds);
    weight_gradients(hidden, rounds);
    padding(hidden, rounds);
    memory(hidden, rounds);
    Ok(())
}

/// Does `without` and `with` in turn and prints the best of each.
fn compare(name: &str, rounds: usize, mut without: impl FnMut(), mut with: impl FnMut()) {
    let time = |f: &mut dyn FnMut(), best: &mut f64| {
        let start = Instant::now();
        f();
        *best = start.elapsed().as_secs_f64().min(*best);
    };
    let mut best = [f64::INFINITY; 2];
    for _ in 0..rounds {
        time(&mut without, &mut best[0]);
        time(&mut with, &mut best[1]);
    }
    let [without, with] = best.map(|seconds| seconds * 1e3);
    println!("{name:48} {without:>8.3} {with:>8.3} {:>6.2}", without / with);
}

fn random(rows: usize, columns: usize) -> Array2<f32> {
    init::uniform((rows, columns), 0.5, &mut ChaCha8Rng::seed_from_u64(1))
}

fn slice(array: &Array2<f32>) -> &[f32] {
    array.as_slice().expect("a new array is contiguous")
}

/// One layer of a cell and what it is trained on.
struct Layer {
    cell: Cell,
    params: CellParams<f32>,
    gradient: CellParams<f32>,
    embedding: Embedding<f32>,
    d_table: EmbeddingGradient<f32>,
    ids: Array2<usize>,    // (T, b)
    d_states: Array3<f32>, // (T, b, H)
    start: State<f32>,     // (b, H)
}

impl Layer {
    fn new(cell: Cell, hidden: usize) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let config = RecurrentConfig::new(cell, hidden, hidden);
        Self {
            cell,
            params: Recurrent::new(config, rng).cells.remove(0),
            gradient: CellParams::zeros(cell, hidden, hidden, true),
            embedding: Embedding::new(VOCABULARY, hidden, rng),
            d_table: EmbeddingGradient::dense(VOCABULARY, hidden),
            ids: Array2::from_shape_simple_fn((T, ROWS), || rng.random_range(0..VOCABULARY)),
            d_states: init::normal((T, ROWS, hidden), rng),
            start: State::zeros(cell, ROWS, hidden),
        }
    }

    /// Forward and back over tokens.
    fn over_tokens<E: Engine<f32>>(&mut self, tape: &mut E::Tape) {
        let Self { cell, params, gradient, embedding, d_table, ids, d_states, start } = self;
        let input = Input::Tokens { ids: ids.view(), table: embedding.weight.view() };
        let walk = Unroll { cell: *cell, params, input, lengths: None, reverse: false };
        E::forward(&walk, start, tape);
        let d_input = InputGradient::Table(d_table);
        black_box(E::backward(&walk, tape, d_states.view(), start, gradient, d_input));
    }

    /// Forward and back over vectors: the embedding is looked up before and its gradient gathered behind.
    fn over_vectors(&mut self, lengths: Option<&[usize]>, tape: &mut <Fused as Engine<f32>>::Tape) {
        let Self { cell, params, gradient, embedding, d_table, ids, d_states, start } = self;
        let x = embedding.forward(ids); // (T, b, I)
        let mut dx = Array3::zeros(x.dim()); // (T, b, I)
        let walk =
            Unroll { cell: *cell, params, input: Input::Dense(x.view()), lengths, reverse: false };
        Fused::forward(&walk, start, tape);
        let d_input = InputGradient::Dense(dx.view_mut());
        black_box(Fused::backward(&walk, tape, d_states.view(), start, gradient, d_input));
        embedding.backward(ids, &dx, d_table);
    }
}

fn engines(hidden: usize, rounds: usize) {
    for cell in [Cell::RnnTanh, Cell::Lstm, Cell::Gru] {
        let (mut slow, mut fast) = (Layer::new(cell, hidden), Layer::new(cell, hidden));
        let (mut slow_tape, mut fast_tape) = (Default::default(), Default::default());
        compare(
            &format!("cells/ against fused/, {}, forward and back", cell.label()),
            rounds,
            || slow.over_tokens::<Reference>(&mut slow_tape),
            || fast.over_tokens::<Fused>(&mut fast_tape),
        );
    }
}

/// (1): the inputs' products of each step, against all at once.
fn inputs(hidden: usize, rounds: usize) {
    let x = random(T * ROWS, hidden);
    let mut packed = Packed::default();
    packed.pack(random(hidden, 4 * hidden).view());
    let mut gates = [random(T * ROWS, 4 * hidden), random(T * ROWS, 4 * hidden)];
    let [a, b] = gates.each_mut().map(|g| g.as_slice_mut().expect("contiguous"));
    compare(
        "(1) a product for each step's inputs, or one",
        rounds,
        || {
            let steps = slice(&x).chunks(ROWS * hidden).zip(a.chunks_mut(ROWS * 4 * hidden));
            steps.for_each(|(x, gates)| multiply(x, &packed, gates, Output::Set));
        },
        || multiply(slice(&x), &packed, b, Output::Set),
    );
}

/// (2): each place's vector multiplied, or each distinct token's.
fn tokens(hidden: usize, rounds: usize) {
    let (mut dense, mut once) = (Layer::new(Cell::Lstm, hidden), Layer::new(Cell::Lstm, hidden));
    let (mut a, mut b) = (Default::default(), Default::default());
    compare(
        "(2) every place multiplied, or every token",
        rounds,
        || dense.over_vectors(None, &mut a),
        || once.over_tokens::<Fused>(&mut b),
    );
}

/// (3): the weights packed for each step, or once.
fn packing(hidden: usize, rounds: usize) {
    let (h, weight) = (random(ROWS, hidden), random(4 * hidden, hidden));
    let mut gates = [random(ROWS, 4 * hidden), random(ROWS, 4 * hidden)];
    let [a, b] = gates.each_mut().map(|g| g.as_slice_mut().expect("contiguous"));
    let (mut each, mut once) = (Packed::default(), Packed::default());
    compare(
        "(3) weights packed for each step, or once",
        rounds,
        || {
            for _ in 0..T {
                each.pack(weight.t());
                multiply(slice(&h), &each, a, Output::Set);
            }
        },
        || {
            once.pack(weight.t());
            (0..T).for_each(|_| multiply(slice(&h), &once, b, Output::Set));
        },
    );
}

/// Of every five values three are squashed by σ and two by tanh, as in an LSTM.
struct Squash<'a>(&'a mut [f32]);

impl Kernel for Squash<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        let (gates, tanhs) = self.0.split_at_mut(self.0.len() / 5 * 3);
        gates.iter_mut().for_each(|x| *x = x.fast_sigmoid::<FMA>());
        tanhs.iter_mut().for_each(|x| *x = x.fast_tanh::<FMA>());
    }
}

/// (4): the standard library's functions, or vector instructions.
fn activations(hidden: usize, rounds: usize) {
    let mut values = [random(T, 5 * ROWS * hidden), random(T, 5 * ROWS * hidden)];
    let [a, b] = values.each_mut().map(|v| v.as_slice_mut().expect("contiguous"));
    let step = 5 * ROWS * hidden;
    compare(
        "(4) σ and tanh of std, or in vectors",
        rounds,
        || {
            for values in a.chunks_mut(step) {
                let (gates, tanhs) = values.split_at_mut(step / 5 * 3);
                gates.iter_mut().for_each(|x| *x = sigmoid(*x));
                tanhs.iter_mut().for_each(|x| *x = x.tanh());
            }
        },
        || b.chunks_mut(step).for_each(|values| dispatch(Squash(values))),
    );
}

/// (6): a weight's gradient step by step, or as one product.
fn weight_gradients(hidden: usize, rounds: usize) {
    let (da, h) = (random(T * ROWS, 4 * hidden), random(T * ROWS, hidden));
    let mut sums = [random(4 * hidden, hidden), random(4 * hidden, hidden)];
    let [a, b] = sums.each_mut().map(|s| s.as_slice_mut().expect("contiguous"));
    let (mut each, mut once) = (Scratch::default(), Scratch::default());
    let dim = (4 * hidden, hidden);
    compare(
        "(6) a weight gradient for each step, or one",
        rounds,
        || {
            let steps = slice(&da).chunks(ROWS * 4 * hidden).zip(slice(&h).chunks(ROWS * hidden));
            steps.for_each(|(da, h)| add_transposed(dim, da, h, a, &mut each));
        },
        || add_transposed(dim, slice(&da), slice(&h), b, &mut once),
    );
}

/// (7): sequences of 1 to T steps, all walked for T steps or each to its end.
fn padding(hidden: usize, rounds: usize) {
    let (mut padded, mut packed) = (Layer::new(Cell::Lstm, hidden), Layer::new(Cell::Lstm, hidden));
    let lengths: Vec<usize> = (1..=ROWS).map(|b| b * T / ROWS).collect();
    let (mut a, mut b) = (Default::default(), Default::default());
    compare(
        "(7) lengths of 4 to 64 padded, or packed",
        rounds,
        || padded.over_vectors(None, &mut a),
        || packed.over_vectors(Some(&lengths), &mut b),
    );
}

/// A new tape for each batch, or one for all.
fn memory(hidden: usize, rounds: usize) {
    let (mut fresh, mut kept) = (Layer::new(Cell::Lstm, hidden), Layer::new(Cell::Lstm, hidden));
    let mut tape = Default::default();
    compare(
        "(8) new memory for each batch, or the same again",
        rounds,
        || fresh.over_tokens::<Fused>(&mut Default::default()),
        || kept.over_tokens::<Fused>(&mut tape),
    );
}
