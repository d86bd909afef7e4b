//! `cargo run -p rnn-basics`: arguments, parts, report.

use std::process::ExitCode;

use clap::Parser;
use lesson::{self, Lesson, LessonArgs, Part, Syllabus};
use rnn_basics::char_lm::{self, CharLm};
use rnn_basics::{bptt, gradients, inside, recurrence};

const SYLLABUS: Syllabus = Syllabus {
    name: "rnn-basics",
    title: "Recurrent networks: recurrence you can follow",
    about: "From one equation with every number printed to a character model you train.",
    parts: &[
        Part {
            name: "recurrence",
            about: "a 3-unit RNN, every number, forwards and backwards (1 s)",
        },
        Part {
            name: "bptt",
            about: "a network from scratch; what truncation loses (3 s; --full 20 s)",
        },
        Part {
            name: "gradients",
            about: "vanishing, exploding gradients measured (5 s; --full 25 s)",
        },
        Part { name: "char-lm", about: "a character model beside counting (11 s; --full 1-2 min)" },
        Part {
            name: "inside",
            about: "what moved a prediction; where states lie (2 s; --full 10 s)",
        },
    ],
    examples: &[
        ("--part recurrence", "only the first part"),
        ("--part gradients --full", "one part at its full size"),
        ("--part char-lm --data my.txt --budget 60s", "train on your own text for a minute"),
        ("--part char-lm --cell lstm --hidden 256", "another network"),
        ("--resume out/rnn-basics/char-lm", "go on after Ctrl-C"),
        ("--resume out/rnn-basics/char-lm --budget 20s", "train 20 s more"),
    ],
};

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    lesson: LessonArgs,
    #[command(flatten)]
    char_lm: char_lm::Options,
}

fn main() -> ExitCode {
    lesson::run_binary(|| {
        let Cli { lesson: mut args, char_lm: options } = lesson::parse(&SYLLABUS);
        let char_lm = CharLm::prepare(&mut args, &options)?;
        let mut lesson = Lesson::new(&SYLLABUS, &args.run)?;
        if args.wants("recurrence") {
            recurrence::run(&mut lesson);
        }
        if args.wants("bptt") {
            bptt::run(&mut lesson, args.run.seed, args.full)?;
        }
        if args.wants("gradients") {
            gradients::run(&mut lesson, args.run.seed, args.full)?;
        }
        let trained = match (args.wants("char-lm"), args.wants("inside")) {
            (true, _) => Some(char_lm.run(&mut lesson, &args.run)?),
            (false, true) => Some(char_lm.train_quickly(&mut lesson)?),
            (false, false) => None,
        };
        if let Some(trained) = trained.filter(|_| args.wants("inside")) {
            inside::run(&mut lesson, &trained);
        }
        lesson.finish()
    })
}
