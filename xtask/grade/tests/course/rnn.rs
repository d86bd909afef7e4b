//! Lesson `rnn`.

use seqcore::cells::{CellParams, rnn};

use crate::{assert_close, numbers};

#[path = "../../../../exercises/solutions/rnn/rnn_step.rs"]
mod rnn_step;

#[test]
fn rnn_step_agrees() {
    let (bias_ih, bias_hh) = (numbers(3, 4), numbers(4, 4));
    let p = CellParams {
        weight_ih: numbers(1, (4, 3)),
        weight_hh: numbers(2, (4, 4)),
        bias_ih: Some(bias_ih.clone()),
        bias_hh: Some(bias_hh.clone()),
    };
    let (x, h_prev) = (numbers(5, (2, 3)), numbers(6, (2, 4)));
    let h = rnn_step::rnn_step(&x, &h_prev, &p.weight_ih, &p.weight_hh, &bias_ih, &bias_hh);
    let tape = rnn::forward(rnn::Nonlinearity::Tanh, &p, x.view(), h_prev.view());
    assert_close(&h, &tape.h);
}
