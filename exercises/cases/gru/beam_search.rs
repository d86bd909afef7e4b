//! Every model gives the end mark a moderate share, so that answers of several lengths are found.
//! Four rounds at most: from the fifth on, two answers can be made of the same steps in another
//! order, and tie.

use kit::cases::*;

fn model(draw: &mut Draw, v: usize, end: usize) -> Value {
    let mut row = |least: f64, most: f64| {
        let mut shares = Array1::from_iter(draw.distinct(1.0, 5.0, v));
        shares[end] = draw.number(least, most);
        &shares / shares.sum()
    };
    let start = row(0.5, 0.9);
    let mut after = Array2::zeros((v, v));
    after.rows_mut().into_iter().for_each(|mut into| into.assign(&row(3.5, 6.0)));
    record! { start: start, after: after }
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = record! {
        start: array![0.55, 0.45, 0.0], after: array![[0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [0.4, 0.3, 0.3]],
    };
    let answer = |token: usize, score: f64| record! { tokens: vec![token], score: score };
    let mut cases = vec![
        call!("worked example", beam_search(example, 2_usize, 2_usize, 4_usize, 0.6))
            .expect(vec![answer(1, -0.82402), answer(0, -1.38037)]),
    ];
    let v = draw.int(4, 6);
    let end = draw.int(1, v - 1);
    for (name, width, alpha) in [
        ("no penalty", 3, 0.0),
        ("with a penalty", 3, 0.8),
        ("with a penalty", 4, 1.5),
        ("a wide beam", 9, 0.6),
        ("width 1 is greedy", 1, 0.7),
    ] {
        cases.push(call!(
            name,
            beam_search(model(draw, v, end), end, width as usize, 4_usize, alpha)
        ));
    }
    cases.push(
        call!("another model", beam_search(model(draw, v + 1, end), end, 5_usize, 4_usize, 1.0))
            .hidden(),
    );
    cases
}
