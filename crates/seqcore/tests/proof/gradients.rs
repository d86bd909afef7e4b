//! Every hand-derived gradient against finite differences, in f64, to better than 1e-6.

use ndarray::{Array2, Array3};
use seqcore::cells::unroll::{Reference, step, step_backward};
use seqcore::cells::{Cell, CellParams, State};
use seqcore::fused::Fused;
use seqcore::gradcheck::{Report, check};
use seqcore::loss::{count_targets, cross_entropy};
use seqcore::models::language::{LanguageConfig, LanguageModel, LanguageTape};
use seqcore::nn::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::params::Named;
use seqcore::random::MaskStreams;
use seqcore::sequence::Engine;
use seqcore::{IGNORE, init};

use crate::batch::{Batch, rng};

fn assert_small(what: &str, report: &Report) {
    assert!(report.worst() < 1e-6, "{what}:\n{report}");
    assert!(report.arrays.iter().all(|array| array.checked > 0), "{what}:\n{report}");
}

/// One step: parameters, input, and both parts of the state before.
#[test]
fn each_cell() {
    let (batch, input, hidden) = (3, 4, 5);
    for (cell, bias) in Cell::ALL.into_iter().flat_map(|cell| [(cell, true), (cell, false)]) {
        let rng = &mut rng(10);
        let mut params = CellParams::<f64>::zeros(cell, input, hidden, bias);
        let mut before = State::zeros(cell, batch, hidden);
        let mut d = State::zeros(cell, batch, hidden); // the gradient of the new state
        let draw = |part: &mut dyn Named<f64>, rng: &mut rand_chacha::ChaCha8Rng| {
            for (_, slot) in part.named_mut() {
                let mut array = slot.dense();
                let drawn = init::normal(array.raw_dim(), rng);
                array.assign(&drawn);
            }
        };
        draw(&mut params, rng);
        draw(&mut before, rng);
        draw(&mut d, rng);
        let mut x: Array2<f64> = init::normal((batch, input), rng); // (B, I)

        let loss = |params: &CellParams<f64>, x: &Array2<f64>, before: &State<f64>| {
            let (after, _) = step(cell, params, x.view(), before);
            let c = after.c.zip(d.c.clone()).map_or(0.0, |(c, dc)| (c * dc).sum());
            (after.h * &d.h).sum() + c
        };
        let (_, tape) = step(cell, &params, x.view(), &before);
        let mut grads = CellParams::zeros(cell, input, hidden, bias);
        let (dx, d_before) = step_backward(&params, &tape, &d, &mut grads);

        let (p, x0, s) = (params.clone(), x.clone(), before.clone());
        assert_small(cell.name(), &check(&mut params, &grads, |params| loss(params, &x0, &s)));
        assert_small(cell.name(), &check(&mut x, &dx, |x| loss(&p, x, &s)));
        let report = check(&mut before, &d_before, |before| loss(&p, &x0, before));
        assert_small(cell.name(), &report);
        assert_eq!(report.arrays.len(), if cell == Cell::Lstm { 2 } else { 1 });
    }
}

/// Layers in every shape, read in every way.
fn check_layers<E: Engine<f64>>(cell: Cell, layers: usize, bidirectional: bool, bias: bool) {
    for (lengths, tokens) in [(false, false), (false, true), (true, false), (true, true)] {
        let dropout = if layers > 1 { 0.4 } else { 0.0 };
        let shape = RecurrentConfig::new(cell, 3, 4);
        let config = RecurrentConfig { layers, bidirectional, bias, dropout, ..shape };
        let what = format!("{config:?}, lengths {lengths}, tokens {tokens}");
        let rng = &mut rng(20);
        let mut recurrent = Recurrent::<f64>::new(config, rng);
        let mut batch = Batch::draw(&config, (5, 3), lengths, tokens, rng);
        let (_, gradients) = batch.run(&recurrent, &mut RecurrentTape::<f64, E>::default());

        let (fixed, layers) = (batch.clone(), recurrent.clone());
        let report = check(&mut recurrent, &gradients.layers, |r| fixed.loss::<E>(r));
        assert_small(&what, &report);
        let with_start = |start: &LayerState<f64>| {
            Batch { start: start.clone(), ..fixed.clone() }.loss::<E>(&layers)
        };
        assert_small(&what, &check(&mut batch.start, &gradients.start, with_start));
        if tokens {
            let with_table = |table: &Array2<f64>| {
                Batch { table: table.clone(), ..fixed.clone() }.loss::<E>(&layers)
            };
            let d_table = gradients.table.to_dense(batch.table.nrows());
            assert_small(&what, &check(&mut batch.table, &d_table, with_table));
        } else {
            let with_x =
                |x: &Array3<f64>| Batch { x: x.clone(), ..fixed.clone() }.loss::<E>(&layers);
            assert_small(&what, &check(&mut batch.x, &gradients.x, with_x));
        }
    }
}

fn check_all_layers<E: Engine<f64>>() {
    for cell in Cell::ALL {
        for (layers, bidirectional, bias) in
            [(1, false, true), (1, true, true), (2, false, false), (2, true, true)]
        {
            check_layers::<E>(cell, layers, bidirectional, bias);
        }
    }
}

#[test]
fn recurrent_layers_with_the_reference_engine() {
    check_all_layers::<Reference>();
}

#[test]
fn recurrent_layers_with_the_fused_engine() {
    check_all_layers::<Fused>();
}

/// A language model as a whole: embedding, layers, dropout, logits, loss with ignored targets.
fn check_language_model<E: Engine<f64>>(cell: Cell, vocabulary: usize) {
    let (steps, streams) = (4, 3);
    let config =
        LanguageConfig { vocabulary, embedding: 2, cell, hidden: 3, layers: 2, dropout: 0.3 };
    let rng = &mut rng(30);
    let mut model = LanguageModel::<f64>::new(&config, rng);
    model.output_dropout = 0.4;
    let ids = |offset: usize| {
        Array2::from_shape_fn((steps, streams), |(t, b)| (7 * t + 5 * b + offset) % vocabulary)
    };
    let (inputs, mut targets) = (ids(1), ids(3)); // (T, B)
    targets[[2, 1]] = IGNORE;
    let targets_in_order: Vec<usize> = targets.iter().copied().collect();
    // As if these streams were a shard of a larger batch.
    let divisor = 2 * count_targets(&targets_in_order);
    let mut start = model.zero_state(streams);
    start.h.fill(0.3);
    let dropout = MaskStreams::new(1, 2, 3);

    let mut tape = LanguageTape::<f64, E>::default();
    let mut gradient = model.zero_gradient();
    let loss = model.loss_and_gradient(
        inputs.view(),
        targets.view(),
        divisor,
        &start,
        Some(&dropout),
        &mut tape,
        &mut gradient,
    );
    assert_eq!(loss.count, steps * streams - 1);
    let report = check(&mut model, &gradient, |model| {
        let mut tape = LanguageTape::<f64, E>::default();
        let logits = model.forward(inputs.view(), &start, Some(&dropout), &mut tape);
        cross_entropy(logits, &targets_in_order, 1).sum / divisor as f64
    });
    assert_small(&format!("{cell}, vocabulary of {vocabulary}"), &report);
}

#[test]
fn the_language_model_with_both_engines() {
    for cell in Cell::ALL {
        check_language_model::<Reference>(cell, 8);
        check_language_model::<Fused>(cell, 8);
    }
    // So many tokens that the embedding's gradient is kept as rows.
    check_language_model::<Fused>(Cell::Gru, 1500);
}
