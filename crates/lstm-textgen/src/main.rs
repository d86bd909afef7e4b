//! `cargo run -p lstm-textgen`: arguments, parts, report.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lesson::{self, Error, Lesson, LessonArgs, Part, Syllabus};
use lstm_textgen::{
    char, compress, decode, eval, exchange, explore, gates, generate, inside, memorised, train,
    word,
};

const SYLLABUS: Syllabus = Syllabus {
    name: "lstm-textgen",
    title: "LSTM: text that a network wrote",
    about: "Train a network that writes, and find out what it learned.",
    parts: &[
        Part { name: "gates", about: "an LSTM number by number; how far gradients reach (1 s)" },
        Part { name: "char", about: "a character LSTM beside counting and compressors (22 s)" },
        Part { name: "decode", about: "one prompt, eight ways to choose what comes next (10 s)" },
        Part { name: "word", about: "words for characters, compared per character (5 s)" },
        Part { name: "inside", about: "the cell hunter: which unit follows what (12 s)" },
        Part { name: "compress", about: "the model as a compressor, exact to the byte (10 s)" },
        Part { name: "memorised", about: "how much of what it writes it has copied (10 s)" },
    ],
    examples: &[
        ("--part gates", "only the first part"),
        ("train --data my.txt --budget 180s --out out/mine", "train on your own text"),
        ("eval --model out/mine --data my.txt", "its loss on the text's held-out part"),
        ("generate --model out/mine --prompt 'ROMEO:'", "let it write"),
        ("explore --model out/mine", "a page to look into it with"),
        ("export --model out/mine --out mine.safetensors", "for PyTorch"),
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

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model on a text
    Train(Box<train::TrainArgs>),
    /// The loss of a trained model on a text
    Eval(eval::EvalArgs),
    /// Write text with a trained model
    Generate(generate::GenerateArgs),
    /// A page to look into a trained model with
    Explore(explore::ExploreArgs),
    /// A trained model as a file that PyTorch loads
    Export(exchange::ExportArgs),
    /// A model from PyTorch
    Import(exchange::ImportArgs),
}

fn main() -> ExitCode {
    lesson::run_binary(|| {
        let Cli { lesson: args, command } = lesson::parse(&SYLLABUS);
        match command {
            Some(Command::Train(args)) => return train::command(&SYLLABUS, *args),
            Some(Command::Eval(args)) => return eval::command(&args),
            Some(Command::Generate(args)) => return generate::command(&args),
            Some(Command::Explore(args)) => return explore::command(&args),
            Some(Command::Export(args)) => return exchange::export(&args),
            Some(Command::Import(args)) => return exchange::import(&SYLLABUS, &args),
            None => {}
        }
        if let Some(folder) = &args.run.resume {
            return Err(Error::config(format!(
                "the tour begins anew; a run goes on with `cargo run -p lstm-textgen -- train --resume {}`.",
                folder.display()
            )));
        }
        let (training, words) = (char::prepare(&args)?, word::prepare(&args)?);
        let mut lesson = Lesson::new(&SYLLABUS, &args.run)?;
        if args.wants("gates") {
            gates::run(&mut lesson, args.run.seed, args.full);
        }
        let needed =
            ["char", "decode", "inside", "compress", "memorised"].iter().any(|p| args.wants(p));
        let trained = match (args.wants("char"), needed) {
            (true, _) => Some(char::run(&mut lesson, training)?),
            (false, true) => Some(training.run_silently(lesson.shows_progress())?),
            (false, false) => None,
        };
        if let Some(trained) = trained.as_ref().filter(|_| args.wants("decode")) {
            decode::run(&mut lesson, trained)?;
        }
        if args.wants("word") {
            word::run(&mut lesson, words, trained.as_ref())?;
        }
        if let Some(trained) = &trained {
            if args.wants("inside") {
                inside::run(&mut lesson, trained);
            }
            if args.wants("compress") {
                compress::run(&mut lesson, trained)?;
            }
            if args.wants("memorised") {
                memorised::run(&mut lesson, trained)?;
            }
        }
        lesson.finish()
    })
}
