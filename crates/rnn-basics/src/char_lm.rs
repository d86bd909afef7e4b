//! Part *char-lm*: a character language model on real text.
//!
//! The model reads a character and says how likely each character is to come next; its loss is
//! −ln p of the one observed, in nats per character (R5). What is a good loss? The ladder says:
//! *uniform* knows only the alphabet, *unigram* counts characters, the *n-gram* counts what
//! follows the last few characters (Kneser-Ney, the best that counting does). All are fitted on
//! the same text and scored on the same held-out part.

mod recipe;

use std::path::Path;

use lesson::files::Text;
use lesson::plot::{BarChart, LineChart, Table};
use lesson::run::model::Describes;
use lesson::run::resume::{Place, same_data};
use lesson::run::{Outcome, Resume, Run, resumed, train};
use lesson::{Error, Lesson, LessonArgs, Result, RunArgs};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
pub use seqcore::data::HoldOut;
use seqcore::data::{CharVocab, Corpus, Evaluation, Streams};
use seqcore::decode::Sampler;
use seqcore::metrics::{Baselines, bits, perplexity, uniform_nats};
use seqcore::models::language::{LanguageConfig, LanguageModel, LanguageTape};
use seqcore::optim::Optimiser;
use seqcore::train::language::{LanguageTask, nats_per_token};
use seqcore::train::{Entry, Plan};
use serde::{Deserialize, Serialize};

use crate::amount;
use recipe::CharLmRecipe;
pub use recipe::Options;

use crate::text::{PLAY, PLAY_NAME};

/// The part, ready to run: arguments understood, text read.
#[derive(Debug)]
pub struct CharLm {
    recipe: CharLmRecipe,
    text: Text,
    resume: Option<Resume>,
}

impl CharLm {
    /// Understands the arguments and reads the text, before anything is printed or written. With
    /// `--resume` the settings are those of the record, and the output goes beside it.
    ///
    /// # Errors
    /// A text that cannot be read, a record that cannot be used, settings that cannot work or
    /// that contradict a resumed run.
    pub fn prepare(args: &mut LessonArgs, options: &Options) -> Result<Self> {
        let other_part = args.part.as_deref().filter(|part| *part != "char-lm");
        let part = format!("--part {}", other_part.unwrap_or_default());
        let fixed = [(part.as_str(), other_part.is_some()), ("--full", args.full)];
        let fetch = args.run.fetch;
        let read = |data: Option<&str>| read(data, fetch);
        let Some((recipe, resume)) = resumed::<CharLmRecipe>(&mut args.run, Place::Below, &fixed)?
        else {
            let data = args.run.data.clone();
            let text = read(data.as_deref())?;
            let recipe = CharLmRecipe::new(args, options, data, &text);
            let part = Self { recipe, text, resume: None };
            if args.wants("char-lm") || args.wants("inside") {
                part.check()?;
            }
            return Ok(part);
        };
        let text = same_data(&recipe, &args.run, &resume, read, |text| text.sha256.clone())?;
        args.part = Some("char-lm".into());
        let part = Self { recipe, text, resume: Some(resume) };
        part.check()?;
        Ok(part)
    }

    /// Finds what cannot work before anything is printed or written.
    fn check(&self) -> Result<()> {
        let recipe = &self.recipe;
        let in_text = |error| Error::from(error).in_file(Path::new(recipe.text_name()));
        let corpus = Corpus::new(&self.text.content, recipe.hold_out).map_err(in_text)?;
        recipe.validate(corpus.vocabulary.size())?;
        Streams::new(corpus.train, recipe.batch, recipe.seq_len).map_err(in_text)?;
        Ok(())
    }

    /// Runs the part; the trained model is for the part *inside*.
    ///
    /// # Errors
    /// A text that is too short, a checkpoint that cannot be written, Ctrl-C.
    pub fn run(self, lesson: &mut Lesson, args: &RunArgs) -> Result<CharModel> {
        let Self { recipe, text, resume } = self;
        lesson.heading("4 · A character model, beside counting");
        let corpus = describe(lesson, &recipe, &text)?;
        let untrained = recipe.untrained(&corpus)?;
        let held_out = corpus.evaluation(EVALUATION_STREAMS)?;
        let streams = Streams::new(corpus.train.clone(), recipe.batch, recipe.seq_len)?;
        if resume.is_none() {
            before_training(lesson, &untrained, &held_out, &streams, corpus.vocabulary.size())?;
        }
        let baselines = count(lesson, &corpus);
        let mut model = untrained.clone();
        let folder = lesson.folder_of("char-lm")?;
        let described =
            CharModelCard { config: model.config(), vocabulary: corpus.vocabulary.clone() };
        let run = Run::of(&recipe, folder.path().to_owned(), args).with_model(&described);
        let mut task = LanguageTask::new(&model, streams, held_out, recipe.seed);
        let outcome = train_it(lesson, &recipe, &mut model, &corpus, &mut task, &run, resume)?;
        let loss = after_training(lesson, &recipe, &corpus, &model, &outcome, &baselines)?;
        let Corpus { vocabulary, train, held_out, .. } = &corpus;
        amount::run(lesson, train, held_out, vocabulary.size(), &recipe.amount, loss)?;
        Ok(CharModel::new(corpus, model, untrained))
    }

