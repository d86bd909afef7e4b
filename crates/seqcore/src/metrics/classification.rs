//! Figures for classifiers of two classes: how often right, how well ranked, how well calibrated.
//!
//! ```text
//! (C12)  precision = TP / (TP + FP)    recall = TP / (TP + FN)    F1 = 2TP / (2TP + FP + FN)
//! (C13)  AUC = (number of pairs (positive, negative) in the right order, ties half) / (all pairs)
//! (C14)  ECE = sum_b (n_b / N) |mean p in bin b - share of positives in bin b|
//! ```
//!
//! A *score* is anything that is larger for what is more likely positive; a *probability* lies
//! between 0 and 1. Predictions come with their labels, `true` for positive, in the same order.

/// What was predicted against what was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    /// Positive, and predicted so.
    pub true_positive: usize,
    /// Negative, but predicted positive.
    pub false_positive: usize,
    /// Negative, and predicted so.
    pub true_negative: usize,
    /// Positive, but predicted negative.
    pub false_negative: usize,
}

impl Confusion {
    /// Counts predictions against labels.
    pub fn count(predictions: impl IntoIterator<Item = bool>, labels: &[bool]) -> Self {
        let mut counts = Self::default();
        let mut predictions = predictions.into_iter();
        for &label in labels {
            let predicted = predictions.next().expect("a prediction for every label");
            *match (predicted, label) {
                (true, true) => &mut counts.true_positive,
                (true, false) => &mut counts.false_positive,
                (false, false) => &mut counts.true_negative,
                (false, true) => &mut counts.false_negative,
            } += 1;
        }
        assert!(predictions.next().is_none(), "a label for every prediction");
        counts
    }

    /// Counts probabilities against labels; 0.5 and more is positive.
    pub fn of(probabilities: &[f64], labels: &[bool]) -> Self {
        Self::count(probabilities.iter().map(|&p| p >= 0.5), labels)
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.correct() + self.false_positive + self.false_negative
    }

    /// How many are right.
    pub fn correct(&self) -> usize {
        self.true_positive + self.true_negative
    }

    /// The share that is right; NaN of nothing, as for all below.
    pub fn accuracy(&self) -> f64 {
        ratio(self.correct(), self.total())
    }

    /// Of what was predicted positive, the share that is.
    pub fn precision(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_positive) // (C12)
    }

    /// Of what is positive, the share that was found.
    pub fn recall(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_negative) // (C12)
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let twice = 2 * self.true_positive;
        ratio(twice, twice + self.false_positive + self.false_negative) // (C12)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The area under the ROC curve (C13): the probability that a positive scores higher than a
/// negative. NaN where one of the classes is missing.
///
/// ```
/// use seqcore::metrics::classification::auc;
/// assert_eq!(auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), 0.75);
/// ```
pub fn auc(scores: &[f64], labels: &[bool]) -> f64 {
    assert_eq!(scores.len(), labels.len(), "a label for every score");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    // Twice the sum of the positives' ranks, equal scores sharing the mean of their ranks.
    let mut ranks = 0;
    let mut first = 0;
    for ties in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let positive = ties.iter().filter(|&&i| labels[i]).count();
        ranks += positive * (2 * first + ties.len() + 1);
        first += ties.len();
    }
    let positive = labels.iter().filter(|&&label| label).count();
    let negative = labels.len() - positive;
    let above = ranks as f64 / 2.0 - (positive * (positive + 1)) as f64 / 2.0;
    above / (positive * negative) as f64 // (C13)
}

/// The predictions of one range of probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// How many there are.
    pub count: usize,
    /// The mean of what was predicted; NaN where there are none.
    pub predicted: f64,
    /// The share that is positive; NaN where there are none.
    pub observed: f64,
}

