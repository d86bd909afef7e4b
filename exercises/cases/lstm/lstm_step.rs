//! Weights keep the gates away from 0 and 1, where mistakes hide.

use kit::cases::*;

fn step(draw: &mut Draw, name: &str, [b, i, h]: [usize; 3]) -> Case {
    call!(
        name,
        lstm_step(
            draw.uniform(-1.0, 1.0, (b, i)),
            draw.uniform(-0.9, 0.9, (b, h)),
            draw.uniform(-1.5, 1.5, (b, h)),
            draw.uniform(-0.6, 0.6, (4 * h, i)),
            draw.uniform(-0.6, 0.6, (4 * h, h)),
            draw.uniform(-0.5, 0.5, 4 * h),
        )
    )
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [b, i, h] = draw.sizes();
    let other = draw.sizes();
    vec![
        call!(
            "worked example",
            lstm_step(
                array![[-0.5]],
                array![[0.4058]],
                array![[0.7048]],
                array![[1.0], [-0.5], [2.0], [0.5]],
                array![[-0.5], [0.5], [0.4], [1.0]],
                array![0.0, 1.5, 0.0, 0.2],
            )
        )
        .expect((array![[0.2186]], array![[0.3905]])),
        step(draw, "one sequence", [1, i, h]),
        step(draw, "one unit", [b, i, 1]),
        step(draw, "a batch", [b, i, h]),
        step(draw, "another batch", other).hidden(),
    ]
}
