//! What a classifier is worth on reviews it has not seen, and whether it beats another.

use lesson::Lesson;
use lesson::plot::{HeatMap, Scatter, Table};
use seqcore::activation::sigmoid;
use seqcore::metrics::Interval;
use seqcore::metrics::classification::{
    Bin, Confusion, auc, calibration_error, log_loss, reliability,
};
use seqcore::metrics::statistics::{mcnemar, wilson};

/// Ranges of probability in a reliability figure.
const BINS: usize = 10;

/// The figures of one classifier on one part.
#[derive(Debug, Clone)]
pub struct ClassificationScores {
    /// What was predicted against what was true.
    pub confusion: Confusion,
    /// The share that is right, with its 95 % interval (C15).
    pub accuracy: Interval,
    /// The same without the reviews that stand in the training part too, unless all do.
    pub unseen: Option<Interval>,
    /// The area under the ROC curve (C13).
    pub auc: f64,
    /// The mean loss (C8), in nats.
    pub loss: f64,
    /// Predictions by probability.
    pub bins: Vec<Bin>,
    /// Which reviews were right.
    pub right: Vec<bool>,
}

impl ClassificationScores {
    /// Measures probabilities; `seen` marks the reviews that training has seen.
    pub fn new(probabilities: &[f64], labels: &[bool], seen: &[bool]) -> Self {
        let right: Vec<bool> =
            probabilities.iter().zip(labels).map(|(p, &label)| (*p >= 0.5) == label).collect();
        let correct = |right: &[bool]| {
            wilson(right.iter().filter(|right| **right).count(), right.len(), 0.95) // (C15)
        };
        let unseen = right.iter().zip(seen).filter(|(_, seen)| !**seen);
        let unseen: Vec<bool> = unseen.map(|(right, _)| *right).collect();
        Self {
            confusion: Confusion::of(probabilities, labels),
            accuracy: correct(&right),
            unseen: (!unseen.is_empty()).then(|| correct(&unseen)),
            auc: auc(probabilities, labels),
            loss: log_loss(probabilities, labels),
            bins: reliability(probabilities, labels, BINS),
            right,
        }
    }

    /// The expected calibration error (C14).
    pub fn calibration_error(&self) -> f64 {
        calibration_error(&self.bins)
    }

    /// Writes the numbers to `metrics.json`, their names behind `prefix`.
    pub fn write(&self, lesson: &mut Lesson, prefix: &str) {
        for (name, value) in [
            ("accuracy", self.accuracy.estimate),
            ("accuracy_low", self.accuracy.low),
            ("accuracy_high", self.accuracy.high),
            ("auc", self.auc),
            ("loss", self.loss),
            ("ece", self.calibration_error()),
            ("precision", self.confusion.precision()),
            ("recall", self.confusion.recall()),
            ("f1", self.confusion.f1()),
        ] {
            lesson.number(&format!("{prefix}{name}"), value);
        }
        if let Some(unseen) = self.unseen {
            lesson.number(&format!("{prefix}accuracy_without_seen"), unseen.estimate);
        }
    }

    /// The header of the tables that [`ClassificationScores::row`] fills.
    pub fn table() -> Table {
        Table::new([
            "model",
            "accuracy",
            "95 % interval",
            "without seen",
            "AUC",
            "F1",
            "loss",
            "ECE",
        ])
    }

    /// A row of such a table.
    pub fn row(&self, name: &str) -> Vec<String> {
        let Interval { estimate, low, high } = self.accuracy;
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        vec![
            name.into(),
            percent(estimate),
            format!("{:.1} to {:.1}", 100.0 * low, 100.0 * high),
            self.unseen.map_or("–".to_owned(), |unseen| percent(unseen.estimate)),
            format!("{:.4}", self.auc),
            format!("{:.4}", self.confusion.f1()),
            format!("{:.3}", self.loss),
            format!("{:.3}", self.calibration_error()),
        ]
    }

    /// The confusion matrix and the reliability figure.
    pub fn figures(&self, lesson: &mut Lesson, name: &str) {
        let c = &self.confusion;
        let counts = ndarray::array![
            [c.true_negative as f64, c.false_positive as f64],
            [c.false_negative as f64, c.true_positive as f64]
        ];
        let alt = format!(
            "Of the negative reviews {} are called negative and {} positive; of the positive ones {} negative and {} \
             positive.",
            c.true_negative, c.false_positive, c.false_negative, c.true_positive
        );
        let matrix = HeatMap::new(format!("Confusion, {name}"), alt, counts.view())
            .rows("true verdict", ["negative", "positive"])
            .columns("predicted", ["negative", "positive"])
            .show_values();
        lesson.figure(&matrix.render());
        let filled: Vec<&Bin> = self.bins.iter().filter(|bin| bin.count > 0).collect();
        let points: Vec<(f64, f64, String)> =
            filled.iter().map(|bin| (bin.predicted, bin.observed, bin.count.to_string())).collect();
        let figure = Scatter::new(
            format!("Reliability, {name}"),
            "Points: the share of positive reviews over the mean predicted probability, by range. On the diagonal a \
             probability means what it says.",
        )
        .x("predicted P(positive)")
        .y("share that is positive")
        .labelled("reviews in the range", &points)
        .diagonal()
        .caption(format!(
            "The expected calibration error is {:.3}: the mean distance from the diagonal, weighted by reviews.",
            self.calibration_error()
        ));
        lesson.figure(&figure.render());
    }
}