/// Sorts predictions into `bins` ranges of equal width: of those that were called 70 % positive,
/// are 70 %?
pub fn reliability(probabilities: &[f64], labels: &[bool], bins: usize) -> Vec<Bin> {
    assert_eq!(probabilities.len(), labels.len(), "a label for every probability");
    let mut sums = vec![(0, 0.0, 0); bins];
    for (&p, &label) in probabilities.iter().zip(labels) {
        let above = (p * bins as f64).ceil() as usize; // a boundary belongs to the bin below it
        let (count, sum, positive) = &mut sums[above.clamp(1, bins) - 1];
        *count += 1;
        *sum += p;
        *positive += usize::from(label);
    }
    let bin = |(count, sum, positive): (usize, f64, usize)| Bin {
        count,
        predicted: sum / count as f64,
        observed: ratio(positive, count),
    };
    sums.into_iter().map(bin).collect()
}

/// The expected calibration error (Naeini, Cooper & Hauskrecht 2015) of binned predictions (C14).
pub fn calibration_error(bins: &[Bin]) -> f64 {
    let total: usize = bins.iter().map(|bin| bin.count).sum();
    let filled = bins.iter().filter(|bin| bin.count > 0);
    let gap = |bin: &Bin| ratio(bin.count, total) * (bin.predicted - bin.observed).abs();
    filled.map(gap).sum() // (C14)
}

/// The mean of −ln p of what was true, in nats: the loss that a classifier trains on. A
/// probability of 0 or 1 counts as one of 1e-12 from there.
pub fn log_loss(probabilities: &[f64], labels: &[bool]) -> f64 {
    assert_eq!(probabilities.len(), labels.len(), "a label for every probability");
    let of_truth = |(&p, &label): (&f64, &bool)| if label { p } else { 1.0 - p };
    let sum: f64 = probabilities.iter().zip(labels).map(of_truth).map(|p| -p.max(1e-12).ln()).sum();
    sum / labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 12] = [0.05, 0.9, 0.35, 0.5, 0.62, 0.62, 0.8, 0.15, 0.5, 0.97, 0.2, 0.45];
    const Y: [bool; 12] =
        [false, true, false, true, false, true, true, false, false, true, true, false];

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} and {b}");
    }

    // from sklearn.metrics import *; q = (p >= .5)
    // accuracy_score(y, q), precision_score(y, q), recall_score(y, q), f1_score(y, q),
    // roc_auc_score(y, p), log_loss(y, p); confusion_matrix(y, q) is [[4, 2], [1, 5]]
    #[test]
    fn figures_are_those_of_sklearn() {
        let c = Confusion::of(&P, &Y);
        assert_eq!((c.true_negative, c.false_positive), (4, 2));
        assert_eq!((c.false_negative, c.true_positive), (1, 5));
        close(c.accuracy(), 0.75);
        close(c.precision(), 0.7142857142857143);
        close(c.recall(), 0.8333333333333334);
        close(c.f1(), 0.7692307692307693);
        close(auc(&P, &Y), 0.8333333333333334);
        close(log_loss(&P, &Y), 0.5035622929957367);
    }

    // from sklearn.calibration import calibration_curve; calibration_curve(y, p, n_bins=5)
    #[test]
    fn bins_are_those_of_sklearn() {
        let bins = reliability(&P, &Y, 5);
        let observed = [1.0 / 3.0, 0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];
        let predicted = [0.13333333333333333, 0.35, 0.48333333333333334, 0.68, 0.935];
        for ((bin, observed), predicted) in bins.iter().zip(observed).zip(predicted) {
            close(bin.observed, observed);
            close(bin.predicted, predicted);
        }
        close(calibration_error(&bins), 1.57 / 12.0); // by hand
    }

    #[test]
    fn one_class_alone_has_no_ranking_and_nothing_no_accuracy() {
        assert!(auc(&[0.1, 0.9], &[true, true]).is_nan());
        assert!(Confusion::of(&[], &[]).accuracy().is_nan());
        assert_eq!(auc(&[0.5; 4], &[true, false, true, false]), 0.5);
    }

    #[test]
    fn certainty_falls_into_the_last_bin() {
        let bins = reliability(&[1.0, 0.0], &[true, true], 4);
        assert_eq!((bins[3].count, bins[0].count, bins[1].count), (1, 1, 0));
        close(calibration_error(&bins), 0.5);
        assert!(log_loss(&[0.0], &[true]).is_finite());
    }
}
