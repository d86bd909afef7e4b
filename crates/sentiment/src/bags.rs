//! Part *bags*: how far one gets without reading order.
//!
//! A bag of words forgets the order of a review; a bag of bigrams keeps pairs of neighbours, so
//! that "not good" is one thing. Five classifiers on such bags, the last of which
//! ([`bayes::nb_svm`], Wang & Manning 2012) is the bar that every network of this lesson is measured
//! against: it takes seconds and is hard to beat.
//!
//! What C is, the weight of mistakes against large weights, is chosen on the dev part; the test
//! part is looked at once, for the table.

pub mod bayes;
pub mod features;
pub mod linear;

use std::time::Instant;

use lesson::Lesson;
use lesson::plot::{BarChart, Table};
use rayon::prelude::*;
use seqcore::metrics::classification::Confusion;

use crate::corpus::Corpus;
use crate::evaluation::{Calibration, ClassificationScores};
use features::{Bags, Features};
use linear::{Linear, Loss};

/// Values of C that dev chooses among.
const CS: [f64; 4] = [0.01, 0.03, 0.1, 1.0];

/// The longest n-grams of the bar: pairs.
pub const PAIRS: usize = 2;

/// The C where there is no dev part: what it chose on IMDB for NB-SVM.
const WITHOUT_DEV: f64 = 0.03;

/// What is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Naive Bayes (C10).
    Bayes,
    /// Logistic regression on what is there and what is not.
    Logistic,
    /// A linear support vector machine on the same.
    Svm,
    /// NB-SVM (C11).
    NbSvm,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Bayes => "naive Bayes",
            Kind::Logistic => "logistic regression",
            Kind::Svm => "SVM",
            Kind::NbSvm => "NB-SVM",
        }
    }

    /// Its name in `metrics.json`.
    fn key(self, bigrams: bool) -> String {
        let name = match self {
            Kind::Bayes => "bayes",
            Kind::Logistic => "logistic",
            Kind::Svm => "svm",
            Kind::NbSvm => "nbsvm",
        };
        format!("{name}_{}_test_accuracy", if bigrams { "bigrams" } else { "unigrams" })
    }

    /// Fits a classifier on bags.
    pub fn fit(self, bags: &Bags, labels: &[bool], features: usize, c: f64, seed: u64) -> Linear {
        let ones = || vec![1.0; features];
        match self {
            Kind::Bayes => bayes::naive_bayes(bags, labels, features),
            Kind::Logistic => Linear::fit(bags, labels, &ones(), Loss::Logistic, c, seed),
            Kind::Svm => Linear::fit(bags, labels, &ones(), Loss::Svm, c, seed),
            Kind::NbSvm => bayes::nb_svm(bags, labels, features, c, seed),
        }
    }
}

/// A classifier with what it is measured by.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The C that dev chose; naive Bayes has none.
    pub c: Option<f64>,
    /// Decisions on dev.
    pub dev: Vec<f64>,
    /// Decisions on test.
    pub test: Vec<f64>,
    /// Seconds to fit it, all values of C together.
    pub seconds: f64,
    /// The classifier itself.
    pub model: Linear,
}

/// The bags of a corpus.
#[derive(Debug)]
pub struct Prepared {
    /// The n-grams.
    pub features: Features,
    /// Of fit, dev and test.
    pub bags: [Bags; 3],
}

impl Prepared {
    /// Makes the bags of n-grams of up to `longest` words.
    pub fn new(corpus: &Corpus, longest: usize) -> Self {
        let (features, fit) = Features::fit(&corpus.fit.words, longest);
        let [dev, test] = [&corpus.dev, &corpus.test].map(|part| features.bags(&part.words));
        Self { features, bags: [fit, dev, test] }
    }

