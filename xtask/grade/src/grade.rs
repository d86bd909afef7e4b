//! Grading an exercise: a paper, with all that an answer is judged by, and a program that answers it
//! make a report.
//!
//! Whose program it is, and what it takes to build it, is the caller's business: one's own file is
//! built here ([`grade_source`]), those of a class in `class`.

use std::path::Path;
use std::sync::OnceLock;

use anyhow::Result;

use crate::bank::Bank;
use crate::catalogue::{Exercise, read};
use crate::child::Runner;
use crate::compile::{Built, CompileError};
use crate::diagnose::diagnose;
use crate::exam::{Exam, Mistake};
use crate::glue::Unit;
use crate::interface::{Draft, Interface};
use crate::judge::{Judged, Verdict, examine};
use crate::report::{CaseReport, ExerciseReport, Status, Visibility, escaped};
use crate::show;

/// An exercise with all that its answers are judged by.
pub struct Paper<'c> {
    bank: Bank<'c>,
    /// Which exercise.
    pub exercise: &'c Exercise,
    /// What its functions look like.
    pub interface: Interface,
    /// What is asked.
    pub exam: Exam,
    seed: u64,
    /// Drawn when the first wrong answer comes.
    mistakes: OnceLock<Vec<Mistake>>,
}

impl<'c> Paper<'c> {
    /// The paper of a seed.
    ///
    /// # Errors
    /// The course's own files are broken, the disk is full.
    pub fn draw(bank: Bank<'c>, exercise: &'c Exercise, seed: u64) -> Result<Self> {
        let (_, interface) = bank.stub(exercise)?;
        let exam = bank.exam(exercise, seed)?;
        Ok(Self { bank, exercise, interface, exam, seed, mistakes: OnceLock::new() })
    }

    /// What the known mistakes answer.
    ///
    /// # Errors
    /// As for [`Self::draw`].
    pub fn mistakes(&self) -> Result<&[Mistake]> {
        if let Some(mistakes) = self.mistakes.get() {
            return Ok(mistakes);
        }
        let mistakes = self.bank.mistakes(self.exercise, &self.exam)?;
        Ok(self.mistakes.get_or_init(|| mistakes))
    }

    /// Asks the program's functions `unit/...`, and judges what they answer.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn examine(&self, unit: &str, runner: &mut Runner) -> Result<Judged> {
        examine(self.exercise, &self.exam, unit, runner, self.seed)
    }

    /// What went wrong in the author's thinking, as far as it can be told.
    ///
    /// # Errors
    /// As for [`Self::draw`].
    pub fn diagnosis(&self, judged: &Judged) -> Result<Option<String>> {
        let Self { exercise, interface, exam, .. } = self;
        Ok(diagnose(exercise, interface, exam, judged, self.mistakes()?))
    }

    /// What is said of the answers.
    ///
    /// # Errors
    /// As for [`Self::draw`].
    pub fn report(&self, judged: &Judged) -> Result<ExerciseReport> {
        let mut report = report(self.exercise, &self.exam, judged);
        if !judged.is_right() {
            report.diagnosis = self.diagnosis(judged)?;
            report.detail = show::first_failure(self.exercise, &self.interface, &self.exam, judged);
        }
        Ok(report)
    }
}

/// Grades the file at `path` (where there is none, it is not started). Programs are kept in `slot`.
///
/// # Errors
/// The course's own files are broken, the disk is full: nothing that a learner can cause.
pub fn grade_file(
    bank: Bank,
    exercise: &Exercise,
    path: &Path,
    slot: &str,
    seed: u64,
) -> Result<ExerciseReport> {
    if !path.exists() {
        return Ok(bare(exercise, Status::NotStarted, None));
    }
    match read(path) {
        Ok(source) => grade_source(bank, exercise, source, slot, seed),
        Err(error) => Ok(bare(exercise, Status::CompileError, Some(format!("{error:#}")))),
    }
}

/// Grades a source text.
///
/// # Errors
/// As in [`grade_file`].
pub fn grade_source(
    bank: Bank,
    exercise: &Exercise,
    source: String,
    slot: &str,
    seed: u64,
) -> Result<ExerciseReport> {
    let (_, stub) = bank.stub(exercise)?;
    match stub.draft(&source) {
        Draft::NotStarted => return Ok(bare(exercise, Status::NotStarted, None)),
        Draft::Departed(what) => {
            let message =
                format!("{what}. `cargo xtask reset {}` brings the stub back.", exercise.id);
            return Ok(bare(exercise, Status::CompileError, Some(message)));
        }
        // What is no Rust yet: rustc says it best.
        Draft::Begun | Draft::NoRust => {}
    }
    let unit = answer_unit(exercise, stub, source);
    match bank.workshop.build(slot, std::slice::from_ref(&unit))? {
        Built::Ready(program) => {
            let paper = Paper::draw(bank, exercise, seed)?;
            paper.report(&paper.examine(&unit.name, &mut Runner::new(&program))?)
        }
        Built::Broken(errors) => {
            let message = compiler_message(&unit.path, &errors);
            Ok(bare(exercise, Status::CompileError, Some(message)))
        }
    }
}

