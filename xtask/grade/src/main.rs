//! The commands of `cargo xtask learn`, `grade` and their kin; the work is in the library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, Subcommand};
use xtask_grade::bank::Bank;
use xtask_grade::catalogue::{Course, Exercise, read};
use xtask_grade::class::arguments::{ClassArguments, summary};
use xtask_grade::class::run::Request;
use xtask_grade::class::{gradescope, handout, inspect, merge};
use xtask_grade::compile::Workshop;
use xtask_grade::learn::{grade_own, learn};
use xtask_grade::progress::{Progress, reset};
use xtask_grade::recorded;
use xtask_grade::report::{Report, Status};
use xtask_grade::screen::{self, wrapped};
use xtask_grade::{parallel, put, say, selfcheck};

/// The course's exercises
#[derive(Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Takes the next exercise and grades it whenever you save
    Learn {
        /// Part of an id, or a lesson [default: all]
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// The short way: core exercises only
        #[arg(long)]
        core: bool,
        /// What the cases are drawn from
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
    /// Grades the exercises
    #[command(after_help = GRADE_EXAMPLES)]
    Grade {
        /// Part of an id, or a lesson [default: all]
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// What the cases are drawn from [default: 1; official runs: a secret]
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Write the report to a file, too
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        #[command(flatten)]
        class: ClassArguments,
    },
    /// Joins the parts that `grade --shard` wrote
    GradeMerge {
        /// Their output folders
        #[arg(required = true, value_name = "PART")]
        parts: Vec<PathBuf>,
        /// Where the class is written
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Writes the course as learners get it: without solutions, and still able to grade
    Handout {
        /// Where to; a folder that is not there yet, or empty
        #[arg(value_name = "DIR")]
        to: PathBuf,
        /// Build and test the copy
        #[arg(long)]
        check: bool,
        /// Record the exams of these exercises only, to try it out
        #[arg(long, value_name = "FILTER", default_value = "", hide = true)]
        only: String,
    },
    /// Packs the grader for somebody else's machine
    Package {
        #[command(subcommand)]
        what: Package,
    },
    /// Lists the exercises
    List,
    /// Shows the next hint
    Hint {
        /// Which exercise
        id: String,
    },
    /// Brings a stub back; what you wrote is kept beside it
    Reset {
        /// Which exercise
        id: String,
    },
    /// Shows how the course writes it, once yours is right
    Solution {
        /// Which exercise
        id: String,
        /// Show it now
        #[arg(long)]
        give_up: bool,
    },
    /// Checks the exercises themselves: stubs, solutions, alternatives, known mistakes
    Selfcheck {
        /// Part of an id, or a lesson [default: all]
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// First write what derives from other files: stubs/ from src/, src/lib.rs from the catalogue
        #[arg(long)]
        write: bool,
    },
}

#[derive(Subcommand)]
enum Package {
    /// The zip that Gradescope's autograder is set up from
    Gradescope {
        /// Where it is written
        #[arg(long, value_name = "FILE", default_value = "gradescope.zip")]
        out: PathBuf,
        /// Grade there also if code cannot be shut in; every report says so
        #[arg(long)]
        allow_degraded: bool,
    },
}

const GRADE_EXAMPLES: &str = "\
Examples:
  cargo xtask grade                 all of them, a line each
  cargo xtask grade lstm            a lesson
  cargo xtask grade rnn_step        one, with the first case that is not right
  cargo xtask grade --seed 7        other inputs
  cargo xtask grade --json report.json
  cargo xtask grade --submissions class/ --out graded/ --official      a class; see docs/grading.md";

fn main() -> ExitCode {
    // What strangers wrote runs in this program's place, shut in, before it does anything else.
    xtask_sandbox::trampoline();
    if std::env::args_os().nth(1).is_some_and(|first| first == inspect::ASKED) {
        inspect::serve();
        return ExitCode::SUCCESS;
    }
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The workspace's root: the folder at or above the current one that has exercises, else where this
/// program was built.
fn workspace() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().find(|folder| folder.join("exercises/catalogue.toml").exists());
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf);
    found.map(Path::to_path_buf).or_else(built).unwrap_or(here)
}

/// The variable that says where programs and progress are kept.
const FOLDER_VARIABLE: &str = "XTASK_GRADE_FOLDER";

/// Beside our own program, in cargo's target folder, unless [`FOLDER_VARIABLE`] says otherwise.
fn programs() -> PathBuf {
    let given = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty());
    // Absolute: the compiler may run elsewhere.
    if let Some(folder) = given.and_then(|folder| std::path::absolute(folder).ok()) {
        return folder;
    }
    let own = std::env::current_exe().unwrap_or_default();
    own.parent().map_or_else(|| "target".into(), |folder| folder.join("exercises"))
}

