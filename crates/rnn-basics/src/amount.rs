//! How much text does a network need? The loss on the same held-out text, of counting and of a
//! network, after 1/16, 1/8, 1/4, 1/2 and all of the training text.
//!
//! What would make the comparison worth little is fixed here:
//!
//! * Less text means the *nearest* text: the last n characters before the held-out part, so that
//!   every model reads up to the same point and only how far back it reads differs.
//! * All share the vocabulary of the whole training text, so that their losses can be compared.
//! * The n-gram's order is chosen on the last ninth of its own n characters; then it is fitted
//!   on all n. Nothing about the network is chosen: size, learning rate and steps are set before.
//! * Every network makes the same number of steps, but none reads its text more than 40 times.
//!   On little text it reads the same characters often and learns them by heart; its loss on the
//!   text it trains on says how far.

use lesson::plot::{LineChart, Table};
use lesson::{Error, Lesson, Result, interrupt};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::cells::Cell;
use seqcore::data::{Evaluation, Streams};
use seqcore::metrics::ngram::{NGram, choose_order};
use seqcore::models::language::{LanguageConfig, LanguageModel};
use seqcore::optim::{Optimiser, Schedule, clip_global_norm};
use seqcore::train::language::{LanguageTask, nats_per_token};
use seqcore::train::{StepLoss, Task};
use serde::{Deserialize, Serialize};

/// The parts of the training text, each twice the one before.
const DIVISORS: [usize; 5] = [16, 8, 4, 2, 1];
/// No network reads its text more often than this.
const MOST_EPOCHS: usize = 40;
/// The longest n-grams that are tried.
const MAX_ORDER: usize = 8;

/// The network, the same for every amount of text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AmountSettings {
    /// The cell.
    pub cell: Cell,
    /// Units in its one layer, and numbers in an embedding.
    pub hidden: usize,
    /// Streams of text side by side.
    pub batch: usize,
    /// Steps after which backpropagation is cut.
    pub seq_len: usize,
    /// Steps of training; fewer where the text would be read more than 40 times.
    pub steps: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Seed of the initial weights.
    pub seed: u64,
}

impl AmountSettings {
    /// The steps of training on a text of so many characters.
    fn steps_on(&self, characters: usize) -> usize {
        self.steps.min(MOST_EPOCHS * characters / (self.batch * self.seq_len))
    }
}

/// What was measured with one amount of training text; losses in nats per character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The training text is the whole divided by this.
    pub divisor: usize,
    /// Characters of training text.
    pub characters: usize,
    /// The order of the n-gram, chosen on the end of these characters.
    pub order: usize,
    /// The n-gram's loss on the held-out text.
    pub ngram: f64,
    /// The network's loss on the held-out text.
    pub network: f64,
    /// The network's loss on what it read in the last tenth of its training.
    pub network_train: f64,
    /// How often the network has read its text.
    pub epochs: f64,
}

/// Measures counting and network on every amount of text that fills at least one batch; `watch`
/// sees each row as it comes.
///
/// # Errors
/// AmountSettings that cannot work, a loss that is no longer a number, Ctrl-C.
pub fn measure(
    train: &[usize],
    held_out: &[usize],
    vocabulary: usize,
    settings: &AmountSettings,
    mut watch: impl FnMut(&Row),
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for divisor in DIVISORS {
        let characters = train.len() / divisor;
        if characters <= settings.batch * settings.seq_len {
            continue; // not one batch
        }
        let text = &train[train.len() - characters..];
        let (fit, choose) = text.split_at(characters * 8 / 9);
        let (order, _) = choose_order(fit, choose, vocabulary, MAX_ORDER);
        let ngram = NGram::fit(text, vocabulary, order).nats_per_token(held_out);
        let (network, network_train) = train_network(text, held_out, vocabulary, settings)?;
        let read = settings.steps_on(characters) * settings.batch * settings.seq_len;
        let epochs = read as f64 / characters as f64;
        let row = Row { divisor, characters, order, ngram, network, network_train, epochs };
        watch(&row);
        rows.push(row);
    }
    Ok(rows)
}

/// Trains a new network; its loss on the held-out text, and on the text it read last.
fn train_network(
    text: &[usize],
    held_out: &[usize],
    vocabulary: usize,
    settings: &AmountSettings,
) -> Result<(f64, f64)> {
    let AmountSettings { cell, hidden, batch, seq_len, learning_rate, seed, .. } = *settings;
    let steps = settings.steps_on(text.len());
    let config =
        LanguageConfig { vocabulary, embedding: hidden, cell, hidden, layers: 1, dropout: 0.0 };
    let mut model = LanguageModel::<f32>::new(&config, &mut ChaCha8Rng::seed_from_u64(seed));
    let streams = Streams::new(text.to_vec(), batch, seq_len)?;
    let held_out = Evaluation::new(text[text.len() - 1], held_out.to_vec(), 8, 128)?;
    let mut task = LanguageTask::new(&model, streams, held_out.clone(), seed);
    let mut optimiser = Optimiser::new("adam".parse()?, &model)?;
    let schedule = Schedule::Cosine { warmup: 0.02, floor: 0.02 };
    let mut last = StepLoss { sum: 0.0, count: 0 };
    for step in 0..steps {
        if let Some(asked) = interrupt::asked() {
            let what = "Stopped while measuring how much text a network needs.";
            return Err(Error::Interrupted { what: what.into(), code: asked.code });
        }
        let (loss, gradient) = task.gradient(&model, step);
        clip_global_norm(gradient, 1.0);
        optimiser.step(&mut model, gradient, schedule.lr(learning_rate, step, steps));
        if !loss.sum.is_finite() {
            let what = format!(
                "training diverged at step {step} while measuring how much text a network needs. \
                 Lower --learning-rate."
            );
            return Err(Error::config(what));
        }
        if step >= steps - steps.div_ceil(10) {
            last.sum += loss.sum;
            last.count += loss.count;
        }
    }
    Ok((nats_per_token(&model, &held_out), last.sum / last.count.max(1) as f64))
}

