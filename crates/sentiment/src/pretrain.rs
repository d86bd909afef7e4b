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
pub mod task;

use seqcore::data::WordVocab;
use seqcore::lesson::Lesson;
use seqcore::metrics::perplexity;
use seqcore::nn::{Embedding, Recurrent};
use seqcore::optim::Schedule;
use seqcore::params::Named;
use seqcore::plot::{LineChart, Table};
use seqcore::train::{self, Keep, Length, Plan, Progress, Run, Saved};
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bags::bayes::nb_svm;
use crate::bags::features::Features;
use crate::corpus::Corpus;
use crate::evaluation::Scores;
use crate::model::Classifier;
use crate::predict::{DESCRIPTION_FILE, Description, probabilities};
use crate::settings::{Encoder, Settings, most_frequent};
use crate::task::ReviewTask;
use model::Body;
use task::{LanguageSettings, LanguageTask, seeded};

/// The settings of a pretraining run; they stand in its checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainSettings {
    /// The classifier that is to begin with it: data, words, shape.
    pub classifier: Settings,
    /// Words read at once.
    pub window: usize,
    /// Words drawn for the sampled softmax.
    pub samples: usize,
    /// Reviews in a batch.
    pub batch: usize,
    /// How long, how fast.
    pub plan: Plan,
}

impl PretrainSettings {
    /// The language model that fits a classifier of these settings.
    ///
    /// # Errors
    /// A shape that cannot predict words.
    pub fn new(classifier: Settings, length: Length) -> Result<Self> {
        let config = &classifier.config;
        if config.embedding != config.hidden {
            return Err(Error::config(
                "a language model uses its words' vectors to predict: --embedding must be as --hidden.",
            ));
        }
        if config.layers > 1 && config.bidirectional {
            return Err(Error::config(
                "a second layer over both directions would see the word that is to be predicted: use --layers 1.",
            ));
        }
        let plan = Plan {
            length,
            schedule: Schedule::Cosine { warmup: 0.02, floor: 0.02 },
            evaluations: 8,
            keep: Keep::Last,
            ..classifier.plan.clone()
        };
        let batch = classifier.batch;
        Ok(Self { classifier, window: 150, samples: 512, batch, plan })
    }

    /// The language model before its training.
    pub fn untrained(&self, vocabulary: usize) -> Body<f32> {
        let config = crate::model::Config { vocabulary, ..self.classifier.config.clone() };
        let model = Classifier::<f32>::new(&config, &mut seeded(self.classifier.seed));
        Body { embedding: model.embedding, rnn: model.rnn }
    }

    /// Its words: the most frequent ones of the reviews to fit.
    pub fn words(&self, corpus: &Corpus) -> WordVocab {
        most_frequent(&corpus.vocabulary, self.classifier.config.vocabulary)
    }

    fn task(&self, corpus: &Corpus, words: &WordVocab) -> LanguageTask {
        let encoder = Encoder::new(corpus, words);
        let settings = LanguageSettings {
            batch: self.batch,
            window: self.window,
            samples: self.samples,
            dropout: 0.5 * self.classifier.config.dropout,
            word_dropout: 0.5 * self.classifier.config.word_dropout,
            seed: self.classifier.seed,
        };
        let watched = if corpus.dev.is_empty() {
            corpus.fit.first(WATCHED)
        } else {
            corpus.dev.first(WATCHED)
        };
        LanguageTask::new(
            settings,
            words.size(),
            encoder.encode(&corpus.fit),
            encoder.encode(&watched),
        )
    }
}

/// Dev reviews whose words are predicted with the whole softmax.
const WATCHED: usize = 100;

