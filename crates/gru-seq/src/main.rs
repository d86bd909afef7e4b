//! `cargo run -p gru-seq`: arguments, parts, report.

use std::process::ExitCode;

use clap::Parser;
use gru_seq::commands::{self, Command};
use gru_seq::task::Task;
use gru_seq::{addition, dates, duel, exposure, gates, memory, predict, translate};
use lesson::{Error, Lesson, LessonArgs, Part, Syllabus};

const SYLLABUS: Syllabus = Syllabus {
    name: "gru-seq",
    title: "The GRU, and sequence to sequence",
    about: "One network reads, another writes: sums, dates and sentences.",
    parts: &[
        Part { name: "gates", about: "a GRU step by step, every number (1 s)" },
        Part { name: "addition", about: "535+61= character by character (28 s; --full 2 min)" },
        Part { name: "dates", about: "dates to ISO 8601, with attention (4 s; --full 35 s)" },
        Part { name: "exposure", about: "a decoder and its own mistakes (13 s; --full 30 s)" },
        Part { name: "translate", about: "French to English (1 s; --full 3 s)" },
        Part { name: "memory", about: "who remembers for how long (8 s; --full 11 min)" },
        Part {
            name: "predict",
            about: "the next value of a series, and a sound (3 s; --full 15 s)",
        },
        Part { name: "duel", about: "RNN, GRU and LSTM on equal terms (13 s; --full 5 min)" },
    ],
    examples: &[
        ("--part dates", "only one part"),
        ("train addition --budget 3m", "train a network that adds, and keep it"),
        ("predict --model out/gru-seq/dates \"3 March 1998\"", "ask a network"),
        ("attention --model out/gru-seq/dates \"3 March 1998\"", "see where it looks"),
        ("train translate --data fra-eng --budget 30m", "translate for real"),
        ("remember adding --cell gru --course 100:2000:0.01,600:600:0.004", "a course of your own"),
    ],
};

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    lesson::run_binary(|| {
        let Cli { lesson: args, command } = lesson::parse(&SYLLABUS);
        if let Some(command) = command {
            return commands::run(&command, &SYLLABUS);
        }
        if args.run.resume.is_some() || args.run.budget.is_some() {
            let what = "the tour trains several small networks, each for a fixed number of steps. To train one for a \
                        time, or to go on with it: train TASK --budget TIME, train TASK --resume DIR.";
            return Err(Error::config(what));
        }
        let kept = Task::KEPT.map(|task| Some(task.name()));
        if args.run.stop_at.is_some() && !kept.contains(&args.part.as_deref()) {
            let what = "--stop-at is for a network that is kept and can go on: give it with --part addition, dates or \
                        translate, or with train TASK.";
            return Err(Error::config(what));
        }
        let translate = args.wants("translate").then(|| translate::prepare(&args)).transpose()?;
        let mut lesson = Lesson::new(&SYLLABUS, &args.run)?;
        if args.wants("gates") {
            gates::run(&mut lesson);
        }
        if args.wants("addition") {
            addition::run(&mut lesson, &args)?;
        }
        if args.wants("dates") {
            dates::run(&mut lesson, &args)?;
        }
        if args.wants("exposure") {
            exposure::run(&mut lesson, &args)?;
        }
        if let Some((recipe, corpus)) = translate {
            translate::run(&mut lesson, &args, &recipe, &corpus)?;
        }
        if args.wants("memory") {
            memory::run(&mut lesson, &args)?;
        }
        if args.wants("predict") {
            predict::run(&mut lesson, &args)?;
        }
        if args.wants("duel") {
            duel::run(&mut lesson, &args)?;
        }
        lesson.finish()
    })
}