    /// Trains the same model for a short time and says little: for the part *inside* alone.
    ///
    /// # Errors
    /// As [`CharLm::run`].
    pub fn train_quickly(self, lesson: &mut Lesson) -> Result<CharModel> {
        let Self { recipe, text, .. } = self;
        lesson.heading("A character model to look into");
        let corpus = describe(lesson, &recipe, &text)?;
        let untrained = recipe.untrained(&corpus)?;
        let held_out = corpus.evaluation(EVALUATION_STREAMS)?;
        let streams = Streams::new(corpus.train.clone(), recipe.batch, recipe.seq_len)?;
        let mut model = untrained.clone();
        let mut task = LanguageTask::new(&model, streams, held_out, recipe.seed);
        let plan = Plan { length: recipe.quick, evaluations: 1, ..recipe.plan };
        let run = Run::in_memory(lesson.shows_progress());
        let progress = train(&mut task, &mut model, &plan, &run, None, |_, _| {})?.progress;
        let loss = progress.history.last().map_or(f64::NAN, |entry| entry.dev_loss);
        lesson.say(&format!(
            "{} with {} units, trained for {} steps in {:.0} s: {loss:.3} nats per character on the held-out text.",
            recipe.cell.label(),
            recipe.hidden,
            progress.step,
            progress.seconds,
        ));
        lesson.number("inside.test_nats_per_char", loss);
        Ok(CharModel::new(corpus, model, untrained))
    }
}

/// What the model's file says of it.
#[derive(Debug, Serialize, Deserialize)]
struct CharModelCard {
    config: LanguageConfig,
    vocabulary: CharVocab,
}

impl Describes for CharModelCard {
    const KIND: &'static str = "character model of rnn-basics";
}

/// A trained model with what is needed to look into it.
#[derive(Debug, Clone)]
pub struct CharModel {
    /// The model.
    pub model: LanguageModel<f32>,
    /// The same model before its training.
    pub untrained: LanguageModel<f32>,
    /// Its characters.
    pub vocabulary: CharVocab,
    /// Text that the model was not trained on.
    pub held_out: String,
}

impl CharModel {
    fn new(corpus: Corpus, model: LanguageModel<f32>, untrained: LanguageModel<f32>) -> Self {
        let Corpus { vocabulary, held_out_text: held_out, .. } = corpus;
        Self { model, untrained, vocabulary, held_out }
    }
}

/// Streams that a held-out text is read in: few, since each begins without context.
const EVALUATION_STREAMS: usize = 8;

/// The text that `--data` names, or else the play.
fn read(data: Option<&str>, fetch: bool) -> Result<Text> {
    data.map_or_else(|| Ok(Text::embedded(PLAY_NAME, PLAY)), |data| Text::find(data, fetch))
}

/// Splits the text, and says what is read and how it is split.
fn describe(lesson: &mut Lesson, recipe: &CharLmRecipe, text: &Text) -> Result<Corpus> {
    let name = recipe.text_name();
    lesson.text(text);
    let corpus = Corpus::new(&text.content, recipe.hold_out)?;
    let (train, held_out) = (corpus.train.len(), corpus.held_out.len());
    let part = recipe.hold_out.describe();
    lesson.say(&format!(
        "The text is {name}: {} characters. The models are fitted on the first {train} and scored on {part}, \
         {held_out} characters that none of them has seen. The vocabulary has {} characters and <unk>; \
         {:.2} % of the held-out characters are <unk>.",
        text.content.chars().count(),
        corpus.vocabulary.size() - 1,
        100.0 * corpus.unknown_share,
    ));
    lesson.number("charlm.vocabulary", corpus.vocabulary.size() as f64);
    lesson.number("charlm.unknown_share", corpus.unknown_share);
    Ok(corpus)
}

