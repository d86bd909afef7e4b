//! Does the grader tell right from wrong? Every stub, solution, alternative and known mistake is
//! graded as if a learner had handed it in.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};
use kit::Value;

use crate::bank::{Bank, F32};
use crate::catalogue::{Course, Exercise, read};
use crate::compare::{self, leaves};
use crate::exam::Question;
use crate::glue::CASES;
use crate::grade::{Paper, grade_source};
use crate::interface::Interface;
use crate::judge::Fault;
use crate::mistakes::WrongVersion;
use crate::parallel;
use crate::report::Status;

/// What was looked at, and what is not as it should be.
#[derive(Debug, Default)]
pub struct Findings {
    /// Checks that were made.
    pub checks: usize,
    /// Known mistakes that were graded.
    pub mistakes: usize,
    /// Checks that failed, each with what to do.
    pub faults: Vec<String>,
}

impl Findings {
    fn check(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.faults.push(fault());
        }
    }
}

/// Seeds with which everything is graded.
const SEEDS: [u64; 2] = [1, 2];

/// Checks exercises, several at a time; what is wrong with one is a fault among the findings.
pub fn selfcheck(
    bank: Bank,
    exercises: &[&Exercise],
    progress: &(dyn Fn(&str, usize) + Sync),
) -> Findings {
    let all = parallel::map(exercises, |exercise| {
        let mut findings = Findings::default();
        if let Err(error) = one(bank, exercise, &mut findings) {
            findings.check(false, || format!("{}: {error:#}", exercise.id));
        }
        progress(&exercise.id, findings.faults.len());
        findings
    });
    let mut sum = Findings::default();
    for findings in all {
        sum.checks += findings.checks;
        sum.mistakes += findings.mistakes;
        sum.faults.extend(findings.faults);
    }
    sum
}

fn one(bank: Bank, exercise: &Exercise, findings: &mut Findings) -> Result<()> {
    let id = &exercise.id;
    let (source, stub) = bank.stub(exercise)?;
    findings.check(stub.tasks().next().is_some(), || format!("{id}: the stub has no `todo!()`"));
    let slot = format!("selfcheck/{}/{id}", exercise.lesson);
    let graded = grade_source(bank, exercise, source, &slot, SEEDS[0])?;
    findings.check(graded.status == Status::NotStarted && graded.points == 0.0, || {
        format!("{id}: the stub is {:?} with {} points", graded.status, graded.points)
    });
    for seed in SEEDS {
        let paper = Paper::draw(bank, exercise, seed)?;
        right(bank, &paper, findings)?;
        mistakes(bank, &paper, findings)?;
        paper.exam.questions.iter().for_each(|question| steady(id, question, findings));
    }
    Ok(())
}

/// What stands in a file of another tree must have the stub's signature.
fn departure(stub: &Interface, what: &str, source: &str, findings: &mut Findings) -> Result<()> {
    let own = Interface::parse(source).with_context(|| what.to_owned())?;
    let departure = stub.departure(&own);
    findings.check(departure.is_none(), || format!("{what}: {}", departure.unwrap_or_default()));
    Ok(())
}

/// Solution and alternatives get all points.
fn right(bank: Bank, paper: &Paper, findings: &mut Findings) -> Result<()> {
    let id = &paper.exercise.id;
    let (units, mut runner) = bank.right_programs(paper.exercise)?;
    for unit in units.iter().filter(|unit| ![CASES, F32].contains(&unit.name.as_str())) {
        let name = format!("{id}: {}", unit.name);
        departure(&paper.interface, &name, &unit.source, findings)?;
        let judged = paper.examine(&unit.name, &mut runner)?;
        findings.check(judged.is_right(), || {
            let wrong = judged.verdicts.iter().find_map(|verdict| verdict.fault.as_ref());
            format!("{name} is not right: {}", wrong.map(Fault::text).unwrap_or_default())
        });
    }
    Ok(())
}

/// Each is wrong, and recognised as itself.
fn mistakes(bank: Bank, paper: &Paper, findings: &mut Findings) -> Result<()> {
    let id = &paper.exercise.id;
    let (versions, runner) = bank.mistake_programs(paper.exercise)?;
    let count = versions.len();
    findings.mistakes = count;
    findings.check(count >= 4, || format!("{id}: {count} mistakes, but four are needed"));
    let Some(mut runner) = runner else { return Ok(()) };
    for WrongVersion { name, advice, source } in &versions {
        departure(&paper.interface, &format!("{id}: the mistake {name}"), source, findings)?;
        let judged = paper.examine(name, &mut runner)?;
        findings.check(!judged.is_right(), || format!("{id}: the mistake {name} passes"));
        let (said, known) = (paper.diagnosis(&judged)?, paper.mistakes()?);
        findings.check(!advice.is_empty(), || format!("{id}: the mistake {name} has no advice"));
        findings.check(said.as_deref() == Some(advice), || {
            let twins: Vec<_> = known
                .iter()
                .filter(|other| other.name != *name && other.answers == judged.answers)
                .map(|other| other.name.as_str())
                .collect();
            match twins.is_empty() {
                true => format!("{id}: the mistake {name} is taken for: {said:?}"),
                false => format!("{id}: no case tells {name} from {}", twins.join(", ")),
            }
        });
    }
    Ok(())
}

