//! Weights and states keep |a| below about 2, where tanh still tells values apart.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let mut cases = vec![
        call!(
            "worked example",
            rnn_step(array![[1.0, 2.0]], array![[0.5]], array![[0.1, 0.2]], array![[0.6]], array![0.1], array![-0.3])
        )
        .expect(array![[0.5370]]),
    ];
    let [b, i, h] = draw.sizes();
    for (name, sequences) in [("one sequence", 1), ("a batch", b)] {
        cases.push(call!(
            name,
            rnn_step(
                draw.uniform(-1.0, 1.0, (sequences, i)),
                draw.uniform(-0.9, 0.9, (sequences, h)),
                draw.uniform(-0.6, 0.6, (h, i)),
                draw.uniform(-0.6, 0.6, (h, h)),
                draw.uniform(-0.5, 0.5, h),
                draw.uniform(-0.5, 0.5, h),
            )
        ));
    }
    let [b, i, h] = draw.sizes();
    cases.push(
        call!(
            "another batch",
            rnn_step(
                draw.uniform(-1.0, 1.0, (b, i)),
                draw.uniform(-0.9, 0.9, (b, h)),
                draw.uniform(-0.6, 0.6, (h, i)),
                draw.uniform(-0.6, 0.6, (h, h)),
                draw.uniform(-0.5, 0.5, h),
                draw.uniform(-0.5, 0.5, h),
            )
        )
        .hidden(),
    );
    cases
}
