//! The figures of chapter 6: accuracy over the number of labels, and calibration.

use anyhow::Result;
use lesson::RunArgs;
use lesson::plot::{Figure, LineChart, Scatter};
use lesson::run::{Run, train};
use sentiment::bags::bayes::{naive_bayes, nb_svm};
use sentiment::bags::features::{Bags, Features};
use sentiment::bags::linear::Linear;
use sentiment::corpus::Corpus;
use sentiment::encoder::Encoder;
use sentiment::layout::Layout;
use sentiment::logits::logits;
use sentiment::options::Options;
use sentiment::recipe::SentimentRecipe;
use seqcore::activation::sigmoid;
use seqcore::metrics::classification::{Bin, log_loss, reliability};
use seqcore::metrics::statistics::wilson;
use seqcore::train::{Keep, Plan};

use crate::data::{Data, Series, Tolerance};
use crate::spec::{ENDS, SEED, Spec, with_intervals};

pub const FIGURES: [Spec; 2] = [
    Spec {
        name: "06_labels",
        how: "The course's reviews: the first n to fit, all test reviews; Wilson's 95 per cent intervals",
        tolerance: Tolerance::Amount(2.0),
        measure: labels,
        draw: draw_labels,
    },
    Spec {
        name: "06_reliability",
        how: "The course's reviews: a BiLSTM of 32 units after its last epoch on the test part, before and after a temperature that was fitted on dev; five ranges of probability",
        tolerance: Tolerance::Share(0.5),
        measure: calibration,
        draw: draw_reliability,
    },
];

/// The share of dev in the embedded reviews.
const DEV: f64 = 0.2;

fn corpus() -> Result<Corpus> {
    Ok(Corpus::read(None, false, DEV, SEED)?)
}

/// Accuracy of counting over the number of labelled reviews.
fn labels() -> Result<Vec<Series>> {
    let corpus = corpus()?;
    let most = corpus.fit.len();
    let counts = [20, 40, 80, 160, most];
    type Fit<'a> = &'a dyn Fn(&Bags, &[bool], usize) -> Linear;
    let kinds: [(&str, usize, Fit); 3] = [
        ("naive Bayes, words", 1, &naive_bayes),
        ("naive Bayes, words and pairs", 2, &naive_bayes),
        ("NB-SVM, words and pairs", 2, &|bags, labels, n| nb_svm(bags, labels, n, 0.1, SEED)),
    ];
    let mut all = Vec::new();
    for (name, longest, fit) in kinds {
        let accuracy = |&count: &usize| {
            let few = corpus.fit.first(count);
            let (features, bags) = Features::fit(&few.words, longest);
            let model = fit(&bags, &few.labels, features.len());
            let said = model.decisions(&features.bags(&corpus.test.words));
            let right = said.iter().zip(&corpus.test.labels).filter(|(d, l)| (**d > 0.0) == **l);
            (count as f64, wilson(right.count(), said.len(), 0.95)) // (C15)
        };
        let measured: Vec<_> = counts.iter().map(accuracy).collect();
        let line = |name: String, of: fn(&seqcore::metrics::Interval) -> f64| {
            Series::new(name, measured.iter().map(move |(n, i)| (*n, 100.0 * of(i))))
        };
        all.push(line(name.into(), |i| i.estimate));
        all.push(line(format!("{name}{}", ENDS[0]), |i| i.low));
        all.push(line(format!("{name}{}", ENDS[1]), |i| i.high));
    }
    Ok(all)
}