/// A file of whoever is graded, as part of a program.
pub fn answer_unit(exercise: &Exercise, interface: Interface, source: String) -> Unit {
    let Exercise { id, lesson, .. } = exercise;
    Unit::new(id, format!("src/{lesson}/{id}.rs"), source, interface)
}

/// A report without cases.
pub fn bare(exercise: &Exercise, status: Status, message: Option<String>) -> ExerciseReport {
    ExerciseReport {
        id: exercise.id.clone(),
        lesson: exercise.lesson.clone(),
        status,
        points: 0.0,
        max_points: exercise.points,
        diagnosis: None,
        message,
        cases: Vec::new(),
        detail: None,
        printed: String::new(),
    }
}

/// At most three errors, those in the learner's own lines first.
pub fn compiler_message(path: &str, errors: &[CompileError]) -> String {
    let own: Vec<_> = errors.iter().filter(|error| error.file.as_deref() == Some(path)).collect();
    if own.is_empty() {
        let first = errors.first().map_or("", |error| error.rendered.as_str());
        // Words of our own, not the compiler's.
        if !first.starts_with("error") {
            return escaped(first, 1200);
        }
        return format!(
            "the signature or a struct does not fit the task any more.\n{}",
            escaped(first, 1200)
        );
    }
    let shown: Vec<_> =
        own.iter().take(3).map(|error| escaped(&in_short(&error.rendered), 1500)).collect();
    let rest = match own.len().saturating_sub(3) {
        0 => String::new(),
        more => format!("\n\n... and {more} more"),
    };
    shown.join("\n\n") + &rest
}

/// An error of rustc without its lists of all the types that would have done, and without notes
/// that lead into files which are not the learner's.
fn in_short(rendered: &str) -> String {
    let is_listed = |line: &str| {
        let line = line.trim_start();
        line.contains("` implements `")
            || line.starts_with("= help: the following other types implement")
            || line.starts_with("and ") && line.ends_with(" others")
    };
    let mut blocks: Vec<Vec<&str>> = vec![Vec::new()];
    for line in rendered.lines().filter(|line| !is_listed(line)) {
        if line.starts_with("note: ") || line.starts_with("help: ") {
            blocks.push(Vec::new());
        }
        blocks.last_mut().expect("there is one").push(line);
    }
    let is_elsewhere =
        |line: &&str| line.trim_start().starts_with("--> ") && !line.contains("--> exercises");
    blocks.retain(|block| !block.iter().any(is_elsewhere));
    blocks.concat().join("\n")
}

/// What is said of a hidden case.
const HIDDEN: &str = "not right (a hidden case)";

/// The verdicts as cases, points and status.
fn report(exercise: &Exercise, exam: &Exam, judged: &Judged) -> ExerciseReport {
    let mut cases: Vec<CaseReport> = Vec::new();
    for Verdict { question, part, fault } in &judged.verdicts {
        let case = &exam.questions[*question].case;
        let name = match part.is_empty() {
            true => case.name.clone(),
            false => format!("{}: {part}", case.name),
        };
        let known = cases.iter().position(|known| known.name == name).unwrap_or_else(|| {
            let visibility = Visibility::of(case);
            cases.push(CaseReport { name, passed: true, visibility, message: None });
            cases.len() - 1
        });
        let known = &mut cases[known];
        if let Some(fault) = fault {
            known.passed = false;
            known.message.get_or_insert_with(|| fault.text());
        }
        if !case.visible {
            known.visibility = Visibility::Hidden;
        }
        // What a hidden case expects would give its inputs away.
        if known.visibility == Visibility::Hidden {
            known.message.iter_mut().for_each(|message| HIDDEN.clone_into(message));
        }
    }
    let passed = cases.iter().filter(|case| case.passed).count();
    let share = passed as f64 / cases.len() as f64;
    let first = cases.iter().find_map(|case| Some((&case.name, case.message.as_ref()?)));
    let message = first.map(|(name, message)| format!("{name}: {message}"));
    let mut report = bare(exercise, judged.status(), message);
    report.points = (share * exercise.points * 100.0).round() / 100.0;
    report.cases = cases;
    report.printed = escaped(&judged.printed, 2000);
    report
}
