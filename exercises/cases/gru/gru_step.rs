//! Weights and states keep the gates away from 0 and 1, and |a_n| below about 2.

use kit::cases::*;

fn step(draw: &mut Draw, name: &str, [b, i, h]: [usize; 3]) -> Case {
    call!(
        name,
        gru_step(
            draw.uniform(-1.0, 1.0, (b, i)),
            draw.uniform(-0.9, 0.9, (b, h)),
            draw.uniform(-0.8, 0.8, (3 * h, i)),
            draw.uniform(-0.8, 0.8, (3 * h, h)),
            draw.uniform(-0.7, 0.7, 3 * h),
            draw.uniform(-0.7, 0.7, 3 * h),
        )
    )
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = call!(
        "worked example",
        gru_step(
            array![[-0.5]],
            array![[0.37]],
            array![[0.5], [-1.0], [2.0]],
            array![[1.0], [0.5], [-0.5]],
            array![0.0, 1.0, 0.0],
            array![0.5, 0.5, 0.3],
        )
    );
    let [b, i, h] = draw.sizes();
    let other = draw.sizes();
    vec![
        example.expect(array![[0.25894967]]),
        step(draw, "one sequence", [1, i, h]),
        step(draw, "a batch", [b, i, h]),
        step(draw, "another batch", other).hidden(),
    ]
}
