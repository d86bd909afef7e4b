//! States at padding are not zero; reviews differ in length, and one mask has a gap.

use kit::cases::*;

/// 1 for the first n steps of each review.
fn mask(draw: &mut Draw, t: usize, b: usize) -> Array2<f64> {
    let mut lengths = draw.ints(b, 1, t);
    lengths[0] = t - 1;
    Array2::from_shape_fn((t, b), |(t, b)| if t < lengths[b] { 1.0 } else { 0.0 })
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [t, b, h] = draw.sizes();
    let [u, c, k] = draw.sizes();
    let (some, other) = (mask(draw, t + 1, b), mask(draw, u + 1, c));
    vec![
        call!(
            "worked example",
            masked_mean(array![[[4.0]], [[8.0]], [[90.0]]], array![[1.0], [1.0], [0.0]])
        )
        .expect(array![[6.0]]),
        call!(
            "worked example: backward",
            masked_mean_backward(array![[0.5]], array![[1.0], [1.0], [0.0]])
        )
        .expect(array![[[0.25]], [[0.25]], [[0.0]]]),
        call!("a batch", masked_mean(draw.normal((t + 1, b, h)), some.clone())),
        call!(
            "a single word, and a gap",
            masked_mean(
                draw.normal((4, 2, h)),
                array![[1.0, 1.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
            )
        ),
        call!("backward", masked_mean_backward(draw.normal((b, h)), some)),
        call!("another batch", masked_mean(draw.normal((u + 1, c, k)), other.clone())).hidden(),
        call!("another batch", masked_mean_backward(draw.normal((c, k)), other)).hidden(),
    ]
}
