//! u keeps away from p; in every case something is dropped and something kept.

use kit::cases::*;

/// Uniform numbers, some on either side of p.
fn around(draw: &mut Draw, p: f64, b: usize, h: usize) -> Array2<f64> {
    let mut u = Array2::from_shape_simple_fn((b, h), || {
        if draw.chance(0.4) { draw.number(0.0, p - 0.05) } else { draw.number(p + 0.05, 0.999) }
    });
    u[[0, 0]] = 0.0;
    u[[b - 1, h - 1]] = 0.99;
    u
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [b, h] = draw.sizes();
    let (p, q) = (draw.number(0.1, 0.3), draw.number(0.6, 0.8));
    let x = draw.normal((b, h));
    vec![
        call!(
            "worked example",
            inverted_dropout(array![[1.0, 2.0, 3.0]], array![[0.1, 0.9, 0.3]], 0.2, true)
        )
        .expect(array![[0.0, 2.5, 3.75]]),
        call!(
            "worked example: backward",
            dropout_backward(array![[1.0, 1.0, 1.0]], array![[0.1, 0.9, 0.3]], 0.2)
        )
        .expect(array![[0.0, 1.25, 1.25]]),
        call!("training", inverted_dropout(x.clone(), around(draw, p, b, h), p, true)),
        call!("training, a large p", inverted_dropout(x.clone(), around(draw, q, b, h), q, true)),
        call!(
            "evaluation, after training",
            inverted_dropout(x.clone(), around(draw, q, b, h), q, false)
        ),
        call!("evaluation, after training", inverted_dropout(x, around(draw, q, b, h), q, true)),
        call!("backward", dropout_backward(draw.normal((b, h)), around(draw, p, b, h), p)),
        call!(
            "backward, another p",
            dropout_backward(draw.normal((h, b)), around(draw, q, h, b), q)
        )
        .hidden(),
    ]
}
