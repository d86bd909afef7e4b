//! Grading an exercise: builds the learner's file, asks it the exam's questions, judges the
//! answers, and looks for what went wrong.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use kit::Value;
use kit::cases::Draw;

use crate::catalogue::{Exercise, read};
use crate::child::{Outcome, Runner};
use crate::compare::{self, Difference};
use crate::compile::{Built, CompileError};
use crate::diagnose;
use crate::exam::{Bank, Exam, Question};
use crate::glue::Unit;
use crate::interface::Interface;
use crate::report::{CaseReport, ExerciseReport, Status, Visibility, escaped};
use crate::show;

/// Why an answer, or a part of one, is not right.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Another value.
    Wrong(Difference),
    /// Right when asked first, not right when asked again.
    Unsteady(Difference),
    /// Nothing came: panic, crash, hang; in words.
    Nothing(Status, String),
}

impl Fault {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::Wrong(Difference { path, text, .. }) if path.is_empty() => text.clone(),
            Self::Wrong(Difference { path, text, .. }) => format!("{path}: {text}"),
            Self::Unsteady(Difference { text, .. }) => format!(
                "the same inputs gave another answer when asked again ({text}). Nothing may be kept \
                 between two calls."
            ),
            Self::Nothing(_, text) => text.clone(),
        }
    }

    fn status(&self) -> Status {
        match self {
            Self::Nothing(status, _) => *status,
            _ => Status::Failed,
        }
    }
}

/// A part of an answer: which question, which part.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Index of the question.
    pub question: usize,
    /// Name of the part; empty where the answer is one.
    pub part: String,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// All answers of a learner to an exam, judged.
#[derive(Debug)]
pub struct Judged {
    /// One outcome a question (of the first time that it was asked).
    pub answers: Vec<Outcome>,
    /// One verdict a part.
    pub verdicts: Vec<Verdict>,
    /// What the program printed.
    pub printed: String,
}

impl Judged {
    /// Whether all is right.
    pub fn is_right(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.fault.is_none())
    }
}

/// The parts of the reference's answer with those of another.
pub fn paired<'v>(
    names: &[String],
    expected: &'v Value,
    got: &'v Value,
) -> Vec<(String, &'v Value, &'v Value)> {
    let (all, own) = (compare::parts(expected, names), compare::parts(got, names));
    match all.len() == own.len() {
        true => all.into_iter().zip(own).map(|((name, e), (_, g))| (name, e, g)).collect(),
        false => vec![(String::new(), expected, got)],
    }
}

/// How `got` differs from the part of the question's right answer.
pub fn part_difference(
    names: &[String],
    question: &Question,
    part: &str,
    got: &Value,
) -> Option<Difference> {
    let of = |value: &'_ Value| -> Option<Value> {
        let parts = compare::parts(value, names);
        parts.into_iter().find(|(name, _)| name == part).map(|(_, value)| value.clone())
    };
    let expected = of(&question.expected)?;
    let variants: Vec<Value> = question.variants.iter().filter_map(of).collect();
    compare::difference(&expected, &variants.iter().collect::<Vec<_>>(), got)
}

fn fault_of(outcome: &Outcome) -> Option<Fault> {
    let (status, text) = match outcome {
        Outcome::Value(_) => return None,
        Outcome::Panic(message) if message.starts_with("not yet implemented") => {
            (Status::Failed, "still `todo!()`".to_owned())
        }
        Outcome::Panic(message) => {
            (Status::Crashed, format!("panicked: {}", escaped(message, 400)))
        }
        Outcome::Misfit(what) => {
            (Status::Crashed, format!("cannot be called: {}", escaped(what, 200)))
        }
        Outcome::TimedOut(patience) => (
            Status::TimedOut,
            format!("no answer after {:.1} s: a loop that does not end?", patience.as_secs_f64()),
        ),
        Outcome::Died(how) => (Status::Crashed, format!("crashed: {how}")),
    };
    Some(Fault::Nothing(status, text))
}

/// Asks all questions, then all again in another order.
pub fn examine(
    exercise: &Exercise,
    exam: &Exam,
    unit: &str,
    runner: &mut Runner,
    seed: u64,
) -> Result<Judged> {
    let function = |question: &Question| format!("{unit}/{}", question.case.function);
    let ask = |runner: &mut Runner, question: &Question| {
        let case = &question.case;
        runner.ask(Visibility::of(case), &function(question), &case.arguments)
    };
    let mut verdicts = Vec::new();
    let mut answers = Vec::new();
    // A loop that does not end will not end in the next drawing of the same case either.
    let mut hung: HashMap<&str, Outcome> = HashMap::new();
    for (index, question) in exam.questions.iter().enumerate() {
        let name = question.case.name.as_str();
        let outcome = match hung.get(name) {
            Some(outcome) => outcome.clone(),
            None => ask(runner, question)?,
        };
        if matches!(outcome, Outcome::TimedOut(_)) {
            hung.insert(name, outcome.clone());
        }
        verdicts.extend(judge(exercise, question, index, &outcome));
        answers.push(outcome);
    }
    let order = Draw::new(seed).shuffled((0..exam.questions.len()).collect::<Vec<_>>());
    for index in order {
        let question = &exam.questions[index];
        if answers[index].value().is_none() || runner.has_given_up(&function(question)) {
            continue; // once was enough
        }
        let again = ask(runner, question)?;
        for second in judge(exercise, question, index, &again) {
            let same = |first: &&mut Verdict| first.question == index && first.part == second.part;
            let first = verdicts.iter_mut().find(same);
            if let (Some(first @ Verdict { fault: None, .. }), Some(fault)) = (first, second.fault)
            {
                first.fault = Some(match fault {
                    Fault::Wrong(difference) => Fault::Unsteady(difference),
                    fault => fault,
                });
            }
        }
    }
    Ok(Judged { answers, verdicts, printed: runner.printed() })
}