/// Measures, and shows the table and the curve; `long` is the loss of the network that was
/// trained for longer on all of the text.
///
/// # Errors
/// As [`measure`].
pub fn run(
    lesson: &mut Lesson,
    train: &[usize],
    held_out: &[usize],
    vocabulary: usize,
    settings: &AmountSettings,
    long: f64,
) -> Result<()> {
    lesson.subheading("How much text does a network need?");
    lesson.say(&format!(
        "The same held-out text, but less to learn from: the last n characters before it. The n-gram's order is \
         chosen on the last ninth of those. The network's settings are fixed: {} with {} units, a new one for every \
         amount, {} steps each, but no text is read more than {MOST_EPOCHS} times.",
        settings.cell.label(),
        settings.hidden,
        settings.steps,
    ));
    let rows = measure(train, held_out, vocabulary, settings, |row| {
        let line = format!(
            "1/{:<2} {:>9} characters   {}-gram {:.3}   {} {:.3}",
            row.divisor,
            row.characters,
            row.order,
            row.ngram,
            settings.cell.label(),
            row.network
        );
        lesson.terminal_chart(&line);
    })?;
    if rows.len() < 2 {
        lesson.say("This text is too short to be cut further.");
        return Ok(());
    }
    show(lesson, &rows, settings, long);
    Ok(())
}

fn show(lesson: &mut Lesson, rows: &[Row], settings: &AmountSettings, long: f64) {
    let cell = settings.cell.label();
    let mut table = Table::new([
        "text".to_owned(),
        "characters".into(),
        "n-gram".into(),
        "order".into(),
        cell.into(),
        format!("{cell}, training"),
        "read".into(),
    ])
    .caption("Nats per character on the held-out text; the last but one column is the network's loss on what it trains on, the last how often it read that.");
    for row in rows {
        table.push([
            if row.divisor == 1 { "all".into() } else { format!("1/{}", row.divisor) },
            row.characters.to_string(),
            format!("{:.3}", row.ngram),
            row.order.to_string(),
            format!("{:.3}", row.network),
            format!("{:.3}", row.network_train),
            format!("{:.1}×", row.epochs),
        ]);
    }
    lesson.table(&table);
    let curve = |loss: fn(&Row) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (-(row.divisor as f64).log2(), loss(row))).collect()
    };
    let chart = LineChart::new(
        "Loss over the amount of training text",
        "Lines: the held-out loss of counting and of the network fall as the training text doubles; the \
         network's loss on its own training text rises.",
    )
    .x("doublings of the text (−4 is 1/16, 0 is all)")
    .y("nats/char")
    .series("n-gram", &curve(|row| row.ngram))
    .series(cell, &curve(|row| row.network))
    .series(format!("{cell}, on its training text"), &curve(|row| row.network_train))
    .reference(format!("{cell} trained above"), long)
    .caption("One network for each point, the same number of steps for all.");
    lesson.line_chart(&chart);
    lesson.say(&verdict(rows, long));
    for row in rows {
        lesson.number(&format!("amount.ngram_{}", row.divisor), row.ngram);
        lesson.number(&format!("amount.network_{}", row.divisor), row.network);
        lesson.number(&format!("amount.network_train_{}", row.divisor), row.network_train);
        lesson.number(&format!("amount.order_{}", row.divisor), row.order as f64);
    }
    lesson.number("amount.steps", settings.steps as f64);
}

/// Where the network pays, in a few sentences.
fn verdict(rows: &[Row], long: f64) -> String {
    let (first, last) = (&rows[0], &rows[rows.len() - 1]);
    let gap = |row: &Row| row.network - row.ngram;
    let outcome = match rows.iter().rfind(|row| gap(row) >= 0.0) {
        None => "The network is ahead at every amount.".to_owned(),
        Some(row) if row.characters < last.characters => {
            format!("The network is ahead with more than {} characters.", row.characters)
        }
        Some(_) => format!(
            "With all of the text counting is ahead: the network is {:.3} nats behind with {} characters and \
             {:.3} with {}.",
            gap(first),
            first.characters,
            gap(last),
            last.characters,
        ),
    };
    let apart = last.network - last.network_train;
    let missing = if last.epochs < 2.0 || apart < 0.1 {
        format!(
            "With all of the text, which it reads {:.1} times, it is steps that are missing, not text: counting reads \
             once and is done, a network needs many passes. The one trained above has {long:.3}.",
            last.epochs,
        )
    } else {
        format!(
            "Even with all of the text the two are {apart:.3} apart: more text would help. The network trained above \
             has {long:.3}."
        )
    };
    let best = rows.iter().map(|row| row.network).fold(f64::INFINITY, f64::min);
    let nearest = if last.network > best + 0.02 {
        " That it does worse with all of the text than with some is no mistake: in a fixed number of steps it reads \
         the nearest pages often or all pages rarely, and the nearest are most like the held-out ones."
    } else {
        ""
    };
    format!(
        "{outcome} Compare the network's two losses. With the least text it learns what it reads by heart ({:.3} on \
         its training text, {:.3} on the held-out text), which is no help on another page. {missing}{nearest}",
        first.network_train, first.network,
    )
}
