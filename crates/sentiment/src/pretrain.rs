//! Part *pretrain*: first learn the language, then the verdicts (Dai & Le 2015; Howard & Ruder 2018).
//!
//! A label is one bit a review; its text has hundreds of words, each a thing to predict. So a language
//! model ([`model`]) is trained first, on the texts of the *fit* reviews alone, without their labels.
//! Then a classifier begins with its embedding and its recurrent layer: first only the new layers learn
//! (the rest is *frozen*), then all, what is below at a lower rate.
//!
//! Who needs how many labels? The curve compares, with the same labels: a network from scratch, one that begins
//! with the language model, and NB-SVM, which has never heard of the other texts.

pub mod model;
pub mod recipe;
pub mod task;

use std::path::Path;

use lesson::plot::{LineChart, Table};
use lesson::run::{Resume, Run, train};
use lesson::{Lesson, Result, RunArgs};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::metrics::perplexity;
use seqcore::params::Named;
use seqcore::train::{Keep, Length, Plan, Progress};

use crate::bags::bayes::nb_svm;
use crate::bags::features::Features;
use crate::corpus::{Corpus, ReviewPart};
use crate::encoder::Encoder;
use crate::evaluation::ClassificationScores;
use crate::logits::probabilities;
use crate::model::{Classifier, Config};
use crate::recipe::SentimentRecipe;
use model::Body;
use recipe::PretrainRecipe;

/// Trains the language model into `folder`.
///
/// # Errors
/// A record that cannot be written, training that diverges, Ctrl-C.
pub fn train_language(
    lesson: &mut Lesson,
    corpus: &Corpus,
    recipe: &PretrainRecipe,
    (folder, args): (&Path, &RunArgs),
    resume: Option<Resume>,
) -> Result<Body<f32>> {
    let words = recipe.words(corpus);
    let mut body = recipe.untrained(words.size());
    let mut task = recipe.task(corpus, &words);
    let both = if body.rnn.config.bidirectional {
        "the next word and the one before"
    } else {
        "the next word"
    };
    lesson.say(&format!(
        "A language model reads the texts of the {} reviews to fit, without their verdicts, and predicts {both}: {} \
         parameters, {} words in the vocabulary, {} of them drawn at each step for the sampled softmax.",
        corpus.fit.len(),
        body.count(),
        words.size() - 1,
        recipe.samples,
    ));
    let run = Run::of(recipe, folder.to_owned(), args).with_model(&recipe.describe(words));
    let watch = |_: &Body<f32>, progress: &Progress| {
        let Some(entry) = progress.history.last() else { return };
        lesson.line(&format!(
            "step {:>6} of {}  train {:.3}  dev {:.3} nats/word  {:.0} s",
            entry.step, progress.total, entry.train_loss, entry.dev_loss, entry.seconds
        ));
    };
    let outcome = train(&mut task, &mut body, &recipe.plan, &run, resume, watch)?;
    let progress = &outcome.progress;
    let (nats, unigram) = task.nats(&body);
    let watched = if corpus.dev.is_empty() { "training" } else { "dev" };
    lesson.say(&format!(
        "{} steps, {:.0} s, {:.0} predictions per second. On {watched} reviews, with the whole softmax: {nats:.3} nats a \
         word (perplexity {:.0}); knowing only how frequent words are costs {unigram:.3} ({:.0}). {}",
        progress.step,
        progress.seconds,
        progress.speed(),
        perplexity(nats),
        perplexity(unigram),
        outcome.repeat(),
    ));
    lesson.number("pretrain.nats_per_word", nats);
    lesson.number("pretrain.unigram_nats_per_word", unigram);
    lesson.number("pretrain.steps", progress.step as f64);
    lesson.number("pretrain.train_s", progress.seconds);
    Ok(body)
}

/// One point of the curve over labels: accuracies on the test part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labels {
    /// How many labelled reviews.
    pub count: usize,
    /// From scratch.
    pub scratch: f64,
    /// Beginning with the language model.
    pub pretrained: f64,
    /// NB-SVM.
    pub nb_svm: f64,
}

