//! `cargo run -p sentiment`: arguments, parts, report.

use std::process::ExitCode;

use clap::Parser;
use lesson::{self, LessonArgs, Part, Syllabus};
use sentiment::commands::{self, Command};
use sentiment::options::Options;
use sentiment::tour;

const SYLLABUS: Syllabus = Syllabus {
    name: "sentiment",
    title: "Reviews: embeddings and LSTMs, beside a bag of bigrams",
    about: "Is a film review positive? Counting first, then networks that read in order.",
    parts: &[
        Part { name: "bags", about: "naive Bayes, logistic regression, NB-SVM (1 s; IMDB 20 s)" },
        Part { name: "lstm", about: "a network in both directions, its best epoch kept (1 s)" },
        Part { name: "embeddings", about: "what the words' vectors have learned (1 s)" },
        Part { name: "padding", about: "what it costs to read filling (1 s)" },
        Part {
            name: "pretrain",
            about: "a language model first: how many labels are needed? (4 s)",
        },
        Part { name: "why", about: "word by word, negation, mistakes, calibration (1 s)" },
    ],
    examples: &[
        ("--part bags --data imdb", "one part on IMDB (cargo xtask data fetch imdb)"),
        ("train --data imdb --out out/bilstm", "train a network on IMDB (3 minutes)"),
        ("predict --model out/bilstm \"Not bad at all!\"", "ask it"),
        ("explain --model out/bilstm \"Not bad at all!\"", "ask it why"),
        ("eval --model out/bilstm --data imdb", "measure it"),
        ("pretrain --data imdb --hidden 256 --budget 35m --out out/language", "a language model"),
        ("train --data imdb --from out/language --budget 25m --out out/best", "go on from it"),
    ],
};

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    lesson::run_binary(|| {
        let Cli { lesson, options, command } = lesson::parse(&SYLLABUS);
        match command {
            Some(command) => commands::run(command, &SYLLABUS),
            None => tour::run(&lesson, &options, &SYLLABUS),
        }
    })
}
