//! Weights and states keep |a| below about 2, where tanh still tells values apart.

use kit::cases::*;

fn sequence(draw: &mut Draw, name: &str, [t, b, i, h]: [usize; 4]) -> Case {
    call!(
        name,
        rnn_unroll(
            draw.uniform(-1.0, 1.0, (t, b, i)),
            draw.uniform(-0.9, 0.9, (b, h)),
            draw.uniform(-0.6, 0.6, (h, i)),
            draw.uniform(-0.6, 0.6, (h, h)),
            draw.uniform(-0.5, 0.5, h),
        )
    )
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [t, b, i, h] = draw.sizes();
    let other = draw.sizes();
    vec![
        call!(
            "worked example",
            rnn_unroll(
                array![[[1.0]], [[0.0]], [[1.0]]],
                array![[0.0, 0.0]],
                array![[0.5], [-0.4]],
                array![[0.6, -0.3], [0.4, 0.7]],
                array![0.1, 0.1],
            )
        )
        .expect(array![[[0.5370, -0.2913]], [[0.4697, 0.1104]], [[0.6904, -0.0348]]]),
        sequence(draw, "a single step", [1, b, i, h]),
        sequence(draw, "two steps of one sequence", [2, 1, i, h]),
        sequence(draw, "a batch of sequences", [t, b, i, h]),
        sequence(draw, "another batch", other).hidden(),
    ]
}
