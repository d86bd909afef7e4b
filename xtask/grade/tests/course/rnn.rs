//! Lesson `rnn`.

use ndarray::{Array1, Array2, Array3, Axis, array};
use seqcore::cells::unroll::Reference;
use seqcore::cells::{Cell, CellParams, State, rnn};
use seqcore::data::{CharVocab, Order, Streams};
use seqcore::sequence::{Engine, Input, InputGradient, Unroll};

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/rnn/clip_global_norm.rs"]
mod clip_global_norm;
#[path = "../../../../exercises/solutions/rnn/gradient_check.rs"]
mod gradient_check;
#[path = "../../../../exercises/solutions/rnn/gradient_horizon.rs"]
mod gradient_horizon;
#[path = "../../../../exercises/solutions/rnn/rnn_bptt.rs"]
mod rnn_bptt;
#[path = "../../../../exercises/solutions/rnn/rnn_step.rs"]
mod rnn_step;
#[path = "../../../../exercises/solutions/rnn/rnn_unroll.rs"]
mod rnn_unroll;
#[path = "../../../../exercises/solutions/rnn/softmax_cross_entropy.rs"]
mod softmax_cross_entropy;
#[path = "../../../../exercises/solutions/rnn/tbptt_streams.rs"]
mod tbptt_streams;
#[path = "../../../../exercises/solutions/rnn/vocabulary_one_hot.rs"]
mod vocabulary_one_hot;

/// A tanh cell of 3 inputs and 4 units.
fn cell() -> CellParams<f64> {
    CellParams {
        weight_ih: numbers(1, (4, 3)),
        weight_hh: numbers(2, (4, 4)),
        bias_ih: Some(numbers(3, 4)),
        bias_hh: Some(numbers(4, 4)),
    }
}

/// The sum of its biases.
fn bias(p: &CellParams<f64>) -> Array1<f64> {
    p.bias_ih.as_ref().unwrap() + p.bias_hh.as_ref().unwrap()
}

#[test]
fn the_vocabulary_agrees() {
    let text = "to be or not to be";
    let vocab = CharVocab::from_text(text, Order::Sorted);
    let own = vocabulary_one_hot::vocabulary(text);
    assert!((1..vocab.size()).all(|id| vocab.token(id) == Some(&own[id - 1])));

    let x = vocabulary_one_hot::one_hot("to bee?", &own);
    let ids: Vec<usize> =
        x.rows().into_iter().map(|row| row.iter().position(|&x| x == 1.0).unwrap()).collect();
    assert_eq!(ids, vocab.encode("to bee?").ids);
    assert_eq!((x.ncols(), x.sum()), (vocab.size(), 7.0));
}

#[test]
fn rnn_step_agrees() {
    let p = cell();
    let (x, h_prev) = (numbers(5, (2, 3)), numbers(6, (2, 4)));
    let (bias_ih, bias_hh) = (p.bias_ih.as_ref().unwrap(), p.bias_hh.as_ref().unwrap());
    let h = rnn_step::rnn_step(&x, &h_prev, &p.weight_ih, &p.weight_hh, bias_ih, bias_hh);
    let tape = rnn::forward(rnn::Nonlinearity::Tanh, &p, x.view(), h_prev.view());
    assert_close(&h, &tape.h);
}

#[test]
fn the_walk_agrees_there_and_back() {
    let p = cell();
    let (x, h_0) = (numbers(5, (5, 2, 3)), numbers(6, (2, 4)));
    let walk = Unroll {
        cell: Cell::RnnTanh,
        params: &p,
        input: Input::Dense(x.view()),
        lengths: None,
        reverse: false,
    };
    let mut tape = Default::default();
    Reference::forward(&walk, &State { h: h_0.clone(), c: None }, &mut tape);
    let states = Reference::states(&tape).to_owned(); // (T, B, H)
    let own = rnn_unroll::rnn_unroll(&x, &h_0, &p.weight_ih, &p.weight_hh, &bias(&p));
    assert_close(&own, &states);

    let dh: Array3<f64> = numbers(7, (5, 2, 4));
    let mut grads = CellParams::zeros(Cell::RnnTanh, 3, 4, true);
    let mut dx = Array3::zeros(x.dim());
    let nothing = State { h: Array2::zeros((2, 4)), c: None };
    let d_input = InputGradient::Dense(dx.view_mut());
    let d_start = Reference::backward(&walk, &mut tape, dh.view(), &nothing, &mut grads, d_input);

    let h = ndarray::concatenate![Axis(0), h_0.insert_axis(Axis(0)), states]; // (T + 1, B, H)
    let own = rnn_bptt::rnn_bptt(&x, &h, &p.weight_ih, &p.weight_hh, &dh);
    assert_close(&own.dx, &dx);
    assert_close(&own.dh_0, &d_start.h);
    assert_close(&own.d_weight_ih, &grads.weight_ih);
    assert_close(&own.d_weight_hh, &grads.weight_hh);
    assert_close(&own.d_bias, grads.bias_ih.as_ref().unwrap());
}

