//! The tape is made by a forward step's own arithmetic from drawn gates, all of them away from 0 and
//! 1, where slopes would vanish and hide a mistake.

use kit::cases::*;

/// One step's arguments for B sequences, I inputs and H units.
fn step(draw: &mut Draw, name: &str, [b, i, h]: [usize; 3]) -> Case {
    let mut gate = || draw.uniform(0.2, 0.8, (b, h));
    let (input, forget, output) = (gate(), gate(), gate());
    let g = draw.uniform(-0.8, 0.8, (b, h));
    let c_prev = draw.uniform(-1.0, 1.0, (b, h));
    let tanh_c = (&forget * &c_prev + &input * &g).mapv(f64::tanh);
    let tape = record! {
        x: draw.normal((b, i)), h_prev: draw.uniform(-0.9, 0.9, (b, h)), c_prev: c_prev,
        i: input, f: forget, g: g, o: output, tanh_c: tanh_c,
    };
    let weight_ih = draw.uniform(-0.6, 0.6, (4 * h, i));
    let weight_hh = draw.uniform(-0.6, 0.6, (4 * h, h));
    let (dh, dc) = (draw.normal((b, h)), draw.normal((b, h)));
    call!(name, lstm_step_backward(tape, weight_ih, weight_hh, dh, dc))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let one = |x: f64| array![[x]];
    let tape = record! {
        x: one(1.0), h_prev: one(0.5), c_prev: one(0.4), i: one(0.6), f: one(0.7), g: one(0.5), o: one(0.8),
        tanh_c: one(0.58_f64.tanh()),
    };
    let weight_ih = array![[0.1], [0.2], [0.3], [0.4]];
    let weight_hh = array![[0.4], [0.3], [0.2], [0.1]];
    let example = call!("worked example", lstm_step_backward(tape, weight_ih, weight_hh, one(1.0), one(0.1)));
    let [b, i, h] = draw.sizes();
    let other = draw.sizes();
    vec![
        example,
        step(draw, "one sequence", [1, i, h]),
        step(draw, "a batch", [b, i, h]),
        step(draw, "another batch", other).hidden(),
    ]
}
