//! `cargo xtask`: the course's commands.
//!
//! Only a dispatcher. Each command is a package of its own in this folder, built the first time it
//! is used, so that running a lesson does not wait for a download client or a grader to compile.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Name, package, its first arguments, and what it does.
const COMMANDS: [(&str, &str, &[&str], &str); 15] = [
    ("bench", "xtask-bench", &[], "Speed of training and generation, beside PyTorch's"),
    ("book", "xtask-book", &[], "The course as a static site, with search"),
    ("data", "xtask-data", &[], "Data sets: list, fetch, verify, path"),
    ("figures", "xtask-figures", &[], "The chapters' figures: measure, draw, compare"),
    ("new", "xtask-new", &[], "The files of a new exercise or lesson"),
    ("learn", "xtask-grade", &["learn"], "Exercises: takes the next one, grades whenever you save"),
    ("grade", "xtask-grade", &["grade"], "Exercises: grades them"),
    ("grade-merge", "xtask-grade", &["grade-merge"], "Exercises: joins the parts of a class"),
    ("handout", "xtask-grade", &["handout"], "Exercises: the course without solutions"),
    ("package", "xtask-grade", &["package"], "Exercises: the grader, packed for Gradescope"),
    ("list", "xtask-grade", &["list"], "Exercises: lists them"),
    ("hint", "xtask-grade", &["hint"], "Exercises: the next hint"),
    ("reset", "xtask-grade", &["reset"], "Exercises: brings a stub back"),
    ("solution", "xtask-grade", &["solution"], "Exercises: how the course writes it"),
    ("selfcheck", "xtask-grade", &["selfcheck"], "Exercises: checks the exercises themselves"),
];

fn arguments() -> clap::Command {
    let command = |(name, _, _, about): (&'static str, _, _, &'static str)| {
        // Everything behind the name, `--help` too, is for the package to understand.
        clap::Command::new(name).about(about).disable_help_flag(true).arg(
            clap::Arg::new("arguments")
                .num_args(..)
                .value_parser(clap::value_parser!(OsString))
                .allow_hyphen_values(true)
                .trailing_var_arg(true),
        )
    };
    clap::Command::new("xtask")
        .bin_name("cargo xtask")
        .about("The course's commands. Each is built when it is first used.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(COMMANDS.map(command))
}

/// Whether a package's program lies beside ours. It may be out of date; cargo sees to that.
fn is_built(package: &str) -> bool {
    let file = format!("{package}{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().is_ok_and(|own| own.with_file_name(file).exists())
}

fn main() -> ExitCode {
    let matches = arguments().get_matches();
    let (name, given) = matches.subcommand().expect("clap requires one");
    let (_, package, first, _) =
        COMMANDS.into_iter().find(|command| command.0 == name).expect("clap knows these only");
    if !is_built(package) {
        eprintln!("Building `cargo xtask {name}`, which is done once and takes a minute or so ...");
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--package", package, "--"])
        .args(first)
        .args(given.get_many::<OsString>("arguments").unwrap_or_default())
        .status();
    match status {
        // A signal leaves no code: 130 is what a shell gives for Ctrl-C.
        Ok(status) => ExitCode::from(status.code().map_or(130, |code| code as u8)),
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}. Is Rust installed and on the PATH?");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_are_consistent_and_passed_on() {
        super::arguments().debug_assert();
        let given = ["cargo xtask", "data", "fetch", "--help", "-x"];
        let matches = super::arguments().get_matches_from(given);
        let (_, data) = matches.subcommand().unwrap();
        let passed: Vec<_> = data.get_many::<std::ffi::OsString>("arguments").unwrap().collect();
        assert_eq!(passed, ["fetch", "--help", "-x"]);
    }
}