/// Trains the language model into `run.folder`.
///
/// # Errors
/// A checkpoint that cannot be written, training that diverges, Ctrl-C.
pub fn train_language(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &PretrainSettings,
    run: &Run,
    resume: Option<(Saved, Option<Length>)>,
) -> Result<Body<f32>> {
    let words = settings.words(corpus);
    let mut body = settings.untrained(words.size());
    let mut task = settings.task(corpus, &words);
    if let Some(folder) = &run.folder {
        let config = settings.classifier.config.clone();
        let config = crate::model::Config { vocabulary: words.size(), ..config };
        train::set_aside(folder, resume.as_ref().map(|(saved, _)| saved), &[DESCRIPTION_FILE])?;
        Description { config, words: words.clone(), networks: 1 }.write(folder)?;
    }
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
        settings.samples,
    ));
    let progress = train::train(
        &mut task,
        &mut body,
        &settings.plan,
        run,
        resume,
        |_, progress: &Progress| {
            let Some(entry) = progress.history.last() else { return };
            lesson.line(&format!(
                "step {:>6} of {}  train {:.3}  dev {:.3} nats/word  {:.0} s",
                entry.step, progress.total, entry.train_loss, entry.dev_loss, entry.seconds
            ));
        },
    )?;
    let (nats, unigram) = task.nats(&body);
    let watched = if corpus.dev.is_empty() { "training" } else { "dev" };
    lesson.say(&format!(
        "{} steps, {:.0} s, {:.0} predictions per second. On {watched} reviews, with the whole softmax: {nats:.3} nats a \
         word (perplexity {:.0}); knowing only how frequent words are costs {unigram:.3} ({:.0}).",
        progress.step,
        progress.seconds,
        progress.speed(),
        perplexity(nats),
        perplexity(unigram),
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
    settings: &PretrainSettings,
    epochs: usize,
) -> Result<Vec<Labels>> {
    lesson.heading("5 · Pretraining: first the language, then the verdict");
    let run = Run {
        folder: Some(lesson.subfolder("language")?),
        settings: serde_json::to_string(settings).expect("settings are plain data"),
        progress: lesson.shows_progress(),
        save_every: None,
    };
    let body = train_language(lesson, corpus, settings, &run, None)?;
    lesson.subheading("How many labels?");
    let mut points = Vec::new();
    let counts = [8, 4, 2, 1].map(|part| corpus.fit.len().div_ceil(part));
    for count in counts {
        points.push(measure(corpus, settings, &body, count, epochs)?);
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
    settings: &PretrainSettings,
    body: &Body<f32>,
    count: usize,
    epochs: usize,
) -> Result<Labels> {
    let words = settings.words(corpus);
    let few = Corpus {
        fit: corpus.fit.first(count),
        dev: crate::corpus::Part::default(),
        ..corpus.clone()
    };
    let classifier = &settings.classifier;
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
    let score = |begin: Option<(&Embedding<f32>, &Recurrent<f32>)>| -> Result<f64> {
        let frozen = if begin.is_some() { steps / 10 } else { 0 };
        let below = if begin.is_some() { 0.5 } else { 1.0 };
        let settings = Settings { frozen, below, ..classifier.clone() };
        let config = crate::model::Config { vocabulary: words.size(), ..settings.config.clone() };
        let mut model = Classifier::new(&config, &mut seeded(settings.seed));
        if let Some((embedding, rnn)) = begin {
            (model.embedding, model.rnn) = (embedding.clone(), rnn.clone());
        }
        model.ratios.clone_from(&ratios);
        let mut task: ReviewTask = settings.task(&model, &words, &few);
        train::train(&mut task, &mut model, &plan, &Run::default(), None, |_, _| {})?;
        let p = probabilities(&model, &test);
        Ok(Scores::new(&p, &corpus.test.labels, &corpus.seen).accuracy.estimate)
    };
    let (features, bags) = Features::fit(&few.fit.words, 2);
    let linear = nb_svm(&bags, &few.fit.labels, features.len(), 0.1, classifier.seed);
    let decisions = linear.decisions(&features.bags(&corpus.test.words));
    let right =
        decisions.iter().zip(&corpus.test.labels).filter(|(d, label)| (**d > 0.0) == **label);
    let nb_svm = right.count() as f64 / decisions.len() as f64;
    let pretrained = score(Some((&body.embedding, &body.rnn)))?;
    Ok(Labels { count, scratch: score(None)?, pretrained, nb_svm })
}