    /// Fits one kind, with the best C on dev; without a dev part with `WITHOUT_DEV`.
    pub fn fit(&self, corpus: &Corpus, kind: Kind, seed: u64) -> Fitted {
        let started = Instant::now();
        let [fit, dev, test] = &self.bags;
        let candidates = match (kind, corpus.dev.is_empty()) {
            (Kind::Bayes, _) | (_, true) => &[WITHOUT_DEV],
            _ => &CS[..],
        };
        let tried: Vec<(f64, f64, Linear)> = candidates
            .par_iter()
            .map(|&c| {
                let model = kind.fit(fit, &corpus.fit.labels, self.features.len(), c, seed);
                // Without a dev part there is one candidate, and nothing to choose by.
                let right =
                    if dev.is_empty() { 0.0 } else { accuracy(&model, dev, &corpus.dev.labels) };
                (right, c, model)
            })
            .collect();
        let better = |a: (f64, f64, Linear), b: (f64, f64, Linear)| if b.0 > a.0 { b } else { a };
        let (_, c, model) = tried.into_iter().reduce(better).expect("there are candidates");
        let [dev, test] = [dev, test].map(|bags| model.decisions(bags));
        let c = (kind != Kind::Bayes).then_some(c);
        Fitted { c, dev, test, seconds: started.elapsed().as_secs_f64(), model }
    }
}

/// The share of bags on the right side.
fn accuracy(model: &Linear, bags: &Bags, labels: &[bool]) -> f64 {
    Confusion::count(bags.iter().map(|bag| model.decision(bag) > 0.0), labels).accuracy()
}

/// The classifier that networks are measured against: NB-SVM, on words and pairs unless it is said otherwise.
#[derive(Debug)]
pub struct Bar {
    /// The n-grams.
    pub features: Features,
    /// The fitted classifier.
    pub fitted: Fitted,
    /// From decisions to probabilities, fitted on dev (on the training reviews where there is none).
    pub calibration: Calibration<1>,
    /// On the test part.
    pub scores: ClassificationScores,
}

impl Bar {
    /// Fits it on n-grams of up to `longest` words and measures it on the test part.
    pub fn fit(corpus: &Corpus, longest: usize, seed: u64) -> Self {
        let prepared = Prepared::new(corpus, longest);
        let fitted = prepared.fit(corpus, Kind::NbSvm, seed);
        Self::new(corpus, prepared, fitted)
    }

    fn new(corpus: &Corpus, prepared: Prepared, fitted: Fitted) -> Self {
        let (decisions, labels) = match corpus.dev.is_empty() {
            true => (&fitted.model.decisions(&prepared.bags[0]), &corpus.fit.labels),
            false => (&fitted.dev, &corpus.dev.labels),
        };
        let calibration =
            Calibration::fit(&decisions.iter().map(|&d| [d]).collect::<Vec<_>>(), labels);
        // Calibration may move the boundary; the verdict stays that of the decision.
        let probability = |&d: &f64| {
            let p = calibration.probability(&[d]);
            if d > 0.0 { p.max(0.5) } else { p.min(0.5 - f64::EPSILON) }
        };
        let probabilities: Vec<f64> = fitted.test.iter().map(probability).collect();
        let scores = ClassificationScores::new(&probabilities, &corpus.test.labels, &corpus.seen);
        Self { features: prepared.features, fitted, calibration, scores }
    }
}

