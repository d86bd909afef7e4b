//! Lesson `gru`.

use ndarray::{Array, Array1, Array2, Axis};
use seqcore::cells::{Cell, CellParams, gru};
use seqcore::decode::Beam;
use seqcore::loss::{IGNORE, cross_entropy};
use seqcore::metrics::translation;
use seqcore::nn::{Attention, AttentionTape, Linear};
use seqcore::params::Named;

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/gru/attention.rs"]
mod attention;
#[path = "../../../../exercises/solutions/gru/attention_backward.rs"]
mod attention_backward;
#[path = "../../../../exercises/solutions/gru/beam_search.rs"]
mod beam_search;
#[path = "../../../../exercises/solutions/gru/exact_match.rs"]
mod exact_match;
#[path = "../../../../exercises/solutions/gru/greedy_decode.rs"]
mod greedy_decode;
#[path = "../../../../exercises/solutions/gru/gru_step.rs"]
mod gru_step;
#[path = "../../../../exercises/solutions/gru/gru_step_backward.rs"]
mod gru_step_backward;
#[path = "../../../../exercises/solutions/gru/masked_loss.rs"]
mod masked_loss;
#[path = "../../../../exercises/solutions/gru/parameter_count.rs"]
mod parameter_count;

fn parameters() -> (CellParams<f64>, Array1<f64>, Array1<f64>) {
    let (bias_ih, bias_hh) = (numbers(3, 12), numbers(4, 12));
    let p = CellParams {
        weight_ih: numbers(1, (12, 3)),
        weight_hh: numbers(2, (12, 4)),
        bias_ih: Some(bias_ih.clone()),
        bias_hh: Some(bias_hh.clone()),
    };
    (p, bias_ih, bias_hh)
}

#[test]
fn gru_step_agrees() {
    let (p, bias_ih, bias_hh) = parameters();
    let (x, h_prev) = (numbers(5, (2, 3)), numbers(6, (2, 4)));
    let h = gru_step::gru_step(&x, &h_prev, &p.weight_ih, &p.weight_hh, &bias_ih, &bias_hh);
    assert_close(&h, &gru::forward(&p, x.view(), h_prev.view()).h);
}

#[test]
fn gru_step_backward_agrees() {
    let (p, ..) = parameters();
    let tape = gru::forward(&p, numbers(7, (2, 3)).view(), numbers(8, (2, 4)).view());
    let dh = numbers(9, (2, 4));
    let mut grads = CellParams::zeros(Cell::Gru, 3, 4, true);
    let (dx, dh_prev) = gru::backward(&p, &tape, dh.view(), &mut grads);
    let gru::Tape { x, h_prev, r, z, n, v_n, .. } = tape;
    let tape = gru_step_backward::Tape { x, h_prev, r, z, n, v_n };
    let own = gru_step_backward::gru_step_backward(&tape, &p.weight_ih, &p.weight_hh, &dh);
    assert_close(&own.dx, &dx);
    assert_close(&own.dh_prev, &dh_prev);
    assert_close(&own.d_weight_ih, &grads.weight_ih);
    assert_close(&own.d_weight_hh, &grads.weight_hh);
    assert_close(&own.d_bias_ih, grads.bias_ih.as_ref().unwrap());
    assert_close(&own.d_bias_hh, grads.bias_hh.as_ref().unwrap());
}

#[test]
fn parameter_count_agrees() {
    for (name, cell) in [("rnn", Cell::RnnTanh), ("gru", Cell::Gru), ("lstm", Cell::Lstm)] {
        let layer = |inputs| CellParams::<f32>::zeros(cell, inputs, 7, true).count();
        let own = parameter_count::parameter_count(name, 5, 7, 3).0;
        assert_eq!(own, layer(5) + 2 * layer(7), "{name}");
    }
    // Section 3.9.
    assert_eq!(parameter_count::parameter_count("lstm", 65, 128, 1), (99_840, 197_632));
}

#[test]
fn masked_loss_agrees() {
    let (steps, batch, classes) = (3, 2, 4);
    let logits = numbers(1, (steps, batch, classes)) * 2.0;
    let mut log_p = logits.clone();
    for mut row in log_p.rows_mut() {
        let total: f64 = row.iter().map(|y| y.exp()).sum();
        row -= total.ln();
    }
    let targets = Array2::from_shape_fn((steps, batch), |(t, b)| (2 * t + 3 * b) % classes);
    let mask = Array2::from_shape_fn((steps, batch), |(t, b)| t < [3, 1][b]);
    let (loss, d_logits) = masked_loss::masked_loss(&log_p, &targets, &mask);
    let ignored = targets.iter().zip(&mask).map(|(&y, &real)| if real { y } else { IGNORE });
    let rows = logits.into_shape_with_order((steps * batch, classes)).unwrap();
    let theirs = cross_entropy(rows, &ignored.collect::<Vec<_>>(), 4);
    assert!((loss - theirs.mean()).abs() < 1e-12);
    let theirs = theirs.gradient.into_shape_with_order((steps, batch, classes)).unwrap();
    assert_close(&d_logits, &theirs);
}

