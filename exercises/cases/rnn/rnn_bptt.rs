//! States are drawn away from 1, where the slope would vanish and hide a mistake.

use kit::cases::*;

fn window(draw: &mut Draw, name: &str, [t, b, i, h]: [usize; 4]) -> Case {
    call!(
        name,
        rnn_bptt(
            draw.normal((t, b, i)),
            draw.uniform(-0.8, 0.8, (t + 1, b, h)),
            draw.uniform(-0.8, 0.8, (h, i)),
            draw.uniform(-0.8, 0.8, (h, h)),
            draw.normal((t, b, h)),
        )
    )
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = call!(
        "worked example",
        rnn_bptt(
            array![[[1.0]], [[2.0]]],
            array![[[0.2]], [[0.5]], [[0.6]]],
            array![[0.5]],
            array![[0.4]],
            array![[[0.1]], [[1.0]]],
        )
    )
    .expect(record! {
        dx: array![[[0.1335]], [[0.32]]], dh_0: array![[0.1068]], d_weight_ih: array![[1.547]],
        d_weight_hh: array![[0.3734]], d_bias: array![0.907],
    });
    let [t, b, i, h] = draw.sizes();
    let other = draw.sizes();
    vec![
        example,
        window(draw, "a single step", [1, b, i, h]),
        window(draw, "three steps of one sequence", [3, 1, i, h]),
        window(draw, "a batch of sequences", [t, b, i, h]),
        window(draw, "another batch", other).hidden(),
    ]
}
