//! Part 2, **char**: a character LSTM, beside all that a sceptic would pick.
//!
//! The ladder: uniform, unigram, Kneser-Ney n-gram, compressors that have read the same text, a plain
//! RNN and a GRU of the same size and as many steps, the LSTM. All on the same held-out tenth, in
//! nats per character.

use seqcore::Result;
use seqcore::cells::Cell;
use seqcore::lesson::{Lesson, LessonArgs, Syllabus};
use seqcore::metrics::bits;
use seqcore::plot::{BarChart, Table};
use seqcore::train::Length;

use crate::compress;
use crate::settings::{Options, Settings};
use crate::text::read;
use crate::train::{Trained, Training, folder_for};

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
    let mut settings =
        Settings::new(&options, args.run.seed, Some(length), args.run.data.clone(), &text);
    settings.plan.evaluations = 10;
    Training::new(settings, text, args.run.save_every, None)
}

/// Runs the part; the trained model is for the parts after it.
///
/// # Errors
/// A file that cannot be written, Ctrl-C.
pub fn run(lesson: &mut Lesson, syllabus: &Syllabus, training: Training) -> Result<Trained> {
    lesson.heading("2 · Char: a network that reads and writes characters");
    let settings = training.settings.clone();
    let text = training.text().clone();
    let folder = folder_for(lesson, syllabus, "char")?;
    let trained = training.run(lesson, Some(folder.path().to_owned()))?;

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
    let characters = trained.material.val_text.chars().count();
    for sizes in compress::sizes(&trained.material.before_val_text, &trained.material.val_text) {
        let nats = compress::nats(sizes.primed, characters);
        let name = sizes.packer.name();
        lesson.number(&format!("charlm.{name}_primed_nats_per_char"), nats);
        rungs.push((format!("{name}, primed"), nats));
    }
    if let Some(baselines) = &trained.baselines {
        rungs.push((baselines.ngram_name(), baselines.ngram));
    }
    for cell in [Cell::RnnTanh, Cell::Gru] {
        let mut settings = settings.clone();
        settings.cell = cell;
        settings.plan.length = steps;
        let other = Training::new(settings, text.clone(), None, None)?;
        let other = other.run_silently(lesson.shows_progress())?;
        let key = if cell == Cell::Gru { "gru" } else { "rnn" };
        lesson.number(&format!("charlm.{key}_val_nats_per_char"), other.score.nats_per_char);
        lesson.number(&format!("charlm.{key}_train_s"), other.seconds);
        rungs.push((cell.label().to_owned(), other.score.nats_per_char));
    }
    let name = settings.cell.label().to_owned();
    rungs.push((name.clone(), trained.score.nats_per_char));
    show(lesson, &rungs, &name);
    Ok(trained)
}

fn show(lesson: &mut Lesson, rungs: &[(String, f64)], own: &str) {
    let mut table = Table::new(["model", "nats/char", "bits/char"]).caption(
        "Val. A compressor is primed: what it needs for val behind the training text. A network's row is one run \
         with one seed.",
    );
    let mut bars = BarChart::new("All on val", "Bars: each model's loss on the held-out tenth.")
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
