//! Part *lstm*: a network that reads in order, in both directions, and keeps its best epoch.
//!
//! The network ([`crate::model`]) is trained on the *fit* reviews; after every twelfth of the run dev says
//! how good it is, and the weights with the fewest mistakes on dev are kept; or, where weights are averaged (C18), their last average. The test part is read once,
//! at the end, beside NB-SVM.

use std::sync::Arc;

use seqcore::activation::sigmoid;
use seqcore::data::WordVocab;
use seqcore::lesson::Lesson;
use seqcore::params::Named;
use seqcore::plot::LineChart;
use seqcore::train::{self, Keep, Length, Progress, RESUME_FILE, Run, Saved};
use seqcore::{Error, Result};

use crate::bags::{Bar, PAIRS};
use crate::corpus::Corpus;
use crate::evaluation::{Calibration, Scores, compare};
use crate::model::{Classifier, Config};
use crate::predict::{DESCRIPTION_FILE, Description, Trained, mean, network_folder, network_name};
use crate::ratios::{RATIOS_FILE, Ratios};
use crate::settings::{Encoder, MOST_NETWORKS, Settings};

/// A trained network, its words, and what it says of the test part.
#[derive(Debug)]
pub struct Outcome {
    /// The network with its words; or several.
    pub trained: Trained,
    /// The first network before its training.
    pub untrained: Classifier<f32>,
    /// On the test part.
    pub scores: Scores,
    /// Its logits on the test part; of several networks the mean.
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
    let ratios = settings.ratios(&words, corpus);
    let untrained = settings.untrained(&words)?;
    describe(lesson, corpus, settings, &untrained, &words);
    if let Some(folder) = &run.folder {
        let (config, networks) = (settings.config.clone(), settings.networks);
        let description = Description { config, words: words.clone(), networks };
        let others: Vec<String> = (1..MOST_NETWORKS).map(network_name).collect();
        let others = others.iter().map(String::as_str);
        let beside: Vec<&str> = [DESCRIPTION_FILE, RATIOS_FILE].into_iter().chain(others).collect();
        train::set_aside(folder, resume.as_ref().map(|(saved, _)| saved), &beside)?;
        description.write(folder)?;
        if let Some(ratios) = &ratios {
            ratios.write(folder, &words)?;
        }
    }
    let trained = train_networks(lesson, corpus, settings, words, ratios, run, resume)?;
    let encoder = Encoder::new(corpus, &trained.words);
    let test = trained.logits_of_each(&encoder.encode(&corpus.test));
    let score = |logits: &[f64]| {
        let probabilities: Vec<f64> = logits.iter().map(|&y| sigmoid(y)).collect();
        Scores::new(&probabilities, &corpus.test.labels, &corpus.seen)
    };
    let alone: Vec<Scores> = test.iter().map(|own| score(own)).collect();
    let dev = trained.logits(&encoder.encode(&corpus.dev));
    let test = mean(&test);
    let scores = score(&test);
    show_scores(lesson, corpus, settings, &scores, &alone, bar, [&dev, &test]);
    Ok(Outcome { trained, untrained, scores, logits: test })
}

/// Trains the networks, one after the other: each begins, reads and drops with its own seed.
fn train_networks(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &Settings,
    words: WordVocab,
    ratios: Option<Arc<Ratios>>,
    run: &Run,
    mut resume: Option<(Saved, Option<Length>)>,
) -> Result<Trained> {
    let watched = if corpus.dev.is_empty() { "1000 training reviews" } else { "dev" };
    let goes_on = resume.is_some();
    let mut length = resume
        .as_ref()
        .map_or(settings.plan.length, |(_, length)| length.unwrap_or(settings.plan.length));
    let (mut networks, mut steps, mut seconds) = (Vec::new(), 0, 0.0);
    for k in 0..settings.networks {
        let own = settings.numbered(k, length);
        let folder = run.folder.as_ref().map(|folder| network_folder(folder, k));
        if let Some(folder) = folder.as_ref().filter(|_| k > 0) {
            lesson.subheading(&format!("Network {} of {}", k + 1, settings.networks));
            std::fs::create_dir_all(folder).map_err(|e| Error::write(folder, e))?;
            resume = match goes_on && folder.join(RESUME_FILE).exists() {
                true => Some((Saved::open(folder)?, Some(length))),
                false => None,
            };
        }
        let mut model = Classifier { ratios: ratios.clone(), ..own.untrained(&words)? };
        let mut task = own.task(&model, &words, corpus);
        let run = Run { folder, ..run.clone() };
        let watch = |_: &Classifier<f32>, progress: &Progress| {
            let Some(entry) = progress.history.last() else { return };
            lesson.line(&format!(
                "step {:>6} of {}  training loss {:.3}  {watched} {:.2} % right  {:.0} s",
                entry.step,
                progress.total,
                entry.train_loss,
                100.0 * (1.0 - entry.dev_loss),
                entry.seconds
            ));
        };
        let progress = train::train(&mut task, &mut model, &own.plan, &run, resume.take(), watch)?;
        show_training(lesson, corpus, settings, &progress, &task.losses);
        // A budget is measured once; the other networks make as many steps.
        length = Length::Steps(progress.total);
        (steps, seconds) = (steps + progress.step, seconds + progress.seconds);
        networks.push(model);
    }
    lesson.number("sentiment.steps", steps as f64);
    lesson.number("sentiment.train_s", seconds);
    Ok(Trained { networks, words })
}

