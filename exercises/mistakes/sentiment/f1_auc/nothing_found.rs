//! Where no positive was found your F1 is 0 / 0, no number. It is 0 then: nothing was found.

/// F1 of the positive class, at the threshold 0.5.
pub fn f1(probabilities: &[f64], labels: &[bool]) -> f64 {
    let count = |called: bool, label: bool| -> f64 {
        let pairs = probabilities.iter().zip(labels);
        pairs.filter(|&(&p, &l)| (p >= 0.5) == called && l == label).count() as f64
    };
    let (tp, false_positive, false_negative) =
        (count(true, true), count(true, false), count(false, true));
    let precision = tp / (tp + false_positive);
    let recall = tp / (tp + false_negative);
    2.0 * precision * recall / (precision + recall) // (C12)
}

/// The share of pairs in the right order.
pub fn auc(scores: &[f64], labels: &[bool]) -> f64 {
    let (mut won, mut pairs) = (0.0, 0.0);
    for i in (0..scores.len()).filter(|&i| labels[i]) {
        for j in (0..scores.len()).filter(|&j| !labels[j]) {
            pairs += 1.0;
            if scores[i] > scores[j] {
                won += 1.0;
            } else if scores[i] == scores[j] {
                won += 0.5;
            }
        }
    }
    won / pairs // (C13)
}
