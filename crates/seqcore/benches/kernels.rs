//! `cargo bench -p seqcore`: the kernels of a training step, one at a time, at the shapes of the
//! benchmark's models. One core; rates are items a second, where an item is a floating-point operation of
//! a product, or one value of a function.
//!
//! A filter picks some: `cargo bench -p seqcore -- product`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ndarray::{Array2, Array3};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::activation::{Fast, sigmoid};
use seqcore::cells::{Cell, CellParams, State};
use seqcore::fused::{Fused, Stepper};
use seqcore::gemm::{Output, Packed, Scratch, add_transposed, multiply};
use seqcore::init;
use seqcore::nn::{Recurrent, RecurrentConfig};
use seqcore::sequence::{Engine, Input, InputGradient, Unroll};
use seqcore::simd::{Kernel, dispatch};

fn main() {
    divan::main();
}

fn random(rows: usize, columns: usize) -> Array2<f32> {
    init::uniform((rows, columns), 0.5, &mut ChaCha8Rng::seed_from_u64(1))
}

fn slice(array: &Array2<f32>) -> &[f32] {
    array.as_slice().expect("a new array is contiguous")
}

/// (m, k, n) of products C (m, n) = A (m, k) · B (k, n): a step of an LSTM, forward and back, for the rows of
/// one shard; the inputs of a whole shard; one row, as in generation.
const PRODUCTS: [(usize, usize, usize); 9] = [
    (12, 128, 512),
    (13, 128, 512),
    (13, 512, 128),
    (16, 256, 1024),
    (16, 512, 2048),
    (16, 2048, 512),
    (2048, 512, 2048),
    (1, 256, 1024),
    (1, 512, 2048),
];

#[divan::bench(args = PRODUCTS)]
fn product(bencher: Bencher, (m, k, n): (usize, usize, usize)) {
    let (a, mut packed, mut c) = (random(m, k), Packed::default(), random(m, n));
    packed.pack(random(k, n).view());
    bencher.counter(ItemsCount::new(2 * m * k * n)).bench_local(|| {
        let c = c.as_slice_mut().expect("contiguous");
        multiply(slice(&a), &packed, black_box(c), Output::Add);
    });
}

/// The same product where the weights are packed before every one: what (3) in `fused/mod.rs` spares.
#[divan::bench(args = [(13, 128, 512), (16, 256, 1024), (16, 512, 2048)])]
fn product_and_packing(bencher: Bencher, (m, k, n): (usize, usize, usize)) {
    let (a, mut packed, mut c) = (random(m, k), Packed::default(), random(m, n));
    let weight = random(n, k);
    bencher.counter(ItemsCount::new(2 * m * k * n)).bench_local(|| {
        packed.pack(weight.t());
        let c = c.as_slice_mut().expect("contiguous");
        multiply(slice(&a), &packed, black_box(c), Output::Add);
    });
}

/// (k, m, n) of weight gradients C (m, n) += Aᵀ · B, summed over the k = T·b rows of a shard.
#[divan::bench(args = [(650, 512, 128), (1024, 1024, 256), (2048, 2048, 512), (1024, 65, 256)])]
fn weight_gradient(bencher: Bencher, (k, m, n): (usize, usize, usize)) {
    let (a, b, mut c) = (random(k, m), random(k, n), random(m, n));
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(2 * m * k * n)).bench_local(|| {
        let c = c.as_slice_mut().expect("contiguous");
        add_transposed((m, n), slice(&a), slice(&b), black_box(c), &mut scratch);
    });
}

/// A function over a row of values, compiled for this processor.
struct Each<'a> {
    values: &'a mut [f32],
    tanh: bool,
}

impl Kernel for Each<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) {
        if self.tanh {
            self.values.iter_mut().for_each(|x| *x = x.fast_tanh::<FMA>());
        } else {
            self.values.iter_mut().for_each(|x| *x = x.fast_sigmoid::<FMA>());
        }
    }
}

const VALUES: usize = 4096;

#[divan::bench(args = ["sigmoid", "tanh"])]
fn fast_activation(bencher: Bencher, name: &str) {
    let x = random(1, VALUES);
    let bencher = bencher.counter(ItemsCount::new(VALUES));
    bencher.with_inputs(|| x.clone()).bench_local_refs(|x| {
        let values = x.as_slice_mut().expect("contiguous");
        dispatch(Each { values, tanh: name == "tanh" });
    });
}

#[divan::bench(args = ["sigmoid", "tanh"])]
fn std_activation(bencher: Bencher, name: &str) {
    let x = random(1, VALUES);
    let bencher = bencher.counter(ItemsCount::new(VALUES));
    bencher.with_inputs(|| x.clone()).bench_local_refs(|x| {
        x.mapv_inplace(if name == "tanh" { f32::tanh } else { sigmoid });
    });
}

/// The parameters of an LSTM layer.
fn lstm(hidden: usize, rng: &mut ChaCha8Rng) -> CellParams<f32> {
    Recurrent::new(RecurrentConfig::new(Cell::Lstm, hidden, hidden), rng).cells.remove(0)
}

/// A shard of a batch: 32 steps of 16 sequences through one LSTM layer of so many units; items are tokens.
#[divan::bench(args = [128, 256, 512])]
fn lstm_forward(bencher: Bencher, hidden: usize) {
    shard(bencher, hidden, false);
}

/// The same, forward and back.
#[divan::bench(args = [128, 256, 512])]
fn lstm_forward_and_backward(bencher: Bencher, hidden: usize) {
    shard(bencher, hidden, true);
}

fn shard(bencher: Bencher, hidden: usize, back: bool) {
    let (steps, batch) = (32, 16);
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let params = lstm(hidden, rng);
    let x: Array3<f32> = init::normal((steps, batch, hidden), rng); // (T, B, I)
    let d_states: Array3<f32> = init::normal((steps, batch, hidden), rng); // (T, B, H)
    let zero = State::zeros(Cell::Lstm, batch, hidden);
    let mut tape = <Fused as Engine<f32>>::Tape::default();
    let mut gradient = CellParams::zeros(Cell::Lstm, hidden, hidden, true);
    let input = Input::Dense(x.view());
    let walk = Unroll { cell: Cell::Lstm, params: &params, input, lengths: None, reverse: false };
    bencher.counter(ItemsCount::new(steps * batch)).bench_local(|| {
        Fused::forward(&walk, &zero, &mut tape);
        if back {
            let unused = InputGradient::Unused;
            let d = d_states.view();
            Fused::backward(&walk, &mut tape, d, &zero, &mut gradient, unused);
        }
    });
}

/// One step of one sequence, the input's part known: generation without the linear layer.
#[divan::bench(args = [128, 256, 512])]
fn stepper(bencher: Bencher, hidden: usize) {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let params = lstm(hidden, rng);
    let mut stepper = Stepper::new(Cell::Lstm, &params);
    let projected = stepper.project(random(1, hidden).view());
    let mut state = State::zeros(Cell::Lstm, 1, hidden);
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| stepper.step(slice(&projected), &mut state));
}
