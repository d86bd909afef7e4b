//! Part *padding*: what it costs to read what is not there.
//!
//! Reviews have different lengths, a batch is a rectangle, and so shorter reviews are filled up. Three ways:
//!
//! - *masked*: each review ends at its own end; filling is never read (the course's way, and
//!   `pack_padded_sequence`'s);
//! - *post*: filling behind the words, read like words. The state that is asked for the verdict has then seen
//!   nothing but filling for a long time;
//! - *pre*: filling in front. The last thing read is the end of the review.
//!
//! Tutorials that pad behind and do not mask report 50 %: the network has forgotten. It shows without any
//! accuracy: how much does the logit depend on the last word, and how different are the last states of
//! different reviews?

use lesson::plot::{BarChart, Table};
use lesson::run::{Run, train};
use lesson::{Lesson, Result};
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::nn::{Dropout, Pool};
use seqcore::optim::Schedule;
use seqcore::train::{Keep, Length, Plan};

use crate::corpus::Corpus;
use crate::encoder::{Encoder, most_frequent};
use crate::layout::Layout;
use crate::logits::logits;
use crate::model::{Classifier, Config, Tape};
use crate::task::{ReviewTask, TaskSettings};

/// How large and how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaddingSettings {
    /// The words of every padded review.
    pub width: usize,
    /// Training reviews.
    pub reviews: usize,
    /// Test reviews.
    pub test: usize,
    /// Passes.
    pub epochs: usize,
    /// Units.
    pub hidden: usize,
    /// Of everything random.
    pub seed: u64,
}

/// What one layout led to.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredLayout {
    /// Which.
    pub layout: Layout,
    /// Accuracy on the test part.
    pub accuracy: f64,
    /// The loss on the training reviews, over the last third of the training.
    pub train_loss: f64,
    /// How different the last states of different reviews are before any training: their standard
    /// deviation, root mean square over units.
    pub spread: f64,
    /// How much the untrained network's last state changes where the first of two of a review's last
    /// words is exchanged: root mean square over units.
    pub effect: f64,
    /// Reviews per second of training.
    pub speed: f64,
}

/// Trains the same network with each layout.
///
/// # Errors
/// Training that diverges.
pub fn measure(corpus: &Corpus, settings: &PaddingSettings) -> Result<Vec<MeasuredLayout>> {
    let width = settings.width;
    let layouts = [Layout::Masked, Layout::Post(width), Layout::Pre(width)];
    layouts.into_iter().map(|layout| measure_one(corpus, settings, layout)).collect()
}

fn measure_one(
    corpus: &Corpus,
    settings: &PaddingSettings,
    layout: Layout,
) -> Result<MeasuredLayout> {
    let words = most_frequent(&corpus.vocabulary, 10_000.min(corpus.vocabulary.size()));
    let config = Config {
        vocabulary: words.size(),
        embedding: settings.hidden,
        cell: Cell::Lstm,
        hidden: settings.hidden,
        layers: 1,
        bidirectional: false,
        pooling: vec![Pool::Last],
        dropout: 0.3,
        word_dropout: 0.0,
        ratios: 0,
    };
    let mut model = Classifier::new(&config, &mut ChaCha8Rng::seed_from_u64(settings.seed));
    let encoder = Encoder::new(corpus, &words);
    let fit = corpus.fit.first(settings.reviews);
    let (reviews, test) = (encoder.encode(&fit), corpus.test_sample(settings.test));
    let tests = encoder.encode(&test);
    let (spread, effect) = (spread(&model, &tests, layout), effect(&model, &tests, layout));
    let batch = if reviews.len() > 2000 { 32 } else { 16 };
    let task_settings = TaskSettings {
        batch,
        longest: settings.width,
        layout,
        frozen: 0,
        below: 1.0,
        adversary: 0.0,
        average: 0.0,
        passages: 0.0,
        seed: settings.seed,
    };
    let dropouts = [config.dropout, config.word_dropout].map(|p| Dropout::new(p).expect("valid"));
    let few = (
        reviews[..reviews.len().min(64)].to_vec(),
        fit.labels[..fit.labels.len().min(64)].to_vec(),
    );
    let folds = vec![0; reviews.len()]; // of no ratios
    let mut task =
        ReviewTask::new(&model, task_settings, dropouts, (reviews, fit.labels), folds, few);
    let plan = Plan {
        length: Length::Steps(settings.epochs * task.steps_per_epoch()),
        learning_rate: 0.005,
        optimiser: "adam".parse()?,
        schedule: Schedule::Cosine { warmup: 0.05, floor: 0.02 },
        clip: Some(1.0),
        evaluations: 3,
        keep: Keep::Last,
        patience: None,
    };
    let progress =
        train(&mut task, &mut model, &plan, &Run::in_memory(false), None, |_, _| {})?.progress;
    let right = logits(&model, &tests, layout);
    let right = right.iter().zip(&test.labels).filter(|(y, label)| (**y >= 0.0) == **label).count();
    Ok(MeasuredLayout {
        layout,
        accuracy: right as f64 / tests.len() as f64,
        train_loss: progress.history.last().map_or(f64::NAN, |entry| entry.train_loss),
        spread,
        effect,
        speed: progress.speed(),
    })
}

