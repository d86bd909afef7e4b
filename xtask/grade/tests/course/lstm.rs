//! Lesson `lstm`.

use ndarray::{Array1, Array2};
use seqcore::cells::{CellParams, State, lstm};
use seqcore::data::tokenise;
use seqcore::decode::Sampler;
use seqcore::nn::Dropout;
use seqcore::random::{MaskStreams, Place};

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/lstm/forget_bias.rs"]
mod forget_bias;
#[path = "../../../../exercises/solutions/lstm/inverted_dropout.rs"]
mod inverted_dropout;
#[path = "../../../../exercises/solutions/lstm/lstm_step.rs"]
mod lstm_step;
#[path = "../../../../exercises/solutions/lstm/lstm_step_backward.rs"]
mod lstm_step_backward;
#[path = "../../../../exercises/solutions/lstm/perplexity.rs"]
mod perplexity;
#[path = "../../../../exercises/solutions/lstm/temperature_top_k.rs"]
mod temperature_top_k;
#[path = "../../../../exercises/solutions/lstm/top_p.rs"]
mod top_p;
#[path = "../../../../exercises/solutions/lstm/word_vocabulary.rs"]
mod word_vocabulary;

#[test]
fn lstm_step_backward_agrees() {
    let p = CellParams {
        weight_ih: numbers(1, (16, 3)),
        weight_hh: numbers(2, (16, 4)),
        bias_ih: Some(numbers(3, 16)),
        bias_hh: Some(numbers(4, 16)),
    };
    let prev = State { h: numbers(5, (2, 4)), c: Some(numbers(6, (2, 4))) };
    let tape = lstm::forward(&p, numbers(7, (2, 3)).view(), &prev);
    let d = State { h: numbers(8, (2, 4)), c: Some(numbers(9, (2, 4))) };
    let zeros = |p: &CellParams<f64>| CellParams {
        weight_ih: &p.weight_ih * 0.0,
        weight_hh: &p.weight_hh * 0.0,
        bias_ih: p.bias_ih.as_ref().map(|b| b * 0.0),
        bias_hh: p.bias_hh.as_ref().map(|b| b * 0.0),
    };
    let mut grads = zeros(&p);
    let (dx, d_prev) = lstm::backward(&p, &tape, &d, &mut grads);

    let own_tape = lstm_step_backward::Tape {
        x: tape.x,
        h_prev: tape.h_prev,
        c_prev: tape.c_prev,
        i: tape.i,
        f: tape.f,
        g: tape.g,
        o: tape.o,
        tanh_c: tape.tanh_c,
    };
    let (dh, dc) = (&d.h, d.cell_state());
    let own = lstm_step_backward::lstm_step_backward(&own_tape, &p.weight_ih, &p.weight_hh, dh, dc);
    assert_close(&own.dx, &dx);
    assert_close(&own.dh_prev, &d_prev.h);
    assert_close(&own.dc_prev, d_prev.cell_state());
    assert_close(&own.d_weight_ih, &grads.weight_ih);
    assert_close(&own.d_weight_hh, &grads.weight_hh);
    assert_close(&own.d_bias, grads.bias_ih.as_ref().unwrap());
}

#[test]
fn the_nucleus_agrees() {
    let logits = numbers(1, 9) * 3.0;
    let sampler = Sampler::temperature(1.0).unwrap();
    let all = Array1::from(sampler.filtered_distribution(logits.as_slice().unwrap()));
    let cut = sampler.top_p(0.7).unwrap().filtered_distribution(logits.as_slice().unwrap());
    assert_close(&top_p::nucleus(&all, 0.7), &cut.into());
}

#[test]
fn lstm_step_agrees() {
    let p = CellParams {
        weight_ih: numbers(1, (16, 3)),
        weight_hh: numbers(2, (16, 4)),
        bias_ih: Some(numbers(3, 16)),
        bias_hh: None,
    };
    let (x, prev) =
        (numbers(4, (2, 3)), State { h: numbers(5, (2, 4)), c: Some(numbers(6, (2, 4))) });
    let tape = lstm::forward(&p, x.view(), &prev);
    let bias = p.bias_ih.as_ref().unwrap();
    let (h, c) =
        lstm_step::lstm_step(&x, &prev.h, prev.cell_state(), &p.weight_ih, &p.weight_hh, bias);
    assert_close(&h, &tape.h);
    assert_close(&c, &tape.c);
}

#[test]
fn the_forget_bias_agrees() {
    let (mut own, mut course) = (numbers(1, 12), numbers(1, 12));
    forget_bias::add_forget_bias(&mut own, 1.5);
    seqcore::init::add_forget_bias(&mut course, 1.5);
    assert_close(&own, &course);
    // The table of section 2.9: T = 11 has the bias 2.30, 101 has 4.61.
    assert!((forget_bias::bias_for(11.0) - 2.30).abs() < 5e-3);
    assert!((forget_bias::bias_for(101.0) - 4.61).abs() < 5e-3);
}

#[test]
fn temperature_top_k_agrees() {
    let logits: Array1<f64> = numbers(1, 9) * 3.0;
    for (temperature, k) in [(0.4, 3), (1.7, 5), (1.0, 9)] {
        let sampler = Sampler::temperature(temperature).unwrap().top_k(k).unwrap();
        let course = Array1::from(sampler.filtered_distribution(logits.as_slice().unwrap()));
        assert_close(&temperature_top_k::temperature_top_k(&logits, temperature, k), &course);
    }
}

#[test]
fn perplexity_agrees() {
    let probabilities = [0.3, 0.05, 0.9];
    let nats = -(0.3_f64.ln() + 0.05_f64.ln() + 0.9_f64.ln()) / 3.0;
    let (perplexity, bits) = perplexity::perplexity(&probabilities);
    assert!((perplexity - seqcore::metrics::perplexity(nats)).abs() < 1e-12);
    assert!((bits - seqcore::metrics::bits(nats)).abs() < 1e-12);
}

#[test]
fn inverted_dropout_agrees() {
    let mut rng = MaskStreams::new(1, 0, 0).at(Place::Layer(0));
    let mask = Dropout::new(0.3).unwrap().mask((6, 5), &mut rng);
    let mut factors = Array2::ones((6, 5));
    mask.apply(&mut factors);
    // Numbers u that drop what seqcore drops.
    let u = factors.mapv(|m: f64| if m == 0.0 { 0.1 } else { 0.8 });
    for own in [inverted_dropout::inverted_dropout, |x: &_, u: &_, p, _| {
        inverted_dropout::dropout_backward(x, u, p)
    }] {
        let mut course = numbers(1, (6, 5));
        let y = own(&course, &u, 0.3, true);
        mask.apply(&mut course);
        assert_close(&y, &course);
    }
}

#[test]
fn the_word_vocabulary_agrees() {
    // No marks and no capitals, so that both cut alike.
    let text = "the plot of the film is the plot of a good book and a good film";
    let course = tokenise::vocabulary(&[text], 6, 1);
    let own = word_vocabulary::word_vocabulary(text, 6);
    assert_eq!(own.len() + 1, course.size());
    assert!((1..course.size()).all(|id| course.token(id) == Some(&own[id - 1])));

    let (ids, unknown) = word_vocabulary::encode("a bad film of the book", &own);
    let words = ["a", "bad", "film", "of", "the", "book"];
    assert_eq!(ids, words.map(|word| course.id(&word.to_owned())));
    let missing = ids.iter().filter(|&&id| id == 0).count();
    assert!(missing > 0 && (unknown - missing as f64 / 6.0).abs() < 1e-15);
}
