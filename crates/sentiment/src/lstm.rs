//! Part *lstm*: a network that reads in order, in both directions, and keeps its best epoch.
//!
//! The network ([`crate::model`]) is trained on the *fit* reviews; after every twelfth of the run dev says
//! how good it is, and the weights with the fewest mistakes on dev are kept; or, where weights are averaged (C18), their last average. The test part is read once,
//! at the end, beside NB-SVM.

use std::path::Path;

use lesson::plot::LineChart;
use lesson::run::Resume;
use lesson::run::resume::{Place, same_data};
use lesson::{Lesson, Result, RunArgs};
use seqcore::activation::sigmoid;
use seqcore::data::WordVocab;
use seqcore::params::Named;
use seqcore::train::{Entry, Keep, Progress};

use crate::bags::{Bar, PAIRS};
use crate::corpus::Corpus;
use crate::encoder::Encoder;
use crate::evaluation::{Calibration, ClassificationScores, compare};
use crate::logits::mean;
use crate::model::{Classifier, Config};
use crate::networks::{self, Networks};
use crate::options::Options;
use crate::predict::TrainedClassifier;
use crate::recipe::SentimentRecipe;

/// A run, ready to start: arguments understood, reviews read.
#[derive(Debug)]
pub struct PreparedRun {
    /// All that it depends on.
    pub recipe: SentimentRecipe,
    /// The reviews.
    pub corpus: Corpus,
    /// What it goes on from.
    pub resume: Option<Resume>,
}

impl PreparedRun {
    /// Understands the arguments and reads the reviews, before anything is printed or written. With `--resume` the
    /// settings are those of the record. `fixed` are flags beside the options that a resumed run cannot take.
    ///
    /// # Errors
    /// Reviews that cannot be read or have changed, a record that cannot be used, settings that cannot work or that
    /// contradict a resumed run.
    pub fn new(
        run: &mut RunArgs,
        options: &Options,
        place: Place,
        fixed: &[(&str, bool)],
    ) -> Result<Self> {
        let Some((recipe, resume)) = networks::resumed(run, place, fixed)? else {
            let dev = options.dev(run.data.as_deref());
            let corpus = Corpus::read(run.data.as_deref(), run.fetch, dev, run.seed)?;
            let in_tour = place == Place::Below;
            let recipe =
                SentimentRecipe { in_tour, ..SentimentRecipe::new(run, options, &corpus)? };
            return Ok(Self { recipe, corpus, resume: None });
        };
        let read = |data: Option<&str>| Corpus::read(data, run.fetch, recipe.dev, recipe.seed);
        let corpus = same_data(&recipe, run, &resume, read, |corpus| corpus.sha256.clone())?;
        // What it began with must be what it was.
        recipe.words(&corpus)?;
        Ok(Self { recipe, corpus, resume: Some(resume) })
    }
}

/// A trained network, its words, and what it says of the test part.
#[derive(Debug)]
pub struct MeasuredClassifier {
    /// The network with its words; or several.
    pub trained: TrainedClassifier,
    /// The first network before its training.
    pub untrained: Classifier<f32>,
    /// On the test part.
    pub scores: ClassificationScores,
    /// Its logits on the test part; of several networks the mean.
    pub logits: Vec<f64>,
}

/// Trains as `prepared` says, into `folder`, and measures on the test part.
///
/// # Errors
/// A record that cannot be written, training that diverges, Ctrl-C.
pub fn run(
    lesson: &mut Lesson,
    corpus: &Corpus,
    recipe: &SentimentRecipe,
    bar: &Bar,
    (folder, args): (&Path, &RunArgs),
    resume: Option<Resume>,
) -> Result<MeasuredClassifier> {
    let words = recipe.words(corpus)?;
    let ratios = recipe.ratios(&words, corpus);
    let untrained = Classifier { ratios: ratios.clone(), ..recipe.untrained(&words)? };
    let description = recipe.describe(&words, ratios.as_deref())?;
    describe(lesson, corpus, recipe, &untrained, &words);
    let mut networks = Networks::new(recipe, &description, folder, args, resume)?;
    let trained = train_networks(lesson, corpus, recipe, &untrained, words, &mut networks)?;
    let encoder = Encoder::new(corpus, &trained.words);
    let test = trained.logits_of_each(&encoder.encode(&corpus.test));
    let score = |logits: &[f64]| {
        let probabilities: Vec<f64> = logits.iter().map(|&y| sigmoid(y)).collect();
        ClassificationScores::new(&probabilities, &corpus.test.labels, &corpus.seen)
    };
    let alone: Vec<ClassificationScores> = test.iter().map(|own| score(own)).collect();
    let dev = trained.logits(&encoder.encode(&corpus.dev));
    let test = mean(&test);
    let scores = score(&test);
    show_scores(lesson, corpus, recipe, &scores, &alone, bar, [&dev, &test]);
    Ok(MeasuredClassifier { trained, untrained, scores, logits: test })
}

