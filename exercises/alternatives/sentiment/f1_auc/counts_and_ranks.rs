//! F1 without precision and recall; AUC by ranks.

/// F1 of the positive class, at the threshold 0.5.
pub fn f1(probabilities: &[f64], labels: &[bool]) -> f64 {
    let (mut hits, mut called, mut positive) = (0, 0, 0);
    for k in 0..labels.len() {
        hits += usize::from(probabilities[k] >= 0.5 && labels[k]);
        called += usize::from(probabilities[k] >= 0.5);
        positive += usize::from(labels[k]);
    }
    match hits {
        0 => 0.0,
        hits => (2 * hits) as f64 / (called + positive) as f64,
    }
}

/// The share of pairs in the right order.
pub fn auc(scores: &[f64], labels: &[bool]) -> f64 {
    // The mean rank of a score, counted from 1.
    let rank = |y: f64| -> f64 {
        let below = scores.iter().filter(|&&other| other < y).count();
        let equal = scores.iter().filter(|&&other| other == y).count();
        below as f64 + (equal + 1) as f64 / 2.0
    };
    let ranks: f64 = (0..scores.len()).filter(|&i| labels[i]).map(|i| rank(scores[i])).sum();
    let n1 = labels.iter().filter(|&&label| label).count() as f64;
    let n0 = labels.len() as f64 - n1;
    (ranks - n1 * (n1 + 1.0) / 2.0) / (n1 * n0)
}
