//! Lesson `sentiment`.

use ndarray::{Array1, Array2, Array3, Axis, concatenate};
use seqcore::cells::unroll::Reference;
use seqcore::cells::{Cell, CellParams, State};
use seqcore::data::{buckets, tokenise as course_words};
use seqcore::metrics::classification;
use seqcore::nn::{EmbeddingGradient, Pool, PoolTape, Pooling};
use seqcore::sequence::{Engine, Input, Unroll};

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/sentiment/bce_with_logits.rs"]
mod bce_with_logits;
#[path = "../../../../exercises/solutions/sentiment/bidirectional.rs"]
mod bidirectional;
#[path = "../../../../exercises/solutions/sentiment/calibration_error.rs"]
mod calibration_error;
#[path = "../../../../exercises/solutions/sentiment/embedding_gradient.rs"]
mod embedding_gradient;
#[path = "../../../../exercises/solutions/sentiment/f1_auc.rs"]
mod f1_auc;
#[path = "../../../../exercises/solutions/sentiment/masked_mean_pooling.rs"]
mod masked_mean_pooling;
#[path = "../../../../exercises/solutions/sentiment/tokenise.rs"]
mod tokenise;
#[path = "../../../../exercises/solutions/sentiment/vocabulary_padding.rs"]
mod vocabulary_padding;

const LENGTHS: [usize; 3] = [5, 2, 4];

/// 1 for the real steps of three sequences.
fn mask() -> Array2<f64> {
    Array2::from_shape_fn((5, 3), |(t, b)| if t < LENGTHS[b] { 1.0 } else { 0.0 })
}

fn pooling(kind: Pool, directions: usize) -> Pooling<f64> {
    Pooling { kinds: vec![kind], directions, attention: None }
}

#[test]
fn tokenise_agrees() {
    // seqcore also cuts `it's` and drops hyphens inside words; where neither is, the two agree.
    let text = "Didn't LIKE it!<br /><br />I wouldn't, (honestly) give it 2/10.";
    assert_eq!(tokenise::tokenise(text), course_words::words(text));
}

#[test]
fn padding_agrees() {
    let vocabulary = ["film", "good", "plot"].map(str::to_owned);
    let reviews = [vec!["good", "dull", "film"], vec!["plot"], vec!["the", "film"]]
        .map(|review| review.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let course = buckets::pad([&[3, 1, 2][..], &[4], &[1, 2]]);
    let (ids, mask) = vocabulary_padding::vocabulary_padding(&reviews, &vocabulary, 10);
    assert_eq!(ids, course.ids);
    assert_eq!(mask.sum_axis(Axis(0)).to_vec(), [3.0, 1.0, 2.0]);
}

#[test]
fn embedding_gradient_agrees() {
    let ids = Array2::from_shape_fn((4, 3), |(t, b)| (t * 2 + b * 3) % 5);
    let dx: Array3<f64> = numbers(1, (4, 3, 2));
    let tokens: Vec<usize> = ids.iter().copied().collect();
    let rows = dx.to_shape((12, 2)).unwrap();
    let course = EmbeddingGradient::from_tokens(&tokens, rows.view(), 6).to_dense(6);
    assert_close(&embedding_gradient::embedding_gradient(&ids, &dx, 6), &course);
}

#[test]
fn masked_mean_agrees_there_and_back() {
    let (h, pooling) = (numbers(1, (5, 3, 4)), pooling(Pool::Mean, 1));
    let mut tape = PoolTape::default();
    let course = pooling.forward(h.view(), &LENGTHS, &mut tape);
    assert_close(&masked_mean_pooling::masked_mean(&h, &mask()), &course);

    let d_mean = numbers(2, (3, 4));
    let mut nothing = pooling.zeros_like();
    let course = pooling.backward(h.view(), &LENGTHS, &tape, d_mean.view(), &mut nothing);
    assert_close(&masked_mean_pooling::masked_mean_backward(&d_mean, &mask()), &course);
}

#[test]
fn both_directions_agree() {
    let (forward, backward) = (numbers(1, (5, 3, 2)), numbers(2, (5, 3, 2)));
    let both = concatenate![Axis(2), forward, backward]; // (T, B, 2H)
    let course = pooling(Pool::Last, 2).forward(both.view(), &LENGTHS, &mut PoolTape::default());
    assert_close(&bidirectional::last_states(&forward, &backward, &LENGTHS), &course);

    // A network that walks from the end ends as one that reads the reversed text does.
    let p = CellParams {
        weight_ih: numbers(3, (2, 2)),
        weight_hh: numbers(4, (2, 2)),
        bias_ih: None,
        bias_hh: None,
    };
    let end = |x: &Array3<f64>, reverse: bool| {
        let input = Input::Dense(x.view());
        let walk =
            Unroll { cell: Cell::RnnTanh, params: &p, input, lengths: Some(&LENGTHS), reverse };
        let mut tape = Default::default();
        Reference::forward(&walk, &State { h: Array2::zeros((3, 2)), c: None }, &mut tape);
        Reference::last(&tape).h
    };
    assert_close(&end(&bidirectional::reverse(&forward, &LENGTHS), false), &end(&forward, true));
}

#[test]
fn bce_with_logits_agrees() {
    let logits: Array1<f64> = numbers(1, 5) * 6.0;
    let targets = Array1::from(vec![1.0, 0.0, 0.0, 1.0, 1.0]);
    let (loss, gradient) = bce_with_logits::bce_with_logits(&logits, &targets);
    let course = seqcore::loss::binary_cross_entropy(logits, &targets, 5);
    assert!((loss - course.mean()).abs() < 1e-13);
    assert_close(&gradient, &course.gradient);
}

#[test]
fn measures_agree() {
    let probabilities = [0.93, 0.41, 0.74, 0.41, 0.22, 0.08, 0.57, 0.66];
    let labels = [true, true, false, false, true, false, true, false];
    let counts = classification::Confusion::of(&probabilities, &labels);
    assert!((f1_auc::f1(&probabilities, &labels) - counts.f1()).abs() < 1e-15);
    let auc = classification::auc(&probabilities, &labels);
    assert!((f1_auc::auc(&probabilities, &labels) - auc).abs() < 1e-15);
    for bins in [1, 3, 5] {
        let own = calibration_error::calibration_error(&probabilities, &labels, bins);
        let course = classification::reliability(&probabilities, &labels, bins);
        assert!((own - classification::calibration_error(&course)).abs() < 1e-15);
    }
}