fn judge(
    exercise: &Exercise,
    question: &Question,
    index: usize,
    outcome: &Outcome,
) -> Vec<Verdict> {
    let verdict = |part: String, fault| Verdict { question: index, part, fault };
    let parts = || compare::parts(&question.expected, &exercise.parts).into_iter();
    match outcome {
        Outcome::Value(value) => paired(&exercise.parts, &question.expected, value)
            .into_iter()
            .map(|(part, _, got)| {
                let found = part_difference(&exercise.parts, question, &part, got);
                verdict(part, found.map(Fault::Wrong))
            })
            .collect(),
        outcome => parts().map(|(part, _)| verdict(part, fault_of(outcome))).collect(),
    }
}

/// A report without cases.
pub(crate) fn bare(exercise: &Exercise, status: Status, message: Option<String>) -> ExerciseReport {
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

/// A file of whoever is graded, ready to run, or what there is to say already.
enum Prepared {
    Ready(Runner),
    Over(ExerciseReport),
}

const UNIT: &str = "answer";

fn prepare(bank: Bank, exercise: &Exercise, source: String, slot: &str) -> Result<Prepared> {
    let (_, stub) = bank.stub(exercise)?;
    let over = |status, message| Ok(Prepared::Over(bare(exercise, status, message)));
    let interface = match Interface::parse(&source) {
        Ok(own) => {
            let is_todo = |name: &str| own.function(name).is_some_and(|function| function.is_todo);
            if stub.tasks().all(|task| is_todo(&task.name)) {
                return over(Status::NotStarted, None);
            }
            if let Some(departure) = stub.departure(&own) {
                let id = &exercise.id;
                let message =
                    format!("{departure}. `cargo xtask reset {id}` brings the stub back.");
                return over(Status::CompileError, Some(message));
            }
            stub
        }
        // It is no Rust yet; rustc says it best.
        Err(_) => stub,
    };
    let path = format!("src/{}/{}.rs", exercise.lesson, exercise.id);
    let unit = Unit::new(UNIT, path.clone(), source, interface);
    match bank.workshop.build(slot, &[unit])? {
        Built::Ready(program) => Ok(Prepared::Ready(Runner::new(&program))),
        Built::Broken(errors) => over(Status::CompileError, Some(compiler_message(&path, &errors))),
    }
}

/// At most three errors, those in the learner's own lines first.
pub(crate) fn compiler_message(path: &str, errors: &[CompileError]) -> String {
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
    let mut runner = match prepare(bank, exercise, source, slot)? {
        Prepared::Ready(runner) => runner,
        Prepared::Over(report) => return Ok(report),
    };
    let exam = bank.exam(exercise, seed)?;
    let judged = examine(exercise, &exam, UNIT, &mut runner, seed)?;
    let mut report = report(exercise, &exam, &judged);
    if !judged.is_right() {
        let mistakes = bank.mistakes(exercise, &exam)?;
        let (_, stub) = bank.stub(exercise)?;
        report.diagnosis = diagnose::diagnose(exercise, &stub, &exam, &judged, &mistakes);
        report.detail = show::first_failure(exercise, &stub, &exam, &judged);
    }
    Ok(report)
}

/// What is said of a hidden case.
const HIDDEN: &str = "not right (a hidden case)";

/// The verdicts as cases, points and status.
pub(crate) fn report(exercise: &Exercise, exam: &Exam, judged: &Judged) -> ExerciseReport {
    let mut cases: Vec<CaseReport> = Vec::new();
    let mut status = None;
    let mut first_text = None;
    for Verdict { question, part, fault } in &judged.verdicts {
        let case = &exam.questions[*question].case;
        let name = match part.is_empty() {
            true => case.name.clone(),
            false => format!("{}: {part}", case.name),
        };
        if let Some(fault) = fault {
            // Crashed (or timed out) only where nothing else went wrong.
            let own = fault.status();
            status = Some(status.map_or(own, |old| if old == own { own } else { Status::Failed }));
            first_text.get_or_insert_with(|| match case.visible {
                true => format!("{name}: {}", fault.text()),
                false => format!("{name}: {HIDDEN}"),
            });
        }
        let message = fault.as_ref().map(Fault::text);
        match cases.iter_mut().find(|case| case.name == name) {
            Some(known) => {
                known.passed &= message.is_none();
                known.message = known.message.take().or(message);
                if !case.visible {
                    known.visibility = Visibility::Hidden;
                }
            }
            None => cases.push(CaseReport {
                name,
                passed: message.is_none(),
                visibility: Visibility::of(case),
                message,
            }),
        }
    }
    // What a hidden case expects would give its inputs away.
    let hidden = cases.iter_mut().filter(|case| case.visibility == Visibility::Hidden);
    hidden.for_each(|case| {
        if let Some(message) = &mut case.message {
            HIDDEN.clone_into(message);
        }
    });
    let passed = cases.iter().filter(|case| case.passed).count();
    let share = passed as f64 / cases.len() as f64;
    let mut report = bare(exercise, status.unwrap_or(Status::Passed), first_text);
    report.points = (share * exercise.points * 100.0).round() / 100.0;
    report.cases = cases;
    report.printed = escaped(&judged.printed, 2000);
    report
}