fn draw_labels(data: &Data) -> Figure {
    let name = "naive Bayes, words and pairs";
    let last = |end: &str| data.line(&format!("{name}{end}")).last().map_or(0.0, |p| p.1);
    let alt = format!(
        "Three lines over the number of labelled reviews, the first with a band. All rise from near 50 per cent; naive Bayes on \
         words and pairs ends at {:.0} per cent, with an interval from {:.0} to {:.0} that holds both other lines.",
        last(""),
        last(ENDS[0]),
        last(ENDS[1])
    );
    let chart = LineChart::new("More labels, and how much is chance", alt)
        .x("labelled reviews")
        .y("right on the test part (per cent)")
        .reference("coin", 50.0);
    let chart = with_intervals(chart, data, &[name]);
    let others = ["NB-SVM, words and pairs", "naive Bayes, words"];
    others.iter().fold(chart, |chart, name| chart.series(*name, data.line(name))).render()
}

/// Ranges of probability.
const BINS: usize = 5;
/// What the figure compares.
const KINDS: [&str; 2] = ["as trained", "with a temperature"];
/// The line that holds the temperature.
const TEMPERATURE: &str = "temperature";
/// The lines that hold how many reviews are in each range, behind the kind's name.
const REVIEWS: &str = ", reviews";

/// What a network's probabilities mean, before and after temperature scaling.
fn calibration() -> Result<Vec<Series>> {
    let corpus = corpus()?;
    let run = RunArgs { seed: SEED, ..RunArgs::default() };
    let mut recipe = SentimentRecipe::new(&run, &Options::default(), &corpus)?;
    recipe.plan = Plan { keep: Keep::Last, evaluations: 1, ..recipe.plan };
    let words = recipe.words(&corpus)?;
    let mut model = recipe.untrained(&words)?;
    let mut task = recipe.task(&model, &words, &corpus);
    train(&mut task, &mut model, &recipe.plan, &Run::in_memory(false), None, |_, _| {})?;
    let encoder = Encoder::new(&corpus, &words);
    let [dev, test] = [&corpus.dev, &corpus.test]
        .map(|part| logits(&model, &encoder.encode(part), Layout::Masked));
    let at = |logits: &[f64], tau: f64| -> Vec<f64> {
        logits.iter().map(|y| sigmoid(y / tau)).collect() // (R18) with two classes
    };
    let loss = |tau: &f64| log_loss(&at(&dev, *tau), &corpus.dev.labels);
    let candidates = (0..=60).map(|k| 0.5 * 1.05_f64.powi(k));
    let tau = candidates.min_by(|a, b| loss(a).total_cmp(&loss(b))).expect("candidates");
    let mut all = vec![Series::new(TEMPERATURE, [(0.0, tau)])];
    for (name, tau) in KINDS.into_iter().zip([1.0, tau]) {
        let mut bins = reliability(&at(&test, tau), &corpus.test.labels, BINS);
        bins.retain(|bin| bin.count > 0);
        let line = |of: fn(&Bin) -> f64| bins.iter().map(move |bin| (bin.predicted, of(bin)));
        all.push(Series::new(name, line(|bin| bin.observed)));
        all.push(Series::new(format!("{name}{REVIEWS}"), line(|bin| bin.count as f64)));
    }
    Ok(all)
}

fn draw_reliability(data: &Data) -> Figure {
    let tau = data.line(TEMPERATURE)[0].1;
    let alt = format!(
        "Points of two kinds beside the diagonal, with the number of reviews in each: predicted probability against the share that \
         is positive. As trained, most reviews are in the two outermost ranges, and their points lie far from the diagonal, towards \
         one half. With a temperature of {tau:.1}, fitted on dev, the predictions move inwards and the large groups lie nearer to it.",
    );
    let figure = Scatter::new("Does 90 per cent mean 90 per cent?", alt)
        .x("predicted P(positive)")
        .y("share that is positive");
    let group = |figure: Scatter, name: &&str| {
        let counts = data.line(&format!("{name}{REVIEWS}"));
        let points = data.line(name).iter().zip(counts);
        let points: Vec<_> = points.map(|(p, n)| (p.0, p.1, n.1.to_string())).collect();
        figure.labelled(*name, &points)
    };
    KINDS.iter().fold(figure, group).diagonal().render()
}
