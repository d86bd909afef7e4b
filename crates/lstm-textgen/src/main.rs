//! `cargo run -p lstm-textgen`: arguments, parts, report.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lstm_textgen::{eval, generate, train};
use seqcore::lesson::{self, Lesson, LessonArgs, Part, Syllabus};

const SYLLABUS: Syllabus = Syllabus {
    name: "lstm-textgen",
    title: "LSTM: text that a network wrote",
    about: "Train a network that writes, and find out what it learned.",
    parts: &[Part { name: "char", about: "a character model" }],
    examples: &[],
};

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model on a text
    Train(Box<train::TrainArgs>),
    /// The loss of a trained model on a text
    Eval(eval::EvalArgs),
    /// Write text with a trained model
    Generate(generate::GenerateArgs),
}

fn main() -> ExitCode {
    lesson::run(|| {
        let Cli { lesson: args, command } = lesson::parse(&SYLLABUS);
        match command {
            Some(Command::Train(args)) => return train::command(&SYLLABUS, *args),
            Some(Command::Eval(args)) => return eval::command(&args),
            Some(Command::Generate(args)) => return generate::command(&args),
            None => {}
        }
        let lesson = Lesson::new(&SYLLABUS, &args.run)?;
        lesson.finish()
    })
}
