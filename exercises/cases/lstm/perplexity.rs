//! Probabilities from 0.05 to 0.95; a sure model and a reckless one besides.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let n = draw.int(4, 9);
    let mut some = |low: f64, high: f64, n: usize| draw.uniform(low, high, n).to_vec();
    let mut reckless = some(0.85, 0.95, 4);
    reckless.push(1e-3);
    vec![
        call!("worked example", perplexity(vec![0.5, 0.125])).expect((4.0, 2.0)),
        call!("a few characters", perplexity(some(0.05, 0.95, n))),
        call!("one character", perplexity(some(0.05, 0.3, 1))),
        call!("one reckless prediction", perplexity(reckless)),
        call!("more characters", perplexity(some(0.02, 0.6, 40))).hidden(),
    ]
}
