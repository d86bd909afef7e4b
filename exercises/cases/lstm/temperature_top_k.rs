//! Logits are well apart, except where a tie is the point.

use kit::cases::*;

fn logits(draw: &mut Draw, v: usize) -> Array1<f64> {
    Array1::from(draw.distinct(-2.0, 2.0, v))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [v, w] = draw.sizes();
    let (some, others, more) = (logits(draw, v + 3), logits(draw, w + 3), logits(draw, v + 4));
    vec![
        call!("worked example", temperature_top_k(array![2.0, 1.0, 0.0], 0.5, 2))
            .expect(array![0.8808, 0.1192, 0.0]),
        call!("all tokens", temperature_top_k(some.clone(), draw.number(0.4, 0.8), 100)),
        call!("all tokens", temperature_top_k(some.clone(), draw.number(1.5, 2.5), some.len())),
        call!("some tokens", temperature_top_k(some, draw.number(1.5, 2.5), 3)),
        call!("some tokens", temperature_top_k(others.clone(), draw.number(0.4, 0.8), 4)),
        call!("one token", temperature_top_k(others, draw.number(0.5, 2.0), 1)),
        call!(
            "equal logits: the lower ids",
            temperature_top_k(array![0.5, 1.5, 0.5, 0.5, -1.0], 0.7, 2)
        ),
        call!(
            "a low temperature, large logits",
            temperature_top_k(array![49.995, 50.0, 49.99, -30.0], 0.01, 3)
        ),
        call!("other logits", temperature_top_k(more, draw.number(0.5, 0.9), 2)).hidden(),
    ]
}