#[test]
fn softmax_cross_entropy_agrees() {
    let (logits, targets) = (numbers(1, (3, 5)) * 4.0, [4, 0, 2]);
    let (loss, gradient) = softmax_cross_entropy::softmax_cross_entropy(&logits, &targets);
    let course = seqcore::loss::cross_entropy(logits, &targets, 3);
    assert!((loss - course.mean()).abs() < 1e-12);
    assert!((&gradient - &course.gradient).iter().all(|d| d.abs() < 1e-12));
}

#[test]
fn clip_global_norm_agrees() {
    for max in [0.5, 100.0] {
        let mut course = CellParams { bias_ih: None, bias_hh: None, ..cell() };
        let mut own = [course.weight_ih.clone(), course.weight_hh.clone()];
        let norm = clip_global_norm::clip_global_norm(&mut own, max);
        let expected = seqcore::optim::clip_global_norm(&mut course, max);
        assert!((norm - expected).abs() < 1e-13);
        assert_close(&own[0], &course.weight_ih);
        assert_close(&own[1], &course.weight_hh);
    }
}

#[test]
fn tbptt_streams_agrees() {
    let ids: Vec<usize> = (0..47).map(|k| k * 7 % 47).collect();
    let streams = Streams::new(ids.clone(), 3, 4).unwrap();
    assert_eq!(streams.batches_per_epoch(), 3);
    for k in 0..3 {
        let (inputs, targets) = tbptt_streams::tbptt_streams(&ids, 3, 4, k);
        let batch = streams.batch(k);
        assert_eq!((inputs, targets), (batch.inputs, batch.targets));
    }
}

#[test]
fn gradient_check_agrees() {
    let loss = gradient_check::Loss { inputs: numbers(1, (5, 4)), targets: numbers(2, 5) };
    let mut w: Array1<f64> = numbers(3, 4);
    let outputs = loss.inputs.dot(&w).mapv(f64::tanh);
    let d = (&outputs - &loss.targets) * outputs.mapv(|y| 1.0 - y * y) / 5.0;
    let mut gradient = loss.inputs.t().dot(&d);
    for wrong in [None, Some(2)] {
        if let Some(j) = wrong {
            gradient[j] *= 1.01;
        }
        let report = seqcore::gradcheck::check(&mut w, &gradient, |w| loss.at(w));
        assert_eq!(report.worst() < 1e-6, wrong.is_none(), "{report}");
        let found = gradient_check::wrong_entries(&loss, &w, &gradient);
        assert_eq!(found, Vec::from_iter(wrong));
    }
}

/// seqcore has no spectral radius. The first two are worked out in section 1.9 of chapter 1; of a 2 by 2
/// matrix with complex eigenvalues it is the root of the determinant.
#[test]
fn the_horizon_is_the_chapters() {
    let radius = |w: Array2<f64>| gradient_horizon::spectral_radius(&w);
    assert!((radius(array![[0.9, 1.0], [0.0, 0.9]]) - 0.9).abs() < 1e-7);
    let w = array![[0.6, -0.3], [0.4, 0.7]];
    assert!((radius(w.clone()) - 0.7348).abs() < 5e-5);
    assert!((radius(w) - 0.54_f64.sqrt()).abs() < 1e-7);

    // 0.9^100 = 0.0000266.
    assert_eq!(gradient_horizon::horizon(0.9, 0.0000266), Some(100));
    assert_eq!(gradient_horizon::horizon(1.0, 0.5), None);
}
