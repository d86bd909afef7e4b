//! Probabilities are well apart and p and u keep away from their sums, so that no answer turns on rounding.

use kit::cases::*;

fn probabilities(draw: &mut Draw, tokens: usize) -> Array1<f64> {
    let shares = Array1::from(draw.distinct(1.0, 9.0, tokens));
    &shares / shares.sum()
}

/// A number between two of the running sums of the ranked (or not ranked) probabilities.
fn between(draw: &mut Draw, probabilities: &Array1<f64>, ranked: bool, below: usize) -> f64 {
    let mut shares = probabilities.to_vec();
    if ranked {
        shares.sort_by(|a, b| b.total_cmp(a));
    }
    let held: f64 = shares[..below].iter().sum();
    held + shares[below] * draw.number(0.2, 0.8)
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = array![0.1, 0.5, 0.15, 0.25];
    let mut cases = vec![
        call!("worked example", nucleus(example, 0.7)).expect(array![0.0, 0.66667, 0.0, 0.33333]),
        call!("worked example: draw", draw(array![0.0, 0.66667, 0.0, 0.33333], 0.7)).expect(3_usize),
    ];
    let [v, w] = draw.sizes();
    for (name, tokens, kept) in [("several are kept", v + 2, 2), ("another vocabulary", w + 3, 3)] {
        let probabilities = probabilities(draw, tokens);
        let p = between(draw, &probabilities, true, kept);
        cases.push(call!(name, nucleus(probabilities, p)));
    }
    let few = probabilities(draw, w + 1);
    let p = between(draw, &few, true, 0);
    cases.push(call!("one is kept, and all", nucleus(few.clone(), p)));
    cases.push(call!("one is kept, and all", nucleus(few.clone(), 1.0)));
    cases.push(call!("equal probabilities: the lower ids", nucleus(array![0.2, 0.2, 0.2, 0.2, 0.2], 0.5)));
    for token in 0..few.len() {
        let u = between(draw, &few, false, token);
        cases.push(call!("drawing", draw(few.clone(), u)));
    }
    cases.push(call!("drawing: a token of probability 0", draw(array![0.0, 0.4, 0.0, 0.6], 0.0)).hidden());
    cases
}