/// Two things to see before any long training: the loss of an untrained model, and that the
/// model can learn a little text by heart.
fn before_training(
    lesson: &mut Lesson,
    model: &LanguageModel<f32>,
    held_out: &Evaluation,
    streams: &Streams,
    vocabulary: usize,
) -> Result<()> {
    lesson.subheading("Before training");
    let (initial, uniform) = (nats_per_token(model, held_out), uniform_nats(vocabulary));
    lesson.say(&format!(
        "An untrained model knows nothing, so it should do about as well as guessing among {vocabulary} \
         characters: ln {vocabulary} = {uniform:.3} nats. Measured: {initial:.3}. If yours starts far above, the \
         loss or the initial weights are wrong."
    ));
    let losses = overfit(model, streams)?;
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    lesson.say(&format!(
        "Next, one batch again and again. A model that cannot learn {} characters by heart has a bug somewhere. \
         This one goes from {first:.3} to {last:.3} nats in {} steps.",
        OVERFIT_ROWS * OVERFIT_STEPS,
        losses.len(),
    ));
    lesson.number("charlm.initial_nats_per_char", initial);
    lesson.number("charlm.uniform_nats_per_char", uniform);
    lesson.number("charlm.overfit_nats_per_char", last);
    Ok(())
}

/// Rows and steps of the batch to learn by heart.
const OVERFIT_ROWS: usize = 4;
const OVERFIT_STEPS: usize = 32;

/// Trains a copy on one small batch; the loss of each step.
fn overfit(model: &LanguageModel<f32>, streams: &Streams) -> Result<Vec<f64>> {
    let batch = streams.shard(0, 0..OVERFIT_ROWS.min(streams.streams()));
    let steps = OVERFIT_STEPS.min(streams.seq_len());
    let cut = |ids: &ndarray::Array2<usize>| ids.slice(ndarray::s![..steps, ..]).to_owned();
    let (inputs, targets) = (cut(&batch.inputs), cut(&batch.targets));
    let mut model = model.clone();
    let mut optimiser = Optimiser::new("adam".parse()?, &model)?;
    let state = model.zero_state(inputs.ncols());
    let mut tape = LanguageTape::<f32>::default();
    let mut losses = Vec::new();
    for _ in 0..150 {
        let mut gradient = model.zero_gradient();
        let loss = model.loss_and_gradient(
            inputs.view(),
            targets.view(),
            targets.len(),
            &state,
            None,
            &mut tape,
            &mut gradient,
        );
        losses.push(loss.mean());
        optimiser.step(&mut model, &gradient, 5e-3);
    }
    Ok(losses)
}

/// Fits the count models and notes what they reach.
fn count(lesson: &mut Lesson, corpus: &Corpus) -> Baselines {
    let Corpus { train, held_out, vocabulary, .. } = corpus;
    let baselines = Baselines::fit(train, corpus.dev_start(), held_out, vocabulary.size());
    lesson.number("charlm.unigram_nats_per_char", baselines.unigram);
    lesson.number("charlm.ngram_order", baselines.order as f64);
    baselines
}

/// Trains the model, with samples on the way.
fn train_it(
    lesson: &mut Lesson,
    recipe: &CharLmRecipe,
    model: &mut LanguageModel<f32>,
    corpus: &Corpus,
    task: &mut LanguageTask,
    run: &Run,
    resume: Option<Resume>,
) -> Result<Outcome> {
    use seqcore::params::Named;
    lesson.subheading("Training");
    let resumed_at = resume.as_ref().map(|resume| resume.record.progress().step);
    lesson.say(&format!(
        "{} with {} layer(s) of {} units, {} parameters; {} streams of text side by side, backpropagation cut every \
         {} characters while the state is carried on. {}",
        recipe.cell.label(),
        recipe.layers,
        recipe.hidden,
        model.count(),
        recipe.batch,
        recipe.seq_len,
        resumed_at.map_or(String::new(), |step| format!("The run goes on from step {step}.")),
    ));
    train(task, model, &recipe.plan, run, resume, |model, progress| {
        let Some(entry) = progress.history.last() else { return };
        let line = format!(
            "step {:>6} of {}  train {:.3}  held out {:.3}  {:.0} s",
            entry.step, progress.total, entry.train_loss, entry.dev_loss, entry.seconds
        );
        lesson.line(&line);
        // After a tenth, half and all of the run: what it writes.
        let tenths = 10 * entry.step / progress.total;
        if [1, 5].contains(&tenths) {
            lesson.preformatted(&sample(model, corpus, recipe.seed, 160));
        }
    })
}