/// The last states of up to 64 reviews, (B, H).
fn last_states(model: &Classifier<f32>, reviews: &[Vec<usize>], layout: Layout) -> Array2<f32> {
    let mut tape = Tape::default();
    let batch = layout.pad(reviews.iter().take(64).map(Vec::as_slice));
    model.read(&model.batch(batch, None), None, &mut tape);
    tape.rnn.last().h.index_axis(Axis(0), 0).to_owned()
}

/// How different the last states of different reviews are.
fn spread(model: &Classifier<f32>, reviews: &[Vec<usize>], layout: Layout) -> f64 {
    let variances = last_states(model, reviews, layout).var_axis(Axis(0), 0.0);
    f64::from(variances.mean().unwrap_or(0.0)).sqrt()
}

/// How much the last state changes where each review's last word is another one.
fn effect(model: &Classifier<f32>, reviews: &[Vec<usize>], layout: Layout) -> f64 {
    let mut changed = reviews.iter().take(64).cloned().collect::<Vec<_>>();
    for review in &mut changed {
        if let Some(word) = review.last_mut() {
            *word = 1 + (*word + 7) % 100;
        }
    }
    let difference = last_states(model, &changed, layout) - last_states(model, reviews, layout);
    f64::from(difference.mapv(|d| d * d).mean().unwrap_or(0.0)).sqrt()
}

/// Runs the part.
///
/// # Errors
/// As [`measure`].
pub fn run(
    lesson: &mut Lesson,
    corpus: &Corpus,
    settings: &PaddingSettings,
) -> Result<Vec<MeasuredLayout>> {
    lesson.heading("4 · Padding: reading what is not there");
    lesson.say(&format!(
        "The same LSTM with {} units, read forwards, its last state asked for the verdict, trained on {} reviews for {} \
         epochs. Only the filling differs: each padded review is {} words wide.",
        settings.hidden,
        settings.reviews.min(corpus.fit.len()),
        settings.epochs,
        settings.width
    ));
    let measured = measure(corpus, settings)?;
    let mut table = Table::new([
        "filling",
        "test accuracy",
        "training loss",
        "effect of the last word",
        "spread of last states",
        "reviews/s",
    ]);
    let mut bars =
        BarChart::new("Accuracy by filling", "Bars: test accuracy with each way of filling up.")
            .unit("% right");
    for m in &measured {
        let name = name(m.layout);
        table.push([
            name.to_owned(),
            format!("{:.1} %", 100.0 * m.accuracy),
            format!("{:.3}", m.train_loss),
            format!("{:.1e}", m.effect),
            format!("{:.1e}", m.spread),
            format!("{:.0}", m.speed),
        ]);
        bars = bars.bar(name, 100.0 * m.accuracy);
        for (what, value) in [
            ("test_accuracy", m.accuracy),
            ("train_loss", m.train_loss),
            ("effect", m.effect),
            ("spread", m.spread),
            ("reviews_per_s", m.speed),
        ] {
            lesson.number(&format!("padding.{name}_{what}"), value);
        }
    }
    lesson.table(&table.caption(
        "Effect and spread are those of the untrained network: what it can see of the review at all, before it learns.",
    ));
    lesson.bar_chart(&bars.bar("always the same", 50.0));
    let (masked, post) = (&measured[0], &measured[1]);
    lesson.say(&format!(
        "Behind the words, filling drowns them. At the start exchanging a review's last word moves the masked \
         network's last state by {:.1e}, and that of the network that reads filling behind it by {:.1e}: {:.0} times less. \
         Every step of filling multiplies what is left by the forget gates (L6), and the gradient on its way back by the \
         same (chapter 2). What has no effect cannot be learned from: {:.1} % against {:.1} %. Filling in front costs time, \
         and little else. Masking costs nothing: it is also the fastest, as no filling is computed.",
        masked.effect,
        post.effect,
        masked.effect / post.effect.max(1e-30),
        100.0 * post.accuracy,
        100.0 * masked.accuracy
    ));
    Ok(measured)
}

fn name(layout: Layout) -> &'static str {
    match layout {
        Layout::Masked => "masked",
        Layout::Post(_) => "post",
        Layout::Pre(_) => "pre",
    }
}