fn chosen<'c>(course: &'c Course, filter: &'c str) -> Result<Vec<&'c Exercise>> {
    // A whole id means that one, though it may be part of others.
    if let Some(one) = course.exercises.iter().find(|exercise| exercise.id == filter) {
        return Ok(vec![one]);
    }
    let chosen: Vec<_> = course.matching(filter).collect();
    if chosen.is_empty() {
        bail!("no exercise is called {filter:?}. `cargo xtask list` names them all.");
    }
    Ok(chosen)
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = workspace();
    let course = Course::open(&workspace.join("exercises"))?;
    let workshop = Workshop::new(&workspace, &programs());
    let bank = Bank { course: &course, workshop: &workshop };
    let progress = Progress::open(workshop.folder());
    match command {
        Command::Learn { filter, core, seed } => {
            let mut exercises = chosen(&course, &filter)?;
            exercises.retain(|exercise| exercise.core || !core);
            ensure!(!exercises.is_empty(), "no core exercise is called {filter:?}");
            learn(bank, exercises, progress, seed)?;
        }
        Command::Grade { filter, seed, json, class } if class.is_asked() => {
            let exercises = &chosen(&course, &filter)?;
            let request = Request { bank, exercises, workspace: &workspace, seed };
            return class.grade(request, json.as_deref());
        }
        Command::GradeMerge { parts, out } => {
            let class = merge::merge(&parts, &out)?;
            say!("{}", summary(&class, &out));
        }
        Command::Handout { to, check, only } => {
            let exams = chosen(&course, &only)?;
            let files = handout::handout(bank, &exams, &workspace, &to, check)?;
            say!("{files} files in {}: no solutions, and graded by recorded exams.", to.display());
        }
        Command::Package { what: Package::Gradescope { out, allow_degraded } } => {
            let files = gradescope::package(bank, &workspace, &out, allow_degraded)?;
            say!(
                "{files} files in {}. It holds the solutions: for Gradescope only.",
                out.display()
            );
        }
        Command::Grade { filter, seed, json, class } => {
            class.nothing_else()?;
            let seed = seed.unwrap_or(1);
            let report = grade(bank, &chosen(&course, &filter)?, seed, &progress)?;
            match report.exercises.as_slice() {
                [one] => put!("{}", screen::exercise(one)),
                _ => put!("{}", screen::overview(&report)),
            }
            say!("Seed {seed}; --seed N draws other inputs.");
            if let Some(path) = json {
                let text = serde_json::to_string_pretty(&report)? + "\n";
                fs::write(&path, text)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        Command::List => put!("{}", screen::list(&course, &progress)),
        Command::Hint { id } => {
            let exercise = course.get(&id)?;
            let (number, hint) = progress.next_hint(exercise);
            put!("Hint {number} of {}\n{}", exercise.hints.len(), wrapped(hint, 2));
        }
        Command::Reset { id } => match reset(&course, course.get(&id)?)? {
            Some(kept) => {
                say!("The stub is back. What you wrote is kept in {}.", kept.display())
            }
            None => say!("The stub is back; there was nothing of yours to keep."),
        },
        Command::Solution { id, give_up } => {
            let exercise = course.get(&id)?;
            if !give_up && grade_own(bank, exercise, 1, &progress)?.status != Status::Passed {
                bail!(
                    "{id} is not right yet. `cargo xtask hint {id}` helps; with --give-up the \
                     solution is shown now."
                );
            }
            ensure!(
                !recorded::is_handout(&course),
                "{id}: this copy of the course has no solutions; your instructor has them"
            );
            put!("{}", read(&course.file("solutions", exercise))?);
        }
        Command::Selfcheck { filter, write } => return check(bank, &filter, write),
    }
    Ok(ExitCode::SUCCESS)
}

fn grade(bank: Bank, chosen: &[&Exercise], seed: u64, progress: &Progress) -> Result<Report> {
    let graded = parallel::map(chosen, |exercise| grade_own(bank, exercise, seed, progress));
    let exercises = graded.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(Report {
        seed: Some(seed),
        isolation: "none".into(),
        toolchain: bank.workshop.rustc(),
        score: exercises.iter().map(|exercise| exercise.points).sum(),
        max_score: exercises.iter().map(|exercise| exercise.max_points).sum(),
        exercises,
    })
}

fn check(bank: Bank, filter: &str, write: bool) -> Result<ExitCode> {
    ensure!(
        !recorded::is_handout(bank.course),
        "this copy of the course has no solutions to check"
    );
    let started = Instant::now();
    let stale = selfcheck::derived(bank.course, write)?;
    if !write && !stale.is_empty() {
        bail!("out of date: {}. Run `cargo xtask selfcheck --write`.", stale.join(", "));
    }
    let chosen = chosen(bank.course, filter)?;
    let findings = selfcheck::selfcheck(bank, &chosen, &|id, faults| {
        say!("{id:24} {}", if faults == 0 { "ok" } else { "NOT OK" });
    });
    for fault in &findings.faults {
        say!("\n{fault}");
    }
    say!(
        "\n{} of {} checks hold: {} exercises, {} mistakes, {:.1} s",
        findings.checks - findings.faults.len(),
        findings.checks,
        chosen.len(),
        findings.mistakes,
        started.elapsed().as_secs_f64()
    );
    Ok(if findings.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