/// Text that the model writes, in quotation bars.
fn sample(model: &LanguageModel<f32>, corpus: &Corpus, seed: u64, length: usize) -> String {
    let sampler = Sampler::temperature(0.8).expect("a temperature above 0");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let prompt = corpus.vocabulary.encode("\n").ids;
    let written = corpus.vocabulary.decode(&model.generate(&prompt, length, &sampler, &mut rng));
    written.trim_start_matches('\n').lines().map(|line| format!("  | {line}\n")).collect()
}

/// The ladder, the curve, and a sample. Returns the loss on the held-out text.
fn after_training(
    lesson: &mut Lesson,
    recipe: &CharLmRecipe,
    corpus: &Corpus,
    model: &LanguageModel<f32>,
    outcome: &Outcome,
    baselines: &Baselines,
) -> Result<f64> {
    let progress = &outcome.progress;
    let loss = nats_per_token(model, &corpus.evaluation(EVALUATION_STREAMS)?);
    let cell = recipe.cell.label();
    let ngram = baselines.ngram_name();
    lesson.say(&format!(
        "{} steps, {:.0} s of training, {:.0} characters per second. {}",
        progress.step,
        progress.seconds,
        progress.speed(),
        outcome.repeat(),
    ));
    lesson.subheading("The ladder");
    let rungs = [
        ("uniform", baselines.uniform),
        ("unigram", baselines.unigram),
        (ngram.as_str(), baselines.ngram),
        (cell, loss),
    ];
    let mut table = Table::new(["model", "nats/char", "bits/char", "perplexity"]);
    let mut bars = BarChart::new(
        "Loss on held-out text",
        "Bars: the loss of each model on the same held-out text.",
    )
    .unit("nats/char");
    for (name, nats) in rungs {
        table.push([
            name.into(),
            format!("{nats:.3}"),
            format!("{:.3}", bits(nats)),
            format!("{:.1}", perplexity(nats)),
        ]);
        bars = if name == cell { bars.highlight(name, nats) } else { bars.bar(name, nats) };
    }
    lesson.table(&table);
    lesson.figure(&bars.render());
    lesson.say(&verdict(loss, baselines));

    let curve = |f: fn(&Entry) -> f64| -> Vec<(f64, f64)> {
        progress.history.iter().map(|e| (e.step as f64, f(e))).collect()
    };
    let chart = LineChart::new("Loss while training", "Lines: training and held-out loss over training steps, with the unigram and n-gram losses as references.")
        .x("step")
        .y("nats/char")
        .series("training text", &curve(|e| e.train_loss))
        .series("held-out text", &curve(|e| e.dev_loss))
        .reference("unigram", baselines.unigram)
        .reference(&*ngram, baselines.ngram)
        .caption("Nothing is chosen by the held-out curve: the weights are those of the last step.");
    lesson.line_chart(&chart);

    lesson.subheading("What it writes");
    lesson.say(
        "Drawn from the model's own probabilities at temperature 0.8, one character at a time.",
    );
    lesson.preformatted(&sample(model, corpus, recipe.seed, 400));

    let (this, key) = match recipe.hold_out {
        HoldOut::Test => ("charlm.test_nats_per_char", "charlm.ngram_test_nats_per_char"),
        HoldOut::Dev => ("charlm.dev_nats_per_char", "charlm.ngram_dev_nats_per_char"),
    };
    lesson.number(this, loss);
    lesson.number(key, baselines.ngram);
    lesson.number("charlm.tokens_per_s", progress.speed());
    lesson.number("charlm.train_s", progress.seconds);
    lesson.number("charlm.steps", progress.total as f64);
    Ok(loss)
}

/// Who won, in a sentence or two.
fn verdict(loss: f64, baselines: &Baselines) -> String {
    let Baselines { unigram, ngram, order, .. } = *baselines;
    if loss < ngram {
        format!("The network beats counting: {loss:.3} against {ngram:.3} of the {order}-gram.")
    } else if loss < unigram {
        format!(
            "Counting wins: the {order}-gram has {ngram:.3}, the network {loss:.3}. On little text, or with little \
             training, that is what to expect: counts need no training steps, and a network needs text."
        )
    } else {
        format!(
            "The network has not even learned how frequent each letter is (unigram {unigram:.3}): train longer."
        )
    }
}
