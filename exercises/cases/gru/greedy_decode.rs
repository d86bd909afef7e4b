//! In every row one token is clearly the most probable, except where ties are the point.

use kit::cases::*;

/// A model that writes `path` and then the end mark: each next token is the most probable after the one before.
fn model(draw: &mut Draw, v: usize, path: &[usize], end: usize) -> Value {
    let mut row = |best: usize| {
        let mut shares = Array1::from(draw.distinct(1.0, 4.0, v));
        shares[best] = 6.0;
        &shares / shares.sum()
    };
    let start = row(path[0]);
    let mut after = Array2::zeros((v, v));
    for token in 0..v {
        let place = path.iter().position(|&p| p == token);
        let best = place.and_then(|k| path.get(k + 1)).copied().unwrap_or(end);
        after.row_mut(token).assign(&row(best));
    }
    record! { start: start, after: after }
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = record! {
        start: array![0.55, 0.45, 0.0], after: array![[0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [0.4, 0.3, 0.3]],
    };
    let v = draw.int(5, 8);
    let end = draw.int(1, v - 1);
    let path = |draw: &mut Draw, steps: usize| -> Vec<usize> {
        draw.shuffled((0..v).filter(|&token| token != end).collect())
            .into_iter()
            .take(steps)
            .collect()
    };
    let (short, long, hidden) = (path(draw, 2), path(draw, 4), path(draw, 3));
    let ties = record! {
        start: array![0.1, 0.35, 0.2, 0.35], after: array![[0.2, 0.2, 0.3, 0.3], [0.25, 0.15, 0.35, 0.25], [0.3, 0.1, 0.3, 0.3], [0.4, 0.3, 0.2, 0.1]],
    };
    vec![
        call!("worked example", greedy_decode(example, 2_usize, 10_usize))
            .expect(record! { tokens: vec![0_usize], log_probability: -1.51413 }),
        call!("a short answer", greedy_decode(model(draw, v, &short, end), end, 9_usize)),
        call!("a longer answer", greedy_decode(model(draw, v, &long, end), end, 9_usize)),
        call!("cut off", greedy_decode(model(draw, v, &long, end), end, 3_usize)),
        call!("equally probable tokens", greedy_decode(ties, 3_usize, 6_usize)),
        call!("another model", greedy_decode(model(draw, v, &hidden, end), end, 9_usize)).hidden(),
    ]
}
