//! Padding is not zero, and at least one review is shorter than T.

use kit::cases::*;

fn lengths(draw: &mut Draw, t: usize, b: usize) -> Vec<usize> {
    let mut lengths = draw.ints(b, 2, t);
    lengths[0] = t;
    lengths[1] = t - 1;
    lengths
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [t, b, h] = draw.sizes();
    let [u, c, k] = draw.sizes();
    let (some, other) = (lengths(draw, t + 2, b), lengths(draw, u + 2, c));
    vec![
        call!("worked example: reverse", reverse(array![[[5.0]], [[6.0]], [[0.0]]], vec![2]))
            .expect(array![[[6.0]], [[5.0]], [[0.0]]]),
        call!(
            "worked example",
            last_states(
                array![[[0.1]], [[0.2]], [[0.9]]],
                array![[[0.3]], [[0.4]], [[0.8]]],
                vec![2]
            )
        )
        .expect(array![[0.2, 0.3]]),
        call!("reverse a batch", reverse(draw.normal((t + 2, b, h)), some.clone())),
        call!(
            "last states of a batch",
            last_states(draw.normal((t + 2, b, h)), draw.normal((t + 2, b, h)), some)
        ),
        call!(
            "one word, and full length",
            last_states(draw.normal((4, 2, h)), draw.normal((4, 2, h)), vec![1, 4])
        ),
        call!("another batch", reverse(draw.normal((u + 2, c, k)), other.clone())).hidden(),
        call!(
            "another batch",
            last_states(draw.normal((u + 2, c, k)), draw.normal((u + 2, c, k)), other)
        )
        .hidden(),
    ]
}
