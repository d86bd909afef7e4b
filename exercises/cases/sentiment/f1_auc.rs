//! Probabilities keep away from 0.5, or are 0.5 exactly; scores are well apart, or equal.

use kit::cases::*;

/// Predictions with all four outcomes: TP, FP, FN, TN, in these numbers.
fn outcomes(draw: &mut Draw, counts: [usize; 4]) -> (Vec<f64>, Vec<bool>) {
    let mut all = Vec::new();
    for (k, n) in counts.into_iter().enumerate() {
        for _ in 0..n {
            let p = if k < 2 { draw.number(0.55, 0.95) } else { draw.number(0.05, 0.45) };
            all.push((p, k % 2 == 0));
        }
    }
    draw.shuffled(all).into_iter().unzip()
}

/// Scores of which no two are equal; both labels.
fn scores(draw: &mut Draw, n: usize) -> (Vec<f64>, Vec<bool>) {
    let labels: Vec<bool> = (0..n).map(|k| k % 3 == 0).collect();
    (draw.distinct(-3.0, 3.0, n), draw.shuffled(labels))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = vec![0.9, 0.8, 0.4, 0.7, 0.4, 0.1];
    let labels = vec![true, true, true, false, false, false];
    let (p, l) = outcomes(draw, [3, 1, 2, 4]);
    let (missed, m) = outcomes(draw, [0, 2, 3, 1]);
    let (none, all) = outcomes(draw, [0, 0, 3, 2]); // nothing is called positive
    let (other, o) = outcomes(draw, [5, 4, 1, 2]);
    let (y, k) = scores(draw, 7);
    let (z, n) = scores(draw, 8);
    let (high, low) = (draw.number(0.6, 0.9), draw.number(0.1, 0.4));
    vec![
        call!("worked example: F1", f1(example.clone(), labels.clone())).expect(0.6667),
        call!("worked example: AUC", auc(example, labels)).expect(0.8333),
        call!("F1", f1(p.clone(), l.clone())),
        call!("F1: no positive found, and exactly one half", f1(missed, m)),
        call!("F1: no positive found, and exactly one half", f1(none, all)),
        call!(
            "F1: no positive found, and exactly one half",
            f1(vec![0.5, high, low, 0.5, low], vec![true, true, true, false, false])
        ),
        call!("AUC", auc(y, k)),
        call!(
            "AUC with ties",
            auc(vec![2.0, 1.0, 1.0, 3.0, 2.0, 1.0], vec![true, false, true, true, false, false])
        ),
        call!("other predictions", f1(other, o)).hidden(),
        call!("other predictions", auc(z, n)).hidden(),
    ]
}
