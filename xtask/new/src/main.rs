//! The commands of `cargo xtask new`; the work is in the library.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask_new::{Written, exercise, lesson};

/// The files of a new exercise or lesson, which work at once and are yours to change
#[derive(Parser)]
#[command(name = "cargo xtask new", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// An exercise: stub, solution, cases, mistakes, an alternative, an entry in the catalogue
    Exercise {
        /// The lesson that it belongs to, as in exercises/catalogue.toml: rnn, lstm, gru, ...
        lesson: String,
        /// Its function and its files: lower case with underscores, such as rnn_step
        id: String,
    },
    /// A lesson: a package in crates/ with one part
    Lesson {
        /// The package: lower case with hyphens, such as gru-seq
        name: String,
    },
}

/// The workspace's root: the folder at or above the current one that has exercises, else where this
/// program was built.
fn workspace() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().find(|folder| folder.join("exercises/catalogue.toml").exists());
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf);
    found.map(Path::to_path_buf).or_else(built).unwrap_or(here)
}

fn main() -> ExitCode {
    let root = workspace();
    let written = match Arguments::parse().command {
        Command::Exercise { lesson, id } => exercise::write(&root, &lesson, &id),
        Command::Lesson { name } => lesson::write(&root, &name),
    };
    match written {
        Ok(Written { files, next }) => {
            println!("Written:");
            files.iter().for_each(|file| println!("  {file}"));
            print!("\n{next}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