/// An attention layer that takes queries and values as they are, so that keys are the values.
fn plain(size: usize) -> Attention<f64> {
    let eye = || Linear { weight: Array2::eye(size), bias: None };
    Attention { query: eye(), key: eye(), v: None }
}

/// (T, d) as a batch of one.
fn one<D: ndarray::Dimension>(rows: &Array<f64, D>) -> Array<f64, D::Larger> {
    rows.clone().insert_axis(Axis(1))
}

#[test]
fn attention_agrees() {
    let (queries, values) = (numbers(1, (2, 3)) * 2.0, numbers(2, (5, 3)));
    let mut tape = AttentionTape::default();
    let contexts = plain(3).forward(one(&queries).view(), one(&values).view(), &[4], &mut tape);
    let mask = Array1::from_shape_fn(5, |s| s < 4);
    let own = attention::attention(&queries, &values, &values, &mask);
    assert_close(&own.0, &tape.weights().index_axis(Axis(0), 0).to_owned());
    assert_close(&own.1, &contexts.index_axis_move(Axis(1), 0));
}

#[test]
fn attention_backward_agrees() {
    let (queries, values) = (numbers(3, (2, 3)), numbers(4, (5, 3)));
    let (layer, mut tape) = (plain(3), AttentionTape::default());
    let (q, v) = (one(&queries), one(&values));
    layer.forward(q.view(), v.view(), &[4], &mut tape);
    let dc = numbers(5, (2, 3));
    let mut gradient = layer.zeros_like();
    let (dq, d_values) = layer.backward(q.view(), v.view(), &tape, one(&dc).view(), &mut gradient);
    let weights = tape.weights().index_axis(Axis(0), 0).to_owned();
    let own = attention_backward::attention_backward(&queries, &values, &values, &weights, &dc);
    assert_close(&own.dq, &dq.index_axis_move(Axis(1), 0));
    // Used as keys and as values: both gradients add up.
    assert_close(&(own.dk + own.dv), &d_values.index_axis_move(Axis(1), 0));
}

/// Probabilities of V tokens for each of `rows`.
fn distributions(salt: u32, rows: usize) -> Array2<f64> {
    let mut p = numbers(salt, (rows, 4)).mapv(|x| (2.0 * x).exp());
    p.rows_mut().into_iter().for_each(|mut row| {
        let total = row.sum();
        row /= total;
    });
    p
}

/// All that seqcore's beam finds with the model of these probabilities; the end mark is 3.
fn theirs(
    beam: &Beam,
    start: &Array1<f64>,
    after: &Array2<f64>,
) -> Vec<seqcore::decode::Hypothesis> {
    beam.search(3, |_, tokens| {
        let mut logits = Array2::zeros((tokens.len(), 4));
        for (mut row, &token) in logits.rows_mut().into_iter().zip(tokens) {
            row.assign(&if token == 3 { start.view() } else { after.row(token) }.mapv(f64::ln));
        }
        logits
    })
}

#[test]
fn decoding_agrees() {
    for salt in 1..20 {
        let (start, after) =
            (distributions(salt, 1).row(0).to_owned(), distributions(salt + 50, 4));
        let model = greedy_decode::Model { start: start.clone(), after: after.clone() };
        let own = greedy_decode::greedy_decode(&model, 3, 6);
        let greedy = Beam { width: 1, most: 6, length_penalty: 0.0 };
        let found = &theirs(&greedy, &start, &after)[0];
        assert_eq!(own.tokens, found.tokens);
        assert!((own.log_probability - found.log_probability).abs() < 1e-12);

        // So wide that nothing is lost, whatever a search does with those that have ended.
        let model = beam_search::Model { start: start.clone(), after: after.clone() };
        let own = beam_search::beam_search(&model, 3, 300, 4, 0.6);
        let beam = Beam { width: 300, most: 4, length_penalty: 0.6 };
        let found = theirs(&beam, &start, &after);
        let mut found = found.iter().filter(|hypothesis| hypothesis.ended);
        assert_eq!(own.len(), 1 + 3 + 9 + 27);
        for answer in own {
            let hypothesis = found.next().unwrap();
            assert_eq!(answer.tokens, hypothesis.tokens);
            assert!((answer.score - hypothesis.score).abs() < 1e-12);
        }
    }
}

#[test]
fn exact_match_agrees() {
    let written = [vec![3, 6, 1], vec![3, 6, 2], vec![5], vec![1, 2]];
    let targets = [vec![3, 6, 1], vec![3, 6, 1], vec![5], vec![2, 1]];
    let share = translation::exact_match(written.clone().into_iter().zip(targets.clone()));
    let ended = |rows: [Vec<usize>; 4]| rows.map(|row| [row, vec![0, 9]].concat());
    assert_eq!(exact_match::exact_match(&ended(written), &ended(targets), 0), share);
}
