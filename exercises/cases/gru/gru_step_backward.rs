//! Gates are drawn away from 0 and 1, where slopes would vanish and hide a mistake.

use kit::cases::*;

/// One step's arguments for B sequences, I inputs and H units.
fn step(draw: &mut Draw, name: &str, [b, i, h]: [usize; 3]) -> Case {
    let tape = record! {
        x: draw.normal((b, i)), h_prev: draw.uniform(-0.9, 0.9, (b, h)),
        r: draw.uniform(0.2, 0.8, (b, h)), z: draw.uniform(0.2, 0.8, (b, h)),
        n: draw.uniform(-0.8, 0.8, (b, h)), v_n: draw.normal((b, h)),
    };
    let weight_ih = draw.uniform(-0.6, 0.6, (3 * h, i));
    let weight_hh = draw.uniform(-0.6, 0.6, (3 * h, h));
    call!(name, gru_step_backward(tape, weight_ih, weight_hh, draw.normal((b, h))))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let one = |x: f64| array![[x]];
    let tape = record! { x: one(-0.5), h_prev: one(0.4), r: one(0.6), z: one(0.8), n: one(-0.5), v_n: one(0.2) };
    let weight_ih = array![[0.5], [-1.0], [2.0]];
    let weight_hh = array![[1.0], [0.5], [-0.5]];
    let example = call!("worked example", gru_step_backward(tape, weight_ih, weight_hh, one(1.0))).expect(record! {
        dx: one(0.1596), dh_prev: one(0.8342),
        d_weight_ih: array![[-0.0036], [-0.072], [-0.075]], d_weight_hh: array![[0.00288], [0.0576], [0.036]],
        d_bias_ih: array![0.0072, 0.144, 0.15], d_bias_hh: array![0.0072, 0.144, 0.09],
    });
    let [b, i, h] = draw.sizes();
    let other = draw.sizes();
    vec![
        example,
        step(draw, "one sequence", [1, i, h]),
        step(draw, "a batch", [b, i, h]),
        step(draw, "another batch", other).hidden(),
    ]
}