/// Trains the networks, one after the other: each begins, reads and drops with its own seed.
fn train_networks(
    lesson: &mut Lesson,
    corpus: &Corpus,
    recipe: &SentimentRecipe,
    untrained: &Classifier<f32>,
    words: WordVocab,
    networks: &mut Networks,
) -> Result<TrainedClassifier> {
    let watched = watched(corpus);
    let mut trained = Vec::new();
    for k in 0..recipe.networks {
        let own = recipe.numbered(k);
        if k > 0 {
            lesson.subheading(&format!("Network {} of {}", k + 1, recipe.networks));
        }
        let mut model = Classifier { ratios: untrained.ratios.clone(), ..own.untrained(&words)? };
        let mut task = own.task(&model, &words, corpus);
        let watch = |progress: &Progress| {
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
        let outcome = networks.train(&mut task, &mut model, watch)?;
        show_training(lesson, corpus, recipe, &outcome.progress, &task.losses);
        trained.push(model);
    }
    networks.export(&trained)?;
    lesson.say(&networks.repeat());
    let (steps, seconds) = networks.effort();
    lesson.number("sentiment.steps", steps as f64);
    lesson.number("sentiment.train_s", seconds);
    Ok(TrainedClassifier { networks: trained, words })
}

/// The reviews that training is watched by.
fn watched(corpus: &Corpus) -> &'static str {
    if corpus.dev.is_empty() { "1000 training reviews" } else { "dev" }
}

/// What the network is called, or the networks together.
pub fn name(recipe: &SentimentRecipe) -> String {
    let many = if recipe.networks > 1 { format!("{} × ", recipe.networks) } else { String::new() };
    let two_ways = if recipe.config.bidirectional { "Bi" } else { "" };
    format!("{many}{two_ways}{}-{}", recipe.config.cell.label(), recipe.config.hidden)
}

fn describe(
    lesson: &mut Lesson,
    corpus: &Corpus,
    recipe: &SentimentRecipe,
    model: &Classifier<f32>,
    words: &WordVocab,
) {
    let pools: Vec<_> = recipe.config.pooling.iter().map(|pool| pool.name()).collect();
    let unknown = Corpus::unknown_share(&corpus.test, words.size().min(corpus.vocabulary.size()));
    let SentimentRecipe { adversary, average, passages, config: Config { ratios, .. }, .. } =
        *recipe;
    let begins =
        |with: &str, path: &Path| format!(" It begins with the {with} in {}.", path.display());
    let more = [
        (ratios > 0).then(|| {
            format!(" It is given the log-count ratios of n-grams of up to {ratios} words (C19).")
        }),
        (adversary > 0.0).then(|| format!(" An adversary moves the vectors by {adversary} (C17).")),
        (passages > 0.0).then(|| {
            format!(" Of {:.0} % of the reviews a step reads a passage only.", 100.0 * passages)
        }),
        (average > 0.0)
            .then(|| " What is kept is the average of the last weights (C18).".to_owned()),
        recipe.from.as_deref().map(|folder| begins("language model", folder)),
        recipe.vectors.as_deref().map(|path| begins("word vectors", path)),
    ];
    let more = more.into_iter().flatten();
    lesson.say(&format!(
        "{}, {} layer(s), {} numbers a word, pooled by {}: {} parameters. {} reviews to fit, {} to choose by. The \
         vocabulary has {} words of the reviews to fit; {:.1} % of the test reviews' words are <unk>.{}",
        name(recipe),
        recipe.config.layers,
        recipe.config.embedding,
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
    recipe: &SentimentRecipe,
    progress: &Progress,
    losses: &[f64],
) {
    let watched = watched(corpus);
    let curve = |f: fn(&Entry) -> f64| -> Vec<(f64, f64)> {
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
    let kept = match recipe.plan.keep {
        Keep::Best => progress.best.map(|best| (best.step, best.loss)),
        Keep::Last => progress.history.last().map(|entry| (entry.step, entry.dev_loss)),
    };
    lesson.say(&format!(
        "{} steps, {:.0} s of training, {:.0} reviews per second. {}",
        progress.step,
        progress.seconds,
        progress.speed(),
        match (recipe.plan.keep, kept, recipe.average > 0.0) {
            (Keep::Best, Some((step, _)), _) =>
                format!("The weights are those of step {step}, with the fewest mistakes on dev."),
            (_, _, true) =>
                "Nothing is chosen: what is kept is the average of the last weights.".to_owned(),
            (_, _, false) =>
                "Nothing is chosen: the weights are those of the last step.".to_owned(),
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
    recipe: &SentimentRecipe,
    scores: &ClassificationScores,
    alone: &[ClassificationScores],
    bar: &Bar,
    [dev, test]: [&[f64]; 2],
) {
    let name = &name(recipe);
    // A network that is given triples is measured against counting them, too.
    let longest = recipe.config.ratios;
    let triples = (longest > PAIRS).then(|| Bar::fit(corpus, longest, recipe.seed).scores);
    lesson.subheading("On the test part");
    let mut table = ClassificationScores::table();
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
        let together = ClassificationScores::new(&together, &corpus.test.labels, &corpus.seen);
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
