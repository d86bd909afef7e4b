//! Probabilities keep away from the edges of the bins, except for 0 and 1.

use kit::cases::*;

/// Probabilities inside random bins of `bins`, each label as likely as p says or a little less.
fn predictions(draw: &mut Draw, n: usize, bins: usize, used: usize) -> (Vec<f64>, Vec<bool>) {
    let which = draw.shuffled((0..bins).collect::<Vec<_>>());
    let each = |k: usize, draw: &mut Draw| {
        let p = (which[k % used] as f64 + draw.number(0.1, 0.4)) / bins as f64;
        (p, draw.chance(0.6))
    };
    (0..n).map(|k| each(k, draw)).unzip()
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let (p, l) = predictions(draw, 10, 3, 3);
    let (q, m) = predictions(draw, 9, 10, 4);
    let (r, n) = predictions(draw, 7, 4, 3);
    let (x, y) = (draw.number(0.3, 0.4), draw.number(0.8, 0.95));
    let (other, o) = predictions(draw, 16, 5, 4);
    vec![
        call!(
            "worked example",
            calibration_error(vec![0.9, 0.8, 0.3], vec![true, false, false], 2)
        )
        .expect(0.3333),
        call!("every bin is filled", calibration_error(p, l, 3)),
        call!("empty bins", calibration_error(q, m, 10)),
        call!(
            "probabilities of 0 and 1",
            calibration_error(vec![0.0, 1.0, 1.0, x, y], vec![true, true, false, false, true], 4)
        ),
        call!("some predictions", calibration_error(r, n, 4)),
        call!("other predictions", calibration_error(other, o, 5)).hidden(),
    ]
}