/// What the network is called, or the networks together.
pub fn name(settings: &Settings) -> String {
    let many =
        if settings.networks > 1 { format!("{} × ", settings.networks) } else { String::new() };
    let two_ways = if settings.config.bidirectional { "Bi" } else { "" };
    format!("{many}{two_ways}{}-{}", settings.config.cell.label(), settings.config.hidden)
}

fn describe(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &Settings,
    model: &Classifier<f32>,
    words: &WordVocab,
) {
    let pools: Vec<_> = settings.config.pooling.iter().map(|pool| pool.name()).collect();
    let unknown = Corpus::unknown_share(&corpus.test, words.size().min(corpus.vocabulary.size()));
    let Settings { adversary, average, passages, config: Config { ratios, .. }, .. } = *settings;
    let begins = |with: &str, path: &std::path::Path| {
        format!(" It begins with the {with} in {}.", path.display())
    };
    let more = [
        (ratios > 0).then(|| {
            format!(" It is told the log-count ratios of n-grams of up to {ratios} words (C19).")
        }),
        (adversary > 0.0).then(|| format!(" An adversary moves the vectors by {adversary} (C17).")),
        (passages > 0.0).then(|| {
            format!(" Of {:.0} % of the reviews a step reads a passage only.", 100.0 * passages)
        }),
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
    let kept = match settings.plan.keep {
        Keep::Best => progress.best.map(|best| (best.step, best.loss)),
        Keep::Last => progress.history.last().map(|entry| (entry.step, entry.dev_loss)),
    };
    lesson.say(&format!(
        "{} steps, {:.0} s of training, {:.0} reviews per second. {} To repeat it exactly: --steps {} --seed {}{}.",
        progress.step,
        progress.seconds,
        progress.speed(),
        match (settings.plan.keep, kept, settings.average > 0.0) {
            (Keep::Best, Some((step, _)), _) =>
                format!("The weights are those of step {step}, with the fewest mistakes on dev."),
            (_, _, true) => "Nothing is chosen: what is kept is the average of the last weights.".to_owned(),
            (_, _, false) => "Nothing is chosen: the weights are those of the last step.".to_owned(),
        },
        progress.total,
        settings.seed,
        match settings.networks {
            1 => String::new(),
            many => format!(" --networks {many}"),
        },
    ));
    lesson.number("sentiment.reviews_per_s", progress.speed());
    if let Some((step, error)) = kept {
        lesson.number("sentiment.best_step", step as f64);
        if !corpus.dev.is_empty() {
            lesson.number("sentiment.dev_accuracy", 1.0 - error);
        }
    }
}

fn show_scores(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &Settings,
    scores: &Scores,
    alone: &[Scores],
    bar: &Bar,
    [dev, test]: [&[f64]; 2],
) {
    let name = &name(settings);
    // A network that is told triples is measured against counting them, too.
    let longest = settings.config.ratios;
    let triples = (longest > PAIRS).then(|| Bar::fit(corpus, longest, settings.seed).scores);
    lesson.subheading("On the test part");
    let mut table = Scores::table();
    table.push(bar.scores.row("NB-SVM, pairs"));
    triples.iter().for_each(|triples| table.push(triples.row("NB-SVM, triples")));
    if let [_, _, ..] = alone {
        for (k, one) in alone.iter().enumerate() {
            table.push(one.row(&format!("network {}", k + 1)));
        }
    }
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
    if let Some(triples) = triples {
        let (sentence, p) = compare(name, &scores.right, "NB-SVM on triples", &triples.right);
        lesson.say(&sentence);
        triples.write(lesson, "sentiment.nbsvm_triples_test_");
        lesson.number("sentiment.mcnemar_p_triples", p);
    }
    scores.figures(lesson, name);
    scores.write(lesson, "sentiment.test_");
    bar.scores.write(lesson, "sentiment.nbsvm_test_");
    lesson.number("sentiment.mcnemar_p", p);
    if let Some(both) = both {
        both.write(lesson, "sentiment.ensemble_test_");
    }
}
