//! Part 2, **char**: a character LSTM, beside all that a sceptic would pick.
//!
//! The ladder: uniform, unigram, Kneser-Ney n-gram, compressors that have read the same text, a plain
//! RNN and a GRU of the same size and as many steps, the LSTM. All on the same held-out tenth, in
//! nats per character.

use lesson::plot::{BarChart, Table};
use lesson::{Lesson, LessonArgs, Result, RunArgs};
use seqcore::cells::Cell;
use seqcore::metrics::bits;
use seqcore::train::Length;

use crate::compress;
use crate::recipe::{Options, TextRecipe};
use crate::text::read;
use crate::train::{TrainedText, Training};

/// The run that the tour makes: small enough for a tour.
///
/// # Errors
/// A text that cannot be used.
pub fn prepare(args: &LessonArgs) -> Result<Training> {
    let text = read(args.run.data.as_deref(), args.run.fetch)?;
    let options = Options {
        hidden: Some(if args.full { 512 } else { 256 }),
        batch: Some(16),
        dropout: Some(0.4),
        ..Options::default()
    };
    let length = args.run.length().unwrap_or(Length::Steps(if args.full { 6000 } else { 1400 }));
    let mut recipe =
        TextRecipe::new(&options, args.run.seed, Some(length), args.run.data.clone(), &text);
    recipe.plan.evaluations = 10;
    Training::new(recipe, text, &args.run, None)
}

/// Runs the part; the trained model is for the parts after it.
///
/// # Errors
/// A file that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, training: Training) -> Result<TrainedText> {
    lesson.heading("2 · Char: a network that reads and writes characters");
    let recipe = training.recipe.clone();
    let text = training.text().clone();
    let folder = lesson.folder_of("char")?;
    let trained = training.run(lesson, Some(folder.path()))?;

    lesson.subheading("Beside other networks and other compressors");
    lesson.say(
        "Is it the LSTM, or would any recurrent network do? A plain RNN and a GRU of the same size are trained for \
         as many steps, with the same settings. And is it a network at all? A compressor is a model of text too.",
    );
    let steps = Length::Steps(trained.steps);
    let mut rungs = Vec::new();
    if let Some(baselines) = &trained.baselines {
        rungs.push(("unigram".to_owned(), baselines.unigram));
    }
    let characters = trained.material.test_text.chars().count();
    for sizes in compress::sizes(&trained.material.before_test_text, &trained.material.test_text) {
        let nats = compress::nats(sizes.primed, characters);
        let name = sizes.packer.name();
        lesson.number(&format!("charlm.{name}_primed_nats_per_char"), nats);
        rungs.push((format!("{name}, primed"), nats));
    }
    if let Some(baselines) = &trained.baselines {
        rungs.push((baselines.ngram_name(), baselines.ngram));
    }
    for cell in [Cell::RnnTanh, Cell::Gru] {
        let mut recipe = recipe.clone();
        recipe.cell = cell;
        recipe.plan.length = steps;
        let other = Training::new(recipe, text.clone(), &RunArgs::default(), None)?;
        let other = other.run_silently(lesson.shows_progress())?;
        let key = if cell == Cell::Gru { "gru" } else { "rnn" };
        lesson.number(&format!("charlm.{key}_test_nats_per_char"), other.score.nats_per_char);
        lesson.number(&format!("charlm.{key}_train_s"), other.seconds);
        rungs.push((cell.label().to_owned(), other.score.nats_per_char));
    }
    let name = recipe.cell.label().to_owned();
    rungs.push((name.clone(), trained.score.nats_per_char));
    show(lesson, &rungs, &name);
    Ok(trained)
}

fn show(lesson: &mut Lesson, rungs: &[(String, f64)], own: &str) {
    let mut table = Table::new(["model", "nats/char", "bits/char"]).caption(
        "Test. A compressor is primed: what it needs for test behind the training text. A network's row is one run \
         with one seed.",
    );
    let mut bars = BarChart::new("All on test", "Bars: each model's loss on the held-out tenth.")
        .unit("nats/char");
    for (name, nats) in rungs {
        table.push([name.clone(), format!("{nats:.3}"), format!("{:.3}", bits(*nats))]);
        bars = if name == own {
            bars.highlight(name.clone(), *nats)
        } else {
            bars.bar(name.clone(), *nats)
        };
    }
    lesson.table(&table);
    lesson.figure(&bars.render());
    let best = rungs.iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("there are rungs");
    lesson.say(&format!(
        "Lowest is {} with {:.3} nats per character. Differences below about 0.02 between networks can turn with \
         the seed.",
        best.0, best.1
    ));
}
