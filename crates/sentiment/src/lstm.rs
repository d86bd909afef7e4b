//! Part *lstm*: a network that reads in order, in both directions, and keeps its best epoch.
//!
//! The network ([`crate::model`]) is trained on the *fit* reviews; after every twelfth of the run dev says
//! how good it is, and the weights with the fewest mistakes on dev are kept. The test part is read once,
//! at the end, beside NB-SVM.

use seqcore::Result;
use seqcore::data::WordVocab;
use seqcore::lesson::Lesson;
use seqcore::params::Named;
use seqcore::plot::LineChart;
use seqcore::train::{self, Length, Progress, Run, Saved};

use crate::bags::Bar;
use crate::corpus::Corpus;
use crate::evaluation::{Calibration, Scores, compare};
use crate::predict::{DESCRIPTION_FILE, Description, Trained, logits};
use crate::settings::{Encoder, Settings};
use crate::task::Layout;

/// A trained network, its words, and what it says of the test part.
#[derive(Debug)]
pub struct Outcome {
    /// The network with its words.
    pub trained: Trained,
    /// The network before its training.
    pub untrained: crate::model::Classifier<f32>,
    /// On the test part.
    pub scores: Scores,
    /// Its logits on the test part.
    pub logits: Vec<f64>,
}

/// Trains as `settings` say, into the lesson's folder `folder`, and measures on the test part.
///
/// # Errors
/// A checkpoint that cannot be written, training that diverges, Ctrl-C.
pub fn run(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &Settings,
    bar: &Bar,
    run: &Run,
    resume: Option<(Saved, Option<Length>)>,
) -> Result<Outcome> {
    let words = settings.words(corpus)?;
    let untrained = settings.untrained(&words)?;
    describe(lesson, corpus, settings, &untrained, &words);
    if let Some(folder) = &run.folder {
        let description = Description { config: settings.config.clone(), words: words.clone() };
        train::set_aside(folder, resume.as_ref().map(|(saved, _)| saved), &[DESCRIPTION_FILE])?;
        description.write(folder)?;
    }
    let mut model = untrained.clone();
    let mut task = settings.task(&model, &words, corpus);
    let watched = if corpus.dev.is_empty() { "1000 training reviews" } else { "dev" };
    let progress =
        train::train(&mut task, &mut model, &settings.plan, run, resume, |_, progress| {
            let Some(entry) = progress.history.last() else { return };
            lesson.preformatted(&format!(
                "step {:>6} of {}  training loss {:.3}  {watched} {:.2} % right  {:.0} s",
                entry.step,
                progress.total,
                entry.train_loss,
                100.0 * (1.0 - entry.dev_loss),
                entry.seconds
            ));
        })?;
    show_training(lesson, corpus, settings, &progress, &task.losses);
    let encoder = Encoder::new(corpus, &words);
    let of = |part| logits(&model, &encoder.encode(part), Layout::Masked);
    let (dev, test) = (of(&corpus.dev), of(&corpus.test));
    let probabilities: Vec<f64> = test.iter().map(|&y| seqcore::activation::sigmoid(y)).collect();
    let scores = Scores::new(&probabilities, &corpus.test.labels, &corpus.seen);
    let name = name(settings);
    show_scores(lesson, corpus, &name, &scores, bar, &dev, &test);
    Ok(Outcome { trained: Trained { model, words }, untrained, scores, logits: test })
}

/// What the network is called.
pub fn name(settings: &Settings) -> String {
    let two_ways = if settings.config.bidirectional { "Bi" } else { "" };
    format!("{two_ways}{}-{}", settings.config.cell.label(), settings.config.hidden)
}

fn describe(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &Settings,
    model: &crate::model::Classifier<f32>,
    words: &WordVocab,
) {
    let pools: Vec<_> = settings.config.pooling.iter().map(|pool| pool.name()).collect();
    let unknown = Corpus::unknown_share(&corpus.test, words.size().min(corpus.vocabulary.size()));
    let Settings { adversary, average, .. } = *settings;
    let begins = |with: &str, path: &std::path::Path| {
        format!(" It begins with the {with} in {}.", path.display())
    };
    let more = [
        (adversary > 0.0).then(|| format!(" An adversary moves the vectors by {adversary} (C17).")),
        (average > 0.0)
            .then(|| " What is kept is the average of the last weights (C18).".to_owned()),
        settings.from.as_deref().map(|folder| begins("language model", folder)),
        settings.vectors.as_deref().map(|path| begins("word vectors", path)),
    ];
    let more = more.into_iter().flatten();
    lesson.say(&format!(
        "{}, {} layer(s), {} numbers a word, pooled by {}: {} parameters. {} reviews to fit, {} to choose by. The \
         vocabulary has {} words of the reviews to fit; {:.1} % of the test reviews' words are <unk>.{}",
        name(settings),
        settings.config.layers,
        settings.config.embedding,
        pools.join(" and "),
        model.count(),
        corpus.fit.len(),
        corpus.dev.len(),
        words.size() - 1,
        100.0 * unknown,
        more.collect::<String>(),
    ));
}

