//! The fast engine against the readable reference, at odd sizes.

use proptest::prelude::*;
use seqcore::Float;
use seqcore::cells::Cell;
use seqcore::cells::unroll::Reference;
use seqcore::fused::Fused;
use seqcore::nn::{Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::sequence::Engine;

use crate::batch::{Batch, Results, rng};

/// A shape of layers and of a batch.
#[derive(Debug, Clone)]
struct Case {
    config: RecurrentConfig,
    steps: usize,
    batch: usize,
    lengths: bool,
    tokens: bool,
    seed: u64,
}

impl Case {
    fn draw<A: Float>(&self) -> (Recurrent<A>, Batch<A>) {
        let rng = &mut rng(self.seed);
        let layers = Recurrent::new(self.config, rng);
        let size = (self.steps, self.batch);
        (layers, Batch::draw(&self.config, size, self.lengths, self.tokens, rng))
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let config = (
        prop::sample::select(Cell::ALL.to_vec()),
        (1..8_usize, 1..10_usize, 1..4_usize), // I, H, L
        (any::<bool>(), any::<bool>(), prop::sample::select(vec![0.0, 0.3])),
    );
    let config = config.prop_map(|(cell, (input, hidden, layers), (two, bias, dropout))| {
        RecurrentConfig { cell, input, hidden, layers, bidirectional: two, bias, dropout }
    });
    (config, (1..10_usize, 1..9_usize), any::<bool>(), any::<bool>(), any::<u64>()).prop_map(
        |(config, (steps, batch), lengths, tokens, seed)| Case {
            config,
            steps,
            batch,
            lengths,
            tokens,
            seed,
        },
    )
}

/// Every number of `a` against `b`, relative to max(1, |b|).
fn assert_close<A: Float>(a: &Results<A>, b: &Results<A>, tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for ((name, a), (other, b)) in a.iter().zip(b) {
        assert_eq!((name, a.shape()), (other, b.shape()));
        for (a, b) in a.iter().zip(b) {
            let error = (a.as_f64() - b.as_f64()).abs() / b.as_f64().abs().max(1.0);
            assert!(error <= tolerance, "{name}: {a} against {b}");
        }
    }
}

/// The bits of every number.
fn bits<A: Float>(results: &Results<A>) -> Vec<u8> {
    let mut bytes = Vec::new();
    results.iter().flat_map(|(_, a)| a).for_each(|value| value.push_le_bytes(&mut bytes));
    bytes
}

fn run<A: Float, E: Engine<A>>(layers: &Recurrent<A>, batch: &Batch<A>) -> Results<A> {
    batch.run(layers, &mut RecurrentTape::<A, E>::default()).0
}

fn engines_agree<A: Float>(case: &Case, tolerance: f64) {
    let (layers, batch) = case.draw::<A>();
    let (reference, fused) =
        (run::<A, Reference>(&layers, &batch), run::<A, Fused>(&layers, &batch));
    assert_close(&fused, &reference, tolerance);
}

/// What the cells did at each step, where a sequence has that step.
fn records_agree(case: &Case) {
    let (layers, batch) = case.draw::<f64>();
    let mut reference = RecurrentTape::<f64, Reference>::default();
    let mut fused = RecurrentTape::<f64, Fused>::default();
    let lengths = batch.lengths.as_deref();
    layers.forward(batch.input(), lengths, &batch.start, None, &mut reference);
    layers.forward(batch.input(), lengths, &batch.start, None, &mut fused);
    for k in 0..layers.cells.len() {
        let a = layers.record(k, batch.input(), &reference);
        let b = layers.record(k, batch.input(), &fused);
        let pairs = [(Some(a.gates), Some(b.gates)), (Some(a.h), Some(b.h)), (a.c, b.c)];
        for (a, b) in pairs.into_iter().filter_map(|(a, b)| a.zip(b)) {
            assert_eq!(a.dim(), b.dim());
            for (((t, s, _), a), b) in a.indexed_iter().zip(&b) {
                let active = lengths.is_none_or(|lengths| t < lengths[s]);
                assert!(!active || (a - b).abs() < 1e-12, "cell {k}, step {t}: {a} against {b}");
            }
        }
    }
}

/// A tape that has seen another batch gives the same bits as a new one.
fn a_used_tape_is_as_good_as_new<E: Engine<f32>>(first: &Case, second: &Case) {
    let mut tape = RecurrentTape::<f32, E>::default();
    let (layers, batch) = first.draw::<f32>();
    batch.run(&layers, &mut tape);
    let (layers, batch) = second.draw::<f32>();
    let used = batch.run(&layers, &mut tape).0;
    assert_eq!(bits(&used), bits(&run::<f32, E>(&layers, &batch)));
    // The same shape once more: nothing may be left of the walk before.
    let again = batch.run(&layers, &mut tape).0;
    assert_eq!(bits(&again), bits(&used));
}

/// What stands behind a sequence's end changes not one bit of outputs and gradients.
fn padding_is_never_read<E: Engine<f64>>(case: &Case) {
    let (layers, batch) = Case { lengths: true, ..case.clone() }.draw::<f64>();
    let spoilt = batch.with_spoilt_padding();
    let results = run::<f64, E>(&layers, &batch);
    assert!(results.iter().all(|(_, a)| a.iter().all(|v| v.is_finite())));
    assert_eq!(bits(&run::<f64, E>(&layers, &spoilt)), bits(&results));
    let output = &results[0].1; // (T, B, D·H)
    for (b, &n) in batch.lengths.as_ref().expect("drawn with lengths").iter().enumerate() {
        assert!(output.slice(ndarray::s![n.., b, ..]).iter().all(|&v| v == 0.0));
    }
}

/// Sequences of full length, said or not said, are the same.
fn full_lengths_are_no_lengths<E: Engine<f64>>(case: &Case) {
    let (layers, mut batch) = Case { lengths: false, ..case.clone() }.draw::<f64>();
    let without = run::<f64, E>(&layers, &batch);
    batch.lengths = Some(vec![case.steps; case.batch]);
    assert_eq!(bits(&run::<f64, E>(&layers, &batch)), bits(&without));
}

/// How arrays lie in memory is nobody's business but theirs.
fn memory_order_means_nothing<E: Engine<f64>>(case: &Case) {
    let (layers, batch) = case.draw::<f64>();
    let results = run::<f64, E>(&layers, &batch);
    assert_close(&run::<f64, E>(&layers, &batch.in_column_order()), &results, 1e-12);
}

/// Tokens are rows of the table; the table's gradient is the sum of those of its rows.
fn tokens_are_rows(case: &Case) {
    let (layers, mut batch) = Case { tokens: true, ..case.clone() }.draw::<f64>();
    let tokens = run::<f64, Fused>(&layers, &batch);
    let ids = batch.ids.take().expect("drawn with tokens");
    for (index, &id) in ids.indexed_iter() {
        batch.x.slice_mut(ndarray::s![index.0, index.1, ..]).assign(&batch.table.row(id));
    }
    let (mut dense, gradients) = batch.run(&layers, &mut RecurrentTape::<f64, Fused>::default());
    let (name, mut d_table) = dense.pop().expect("the last result is the table's gradient");
    for ((t, b), &id) in ids.indexed_iter() {
        let mut row = d_table.slice_mut(ndarray::s![id, ..]);
        row += &gradients.x.slice(ndarray::s![t, b, ..]);
    }
    dense.push((name, d_table));
    // The gradient of x itself is asked for only where the input is dense.
    let without_x = |results: &Results<f64>| -> Results<f64> {
        results.iter().filter(|(name, _)| name != "grad.x").cloned().collect()
    };
    assert_close(&without_x(&tokens), &without_x(&dense), 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_engines_agree_in_f64(case in cases()) {
        engines_agree::<f64>(&case, 1e-12);
        records_agree(&case);
    }

    #[test]
    fn the_engines_agree_in_f32(case in cases()) {
        engines_agree::<f32>(&case, 1e-5);
    }

    #[test]
    fn tapes_are_used_again(first in cases(), second in cases()) {
        a_used_tape_is_as_good_as_new::<Fused>(&first, &second);
        a_used_tape_is_as_good_as_new::<Reference>(&first, &second);
    }

    #[test]
    fn padding_means_nothing(case in cases()) {
        padding_is_never_read::<Fused>(&case);
        padding_is_never_read::<Reference>(&case);
        full_lengths_are_no_lengths::<Fused>(&case);
        full_lengths_are_no_lengths::<Reference>(&case);
    }

    #[test]
    fn memory_order(case in cases()) {
        memory_order_means_nothing::<Fused>(&case);
        memory_order_means_nothing::<Reference>(&case);
    }

    #[test]
    fn tokens_mean_rows(case in cases()) {
        tokens_are_rows(&case);
    }
}