/// Whether one classifier is better than another on the same reviews, in a sentence, with p of
/// McNemar's test (C16).
pub fn compare(a: &str, a_right: &[bool], b: &str, b_right: &[bool]) -> (String, f64) {
    let only = |x: &[bool], y: &[bool]| x.iter().zip(y).filter(|(x, y)| **x && !**y).count();
    let (only_a, only_b) = (only(a_right, b_right), only(b_right, a_right));
    let p = mcnemar(only_a, only_b); // (C16)
    let verdict = match (p < 0.05, only_a > only_b) {
        (false, _) => "this may well be chance".to_owned(),
        (true, true) => format!("{a} is better"),
        (true, false) => format!("{b} is better"),
    };
    let sentence = format!(
        "{only_a} reviews are right only in {a}, {only_b} only in {b}: McNemar's p is {}, {verdict}.",
        if p < 1e-4 { "below 0.0001".to_owned() } else { format!("{p:.4}") }
    );
    (sentence, p)
}

/// A calibration: P = sigmoid(sum_k a_k x_k + a_0), fitted on decisions of one or more classifiers
/// and what was true (Platt 1999).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration<const K: usize> {
    weights: [f64; K],
    bias: f64,
}

impl<const K: usize> Calibration<K> {
    /// Fits by gradient descent on standardised decisions with a little weight decay; there are
    /// few numbers and nothing to tune.
    pub fn fit(decisions: &[[f64; K]], labels: &[bool]) -> Self {
        let n = decisions.len().max(1) as f64;
        let spread: [f64; K] = std::array::from_fn(|k| {
            (decisions.iter().map(|d| d[k] * d[k]).sum::<f64>() / n).sqrt().max(1e-9)
        });
        let (mut weights, mut bias) = ([0.0; K], 0.0);
        for _ in 0..2000 {
            let (mut d_weights, mut d_bias) = (weights.map(|w| 1e-3 * w), 0.0);
            for (d, &label) in decisions.iter().zip(labels) {
                let y: f64 = bias + (0..K).map(|k| weights[k] * d[k] / spread[k]).sum::<f64>();
                let g = (sigmoid(y) - f64::from(label)) / n;
                d_bias += g;
                (0..K).for_each(|k| d_weights[k] += g * d[k] / spread[k]);
            }
            bias -= 2.0 * d_bias;
            (0..K).for_each(|k| weights[k] -= 2.0 * d_weights[k]);
        }
        Self { weights: std::array::from_fn(|k| weights[k] / spread[k]), bias }
    }

    /// P(positive).
    pub fn probability(&self, decision: &[f64; K]) -> f64 {
        sigmoid(self.bias + (0..K).map(|k| self.weights[k] * decision[k]).sum::<f64>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seen_reviews_can_be_left_out() {
        let scores = ClassificationScores::new(
            &[0.9, 0.2, 0.6],
            &[true, false, false],
            &[true, false, false],
        );
        assert!((scores.accuracy.estimate - 2.0 / 3.0).abs() < 1e-12);
        assert!((scores.unseen.unwrap().estimate - 0.5).abs() < 1e-12);
        assert_eq!(scores.right, [true, true, false]);
        let all_seen = ClassificationScores::new(&[0.9, 0.2], &[true, false], &[true, true]);
        assert_eq!(all_seen.unseen, None, "there is no share of none");
    }

    #[test]
    fn a_comparison_says_who_is_better() {
        let (sentence, p) = compare("a", &[true; 20], "b", &[false; 20]);
        assert!(sentence.contains("a is better") && p < 1e-4, "{sentence}");
        let (sentence, p) = compare("a", &[true, false], "b", &[false, true]);
        assert!(sentence.contains("chance") && p == 1.0, "{sentence}");
    }

    // sklearn: LogisticRegression(C=1e6).fit([[-2],[-1],[.5],[1],[-.5],[3]], [0,0,1,0,1,1])
    #[test]
    fn a_calibration_is_a_logistic_regression() {
        let decisions = [[-2.0], [-1.0], [0.5], [1.0], [-0.5], [3.0]];
        let labels = [false, false, true, false, true, true];
        let fitted = Calibration::fit(&decisions, &labels);
        let p = fitted.probability(&[1.0]);
        assert!((p - 0.6870).abs() < 0.02, "{p}");
    }
}
