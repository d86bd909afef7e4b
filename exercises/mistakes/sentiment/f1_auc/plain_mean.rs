//! You take the plain mean of precision and recall. (C12) is the harmonic one, low if either is
//! low.

/// F1 of the positive class, at the threshold 0.5.
pub fn f1(probabilities: &[f64], labels: &[bool]) -> f64 {
    let count = |called: bool, label: bool| -> f64 {
        let pairs = probabilities.iter().zip(labels);
        pairs.filter(|&(&p, &l)| (p >= 0.5) == called && l == label).count() as f64
    };
    let (tp, false_positive, false_negative) =
        (count(true, true), count(true, false), count(false, true));
    if tp == 0.0 {
        return 0.0;
    }
    let precision = tp / (tp + false_positive);
    let recall = tp / (tp + false_negative);
    (precision + recall) / 2.0 // (C12)
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
