//! Lesson `lstm`.

use seqcore::cells::{CellParams, State, lstm};
use seqcore::decode::Sampler;

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/lstm/lstm_step_backward.rs"]
mod lstm_step_backward;
#[path = "../../../../exercises/solutions/lstm/top_p.rs"]
mod top_p;

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
    let all = ndarray::Array1::from(sampler.filtered_distribution(logits.as_slice().unwrap()));
    let cut = sampler.top_p(0.7).unwrap().filtered_distribution(logits.as_slice().unwrap());
    assert_close(&top_p::nucleus(&all, 0.7), &cut.into());
}
