//! The commands of `cargo xtask learn`, `grade` and their kin; the work is in the library.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use xtask_grade::catalogue::{Course, Exercise};
use xtask_grade::compile::Workshop;
use xtask_grade::exam::Bank;
use xtask_grade::grade::grade_file;
use xtask_grade::selfcheck;

/// The course's exercises
#[derive(Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Grades the exercises
    Grade {
        /// Part of an id, or a lesson
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// What the cases are drawn from
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Checks the course: stubs, solutions, alternatives, known mistakes
    Selfcheck {
        /// Part of an id, or a lesson
        #[arg(default_value = "", hide_default_value = true)]
        filter: String,
        /// Write what derives from other files: stubs/ from src/, src/lib.rs from the catalogue
        #[arg(long)]
        write: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The workspace's root: where we were built, or the folder above the current one that has exercises.
fn workspace() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().find(|folder| folder.join("exercises/catalogue.toml").exists());
    found.map_or(built, Path::to_path_buf)
}

/// Beside our own program: cargo's target folder, whatever it is called.
fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.parent().map_or_else(|| "target".into(), |folder| folder.join("exercises"))
}

fn some<'c>(course: &'c Course, filter: &'c str) -> Result<Vec<&'c Exercise>> {
    let chosen: Vec<_> = course.matching(filter).collect();
    if chosen.is_empty() {
        bail!("no exercise is called {filter:?}. `cargo xtask list` names them all.");
    }
    Ok(chosen)
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = workspace();
    let course = Course::open(&workspace.join("exercises"))?;
    let workshop = Workshop::new(&workspace, &target());
    let bank = Bank { course: &course, workshop: &workshop };
    match command {
        Command::Grade { filter, seed } => {
            for exercise in some(&course, &filter)? {
                let slot = format!("student/{}/{}", exercise.lesson, exercise.id);
                let report =
                    grade_file(bank, exercise, &course.file("src", exercise), &slot, seed)?;
                println!(
                    "{:20} {:?} {}/{}",
                    report.id, report.status, report.points, report.max_points
                );
                for text in
                    [&report.message, &report.detail, &report.diagnosis].into_iter().flatten()
                {
                    println!("{text}");
                }
            }
        }
        Command::Selfcheck { filter, write } => {
            let started = Instant::now();
            let stale = selfcheck::derived(&course, write)?;
            if !write && !stale.is_empty() {
                bail!("out of date: {}. Run `cargo xtask selfcheck --write`.", stale.join(", "));
            }
            let chosen = some(&course, &filter)?;
            let findings = selfcheck::selfcheck(bank, &chosen, &|id, faults| {
                println!("{id:24} {}", if faults == 0 { "ok" } else { "NOT OK" });
            })?;
            for fault in &findings.faults {
                println!("\n{fault}");
            }
            let right = findings.checks - findings.faults.len();
            println!(
                "\n{right} of {} checks hold, {} exercises, {:.1} s",
                findings.checks,
                chosen.len(),
                started.elapsed().as_secs_f64()
            );
            return Ok(if findings.faults.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}