/// The answer by hand is the solution's, and no other right program decides otherwise.
fn steady(id: &str, question: &Question, findings: &mut Findings) {
    let (case, expected) = (&question.case, &question.expected);
    if let Some(by_hand) = &case.expected {
        // By hand means a few decimals.
        let found = compare::difference(&rounded(by_hand), &[], &rounded(expected));
        findings.check(found.is_none(), || {
            let text = found.map(|found| found.text).unwrap_or_default();
            format!("{id}: {:?} by hand and by the solution differ: {text}", case.name)
        });
    }
    let is_steady = question.variants.iter().all(|variant| same_decisions(expected, variant));
    findings.check(is_steady, || {
        format!("{id}: {:?} sits on an edge: f32 or an alternative decides otherwise", case.name)
    });
}

/// Four decimals, for what was worked out by hand.
fn rounded(value: &Value) -> Value {
    match value {
        Value::Floats { shape, data } => {
            let data = data.iter().map(|x| (x * 1e4).round() / 1e4 + 0.0).collect();
            Value::Floats { shape: shape.clone(), data }
        }
        Value::List(items) => Value::List(items.iter().map(rounded).collect()),
        Value::Tuple(items) => Value::Tuple(items.iter().map(rounded).collect()),
        Value::Record(fields) => Value::Record(
            fields.iter().map(|(name, value)| (name.clone(), rounded(value))).collect(),
        ),
        Value::Maybe(Some(value)) => Value::Maybe(Some(Box::new(rounded(value)))),
        value => value.clone(),
    }
}

/// Whether all that is not a float is the same, and every float about the same.
fn same_decisions(a: &Value, b: &Value) -> bool {
    let (a, b) = (leaves(a), leaves(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| match (a.value, b.value) {
            (Value::Floats { shape: s, data: x }, Value::Floats { shape: t, data: y }) => {
                let largest =
                    x.iter().filter(|x| x.is_finite()).fold(0.0_f64, |m, x| m.max(x.abs()));
                let close = |(x, y): (&f64, &f64)| {
                    x == y
                        || (x - y).abs() <= 1e-3 * largest.max(1e-6)
                        || (x.is_nan() && y.is_nan())
                };
                s == t && x.iter().zip(y).all(close)
            }
            (a, b) => a == b,
        })
}

/// What the course's files derive from one another: `stubs/` is a copy of `src/`, `src/lib.rs` lists
/// the catalogue. Returns what is out of date; with `write`, after writing it.
///
/// # Errors
/// Files that cannot be read or written.
pub fn derived(course: &Course, write: bool) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    let mut lessons: Vec<&str> = Vec::new();
    let mut modules = String::from(
        "//! The exercises, one module a lesson. Written by `cargo xtask selfcheck --write`.\n",
    );
    for exercise in &course.exercises {
        if !lessons.contains(&exercise.lesson.as_str()) {
            lessons.push(&exercise.lesson);
        }
    }
    lessons.sort_unstable();
    for lesson in lessons {
        _ = writeln!(modules, "\npub mod {lesson} {{");
        let of_lesson = course.exercises.iter().filter(|exercise| exercise.lesson == lesson);
        let mut ids: Vec<&str> = of_lesson.map(|exercise| exercise.id.as_str()).collect();
        ids.sort_unstable(); // as rustfmt would
        ids.iter().for_each(|id| _ = writeln!(modules, "    pub mod {id};"));
        modules += "}\n";
    }
    let lib = course.root.join("src/lib.rs");
    if read(&lib).ok().as_deref() != Some(modules.as_str()) {
        stale.push("src/lib.rs".into());
        if write {
            fs::write(&lib, &modules)?;
        }
    }
    for exercise in &course.exercises {
        let (own, stub) = (course.file("src", exercise), course.file("stubs", exercise));
        let Ok(source) = read(&own) else { continue };
        if is_stub(&source, read(&stub).ok().as_deref())
            && read(&stub).ok().as_deref() != Some(source.as_str())
        {
            stale.push(format!("stubs/{}/{}.rs", exercise.lesson, exercise.id));
            if write {
                fs::create_dir_all(stub.parent().context("it lies in a folder")?)?;
                fs::write(&stub, source)?;
            }
        }
    }
    Ok(stale)
}

/// Whether an author wrote this, not a learner: every task of the stub is still to be done.
fn is_stub(source: &str, stub: Option<&str>) -> bool {
    let Ok(own) = Interface::parse(source) else { return false };
    let old = stub.and_then(|stub| Interface::parse(stub).ok()).unwrap_or_default();
    let is_open = |name: &str| own.function(name).is_none_or(|function| function.is_todo);
    own.tasks().next().is_some() && old.tasks().all(|task| is_open(&task.name))
}