/// Runs the part: all classifiers, a table, and what the last one has learned.
pub fn run(lesson: &mut Lesson, corpus: &Corpus, seed: u64) -> Bar {
    lesson.heading("1 · Bags: how far without reading order");
    lesson.say(
        "Before any network: how good is counting? These classifiers see which words a review holds, or which words \
         and pairs of neighbours, and not where. C weighs mistakes against large weights; dev chooses it. The test \
         part is looked at once.",
    );
    let mut table = Table::new(["features", "classifier", "C", "dev", "test", "seconds"]);
    let mut bars = BarChart::new(
        "Bags on the test part",
        "Bars: the share of test reviews that each classifier gets right.",
    )
    .unit("% right");
    let always = corpus.test.labels.iter().filter(|&&label| label).count() as f64;
    let always = 100.0 * always / corpus.test.len() as f64;
    bars = bars.bar("always positive", always);
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let share = |decisions: &[f64], labels: &[bool]| {
        Confusion::count(decisions.iter().map(|d| *d > 0.0), labels).accuracy()
    };
    let mut bar = None;
    for bigrams in [false, true] {
        let started = Instant::now();
        let prepared = Prepared::new(corpus, if bigrams { PAIRS } else { 1 });
        let grams = if bigrams { "words and pairs" } else { "words" };
        let features = format!("{} {grams}", prepared.features.len());
        let mut preparing = started.elapsed().as_secs_f64();
        let mut last = None;
        for kind in [Kind::Bayes, Kind::Logistic, Kind::Svm, Kind::NbSvm] {
            let fitted = prepared.fit(corpus, kind, seed);
            let test = share(&fitted.test, &corpus.test.labels);
            table.push([
                features.clone(),
                kind.name().to_owned(),
                fitted.c.map_or("–".to_owned(), |c| c.to_string()),
                if corpus.dev.is_empty() {
                    "–".into()
                } else {
                    percent(share(&fitted.dev, &corpus.dev.labels))
                },
                percent(test),
                format!("{:.1}", fitted.seconds + std::mem::take(&mut preparing)),
            ]);
            let name = format!("{}, {}", kind.name(), if bigrams { "pairs" } else { "words" });
            let is_bar = bigrams && kind == Kind::NbSvm;
            bars = if is_bar {
                bars.highlight(name, 100.0 * test)
            } else {
                bars.bar(name, 100.0 * test)
            };
            lesson.number(&format!("bags.{}", kind.key(bigrams)), test);
            last = Some(fitted);
        }
        bar = last.map(|fitted| Bar::new(corpus, prepared, fitted));
    }
    let bar = bar.expect("two kinds of features were tried");
    lesson.table(&table.caption(
        "Seconds include the search for C; the first row of each kind also counts the n-grams.",
    ));
    lesson.bar_chart(&bars);
    let ClassificationScores { accuracy, unseen, .. } = &bar.scores;
    lesson.say(&format!(
        "The bar for all that follows is NB-SVM on pairs: {:.2} % of the test reviews ({:.1} to {:.1} %, Wilson's 95 % \
         interval){}. Published on IMDB: 91.22 % (Wang & Manning 2012).",
        100.0 * accuracy.estimate,
        100.0 * accuracy.low,
        100.0 * accuracy.high,
        match (corpus.seen.iter().filter(|&&seen| seen).count(), unseen) {
            (0, _) => String::new(),
            (n, Some(unseen)) => format!(
                "; {:.2} % without the {n} test reviews that stand in the training part word for word",
                100.0 * unseen.estimate
            ),
            (_, None) => "; all of them stand in the training part word for word".to_owned(),
        }
    ));
    show_weights(lesson, corpus, &bar);
    bar.scores.write(lesson, "sentiment.nbsvm_test_");
    bar
}

/// The n-grams with the largest weights.
fn show_weights(lesson: &mut Lesson, corpus: &Corpus, bar: &Bar) {
    let grams = bar.features.grams();
    let weights = &bar.fitted.model.weights;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| weights[a].total_cmp(&weights[b]).then_with(|| grams[a].cmp(&grams[b])));
    let text = |&j: &usize| {
        let words: Vec<String> =
            grams[j].iter().map(|&id| corpus.vocabulary.decode(&[id])).collect();
        words.join(" ")
    };
    let list = |numbers: &mut dyn Iterator<Item = &usize>| -> Vec<String> {
        numbers.take(12).map(text).collect()
    };
    lesson.say(&format!(
        "What weighs most for negative: {}. For positive: {}.",
        list(&mut order.iter()).join(", "),
        list(&mut order.iter().rev()).join(", ")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_well_above_chance() {
        let corpus = Corpus::read(None, false, 0.2, 1).unwrap();
        let bar = Bar::fit(&corpus, PAIRS, 1);
        // Far better than always saying the same, far from perfect: 0.65 to 0.85 for several seeds.
        assert!(
            (0.65..0.85).contains(&bar.scores.accuracy.estimate),
            "{}",
            bar.scores.accuracy.estimate
        );
        // A pair that the training part does not have says nothing.
        assert_eq!(bar.features.number(&[1, 1, 1]), None);
        assert_eq!(bar.fitted.model.decision(&[]), bar.fitted.model.bias);
    }
}