fn show_training(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &Settings,
    progress: &Progress,
    losses: &[f64],
) {
    let watched = if corpus.dev.is_empty() { "1000 training reviews" } else { "dev" };
    let curve = |f: fn(&train::history::Entry) -> f64| -> Vec<(f64, f64)> {
        progress.history.iter().map(|e| (e.step as f64, f(e))).collect()
    };
    // A resumed run has the dev losses since it was resumed.
    let skipped = progress.history.len().saturating_sub(losses.len());
    let dev: Vec<(f64, f64)> = progress.history[skipped..]
        .iter()
        .zip(losses)
        .map(|(entry, loss)| (entry.step as f64, *loss))
        .collect();
    let chart = LineChart::new(
        "Loss while training",
        "Lines: training and dev loss over training steps. Where dev rises while training falls, the network \
         learns its reviews by heart.",
    )
    .x("step")
    .y("nats a review")
    .series("training", &curve(|e| e.train_loss))
    .series(watched, &dev)
    .reference("knowing nothing (ln 2)", std::f64::consts::LN_2);
    lesson.line_chart(&chart);
    let chart = LineChart::new(
        "Accuracy while training",
        "The share of reviews that are right over training steps.",
    )
    .x("step")
    .y("% right")
    .series(watched, &curve(|e| 100.0 * (1.0 - e.dev_loss)));
    lesson.figure(&chart.render());
    let best = progress.best.map_or(progress.step, |best| best.step);
    lesson.say(&format!(
        "{} steps, {:.0} s of training, {:.0} reviews per second. {} To repeat it exactly: --steps {} --seed {}.",
        progress.step,
        progress.seconds,
        progress.speed(),
        match corpus.dev.is_empty() {
            true => "Nothing is chosen: the weights are those of the last step.".to_owned(),
            false => format!("The weights are those of step {best}, with the fewest mistakes on dev."),
        },
        progress.total,
        settings.seed,
    ));
    lesson.number("sentiment.steps", progress.step as f64);
    lesson.number("sentiment.train_s", progress.seconds);
    lesson.number("sentiment.reviews_per_s", progress.speed());
    lesson.number("sentiment.best_step", best as f64);
    if let Some(best) = progress.best {
        lesson.number("sentiment.dev_accuracy", 1.0 - best.loss);
    }
}

fn show_scores(
    lesson: &mut Lesson,
    corpus: &Corpus,
    name: &str,
    scores: &Scores,
    bar: &Bar,
    dev: &[f64],
    test: &[f64],
) {
    lesson.subheading("On the test part");
    let mut table = Scores::table();
    table.push(bar.scores.row("NB-SVM, pairs"));
    table.push(scores.row(name));
    let mut both = None;
    if !corpus.dev.is_empty() {
        let join = |a: &[f64], b: &[f64]| -> Vec<[f64; 2]> {
            a.iter().zip(b).map(|(&a, &b)| [a, b]).collect()
        };
        let stack = Calibration::fit(&join(&bar.fitted.dev, dev), &corpus.dev.labels);
        let together: Vec<f64> =
            join(&bar.fitted.test, test).iter().map(|d| stack.probability(d)).collect();
        let together = Scores::new(&together, &corpus.test.labels, &corpus.seen);
        table.push(together.row("both together"));
        both = Some(together);
    }
    let mut caption =
        "`without seen` leaves out the test reviews that stand in the training part, too."
            .to_owned();
    if both.is_some() {
        caption += " `both together` is a logistic regression on the two decisions, fitted on dev.";
    }
    lesson.table(&table.caption(caption));
    let (sentence, p) = compare(name, &scores.right, "NB-SVM", &bar.scores.right);
    lesson.say(&sentence);
    scores.figures(lesson, name);
    scores.write(lesson, "sentiment.test_");
    bar.scores.write(lesson, "sentiment.nbsvm_test_");
    lesson.number("sentiment.mcnemar_p", p);
    if let Some(both) = both {
        both.write(lesson, "sentiment.ensemble_test_");
    }
}