/// Runs the part: a language model, then the curve over labels.
///
/// # Errors
/// As [`train_language`].
pub fn run(
    lesson: &mut Lesson,
    corpus: &Corpus,
    recipe: &PretrainRecipe,
    epochs: usize,
    args: &RunArgs,
) -> Result<Vec<Labels>> {
    lesson.heading("5 · Pretraining: first the language, then the verdict");
    let folder = lesson.folder_of("language")?;
    let body = train_language(lesson, corpus, recipe, (folder.path(), args), None)?;
    lesson.subheading("How many labels?");
    let mut points = Vec::new();
    let counts = [8, 4, 2, 1].map(|part| corpus.fit.len().div_ceil(part));
    for count in counts {
        points.push(measure(corpus, recipe, &body, count, epochs)?);
    }
    let mut table = Table::new(["labels", "from scratch", "pretrained", "NB-SVM"]);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    for p in &points {
        table.push([
            p.count.to_string(),
            percent(p.scratch),
            percent(p.pretrained),
            percent(p.nb_svm),
        ]);
        for (name, value) in
            [("scratch", p.scratch), ("pretrained", p.pretrained), ("nbsvm", p.nb_svm)]
        {
            lesson.number(&format!("pretrain.{name}_{}", p.count), value);
        }
    }
    lesson.table(&table.caption(format!(
        "Accuracy on the test part; {} test reviews, so one standard error is {:.1} points. {epochs} epochs each.",
        corpus.test.len(),
        50.0 / (corpus.test.len() as f64).sqrt()
    )));
    let series = |f: fn(&Labels) -> f64| -> Vec<(f64, f64)> {
        points.iter().map(|p| (p.count as f64, 100.0 * f(p))).collect()
    };
    let chart = LineChart::new(
        "Accuracy over labels",
        "Test accuracy of three classifiers over the number of labelled reviews.",
    )
    .x("labelled reviews")
    .y("% right")
    .series("from scratch", &series(|p| p.scratch))
    .series("pretrained", &series(|p| p.pretrained))
    .series("NB-SVM", &series(|p| p.nb_svm));
    lesson.line_chart(&chart);
    let gain = points.iter().map(|p| p.pretrained - p.scratch).sum::<f64>() / points.len() as f64;
    // The points share their test reviews, so their mean is hardly surer than one of them.
    let error = (0.5 / corpus.test.len() as f64).sqrt();
    let verdict = if gain.abs() < 2.0 * error {
        "That is within two standard errors of a difference, so it may well be chance."
    } else if gain > 0.0 {
        "The texts without labels have taught something."
    } else {
        "From so little text a language model has learned nothing that helps. Dai & Le (2015) report gains with 75,000 \
         reviews."
    };
    lesson.say(&format!(
        "On average over the sizes, beginning with the language model changes the accuracy by {:+.1} points. {verdict}",
        100.0 * gain,
    ));
    Ok(points)
}

/// Trains on the first `count` labels and measures on the test part. Nothing is chosen.
fn measure(
    corpus: &Corpus,
    recipe: &PretrainRecipe,
    body: &Body<f32>,
    count: usize,
    epochs: usize,
) -> Result<Labels> {
    let words = recipe.words(corpus);
    let few = Corpus { fit: corpus.fit.first(count), dev: ReviewPart::default(), ..corpus.clone() };
    let classifier = &recipe.classifier;
    let steps = epochs * count.div_ceil(classifier.batch);
    let plan = Plan {
        length: Length::Steps(steps),
        evaluations: 1,
        keep: Keep::Last,
        ..classifier.plan.clone()
    };
    let encoder = Encoder::new(corpus, &words);
    let test = encoder.encode(&corpus.test);
    let ratios = classifier.ratios(&words, &few);
    let score = |begin: Option<&Body<f32>>| -> Result<f64> {
        let frozen = if begin.is_some() { steps / 10 } else { 0 };
        let below = if begin.is_some() { 0.5 } else { 1.0 };
        let recipe = SentimentRecipe { frozen, below, ..classifier.clone() };
        let config = Config { vocabulary: words.size(), ..recipe.config.clone() };
        let mut model = Classifier::new(&config, &mut ChaCha8Rng::seed_from_u64(recipe.seed));
        if let Some(body) = begin {
            (model.embedding, model.rnn) = (body.embedding.clone(), body.rnn.clone());
        }
        model.ratios.clone_from(&ratios);
        let mut task = recipe.task(&model, &words, &few);
        train(&mut task, &mut model, &plan, &Run::in_memory(false), None, |_, _| {})?;
        let p = probabilities(&model, &test);
        Ok(ClassificationScores::new(&p, &corpus.test.labels, &corpus.seen).accuracy.estimate)
    };
    let (features, bags) = Features::fit(&few.fit.words, 2);
    let linear = nb_svm(&bags, &few.fit.labels, features.len(), 0.1, classifier.seed);
    let decisions = linear.decisions(&features.bags(&corpus.test.words));
    let right =
        decisions.iter().zip(&corpus.test.labels).filter(|(d, label)| (**d > 0.0) == **label);
    let nb_svm = right.count() as f64 / decisions.len() as f64;
    let pretrained = score(Some(body))?;
    Ok(Labels { count, scratch: score(None)?, pretrained, nb_svm })
}
