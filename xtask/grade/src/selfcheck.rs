//! Does the grader tell right from wrong? Every stub, solution, alternative and known mistake is
//! graded as if a learner had handed it in.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, ensure};
use kit::Value;

use crate::catalogue::{Course, Exercise, read};
use crate::child::Runner;
use crate::compare::{self, leaves};
use crate::compile::Built;
use crate::exam::{Bank, advice};
use crate::glue::Unit;
use crate::grade::{examine, grade_source};
use crate::interface::Interface;
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
    let course = bank.course;
    let id = &exercise.id;
    let (stub_source, stub) = bank.stub(exercise)?;
    let slot = |kind: &str| format!("selfcheck/{kind}/{}/{id}", exercise.lesson);

    findings.check(stub.tasks().next().is_some(), || format!("{id}: the stub has no `todo!()`"));
    let graded = grade_source(bank, exercise, stub_source, &slot("stub"), SEEDS[0])?;
    findings.check(graded.status == Status::NotStarted && graded.points == 0.0, || {
        format!("{id}: the stub is {:?} with {} points", graded.status, graded.points)
    });

    let solution = read(&course.file("solutions", exercise))?;
    let own = Interface::parse(&solution)?;
    findings.check(stub.departure(&own).is_none(), || {
        format!(
            "{id}: the solution departs from the stub: {}",
            stub.departure(&own).unwrap_or_default()
        )
    });
    let mut right = vec![("solution".to_owned(), solution)];
    right.extend(
        course
            .variants("alternatives", exercise)?
            .into_iter()
            .map(|(name, source)| (format!("alternative {name}"), source)),
    );
    for (name, source) in right {
        for seed in SEEDS {
            let graded =
                grade_source(bank, exercise, source.clone(), &slot(&name.replace(' ', "/")), seed)?;
            findings.check(
                graded.status == Status::Passed && graded.points == exercise.points,
                || {
                    format!(
                        "{id}: {name} is {:?}: {}",
                        graded.status,
                        graded.message.unwrap_or_default()
                    )
                },
            );
        }
    }

    for seed in SEEDS {
        let exam = bank.exam(exercise, seed)?;
        for question in &exam.questions {
            let (case, expected) = (&question.case, &question.expected);
            if let Some(by_hand) = &case.expected {
                // By hand means a few decimals.
                let found = compare::difference(&rounded(by_hand), &[], &rounded(expected));
                findings.check(found.is_none(), || {
                    let text = found.map(|found| found.text).unwrap_or_default();
                    format!("{id}: {:?} by hand and by the solution differ: {text}", case.name)
                });
            }
            let steady = question.variants.iter().all(|variant| same_decisions(expected, variant));
            findings.check(steady, || {
                format!(
                    "{id}: {:?} sits on an edge: f32 or an alternative decides otherwise",
                    case.name
                )
            });
        }
    }
    mistakes(bank, exercise, &stub, findings)
}

/// Each is wrong, and recognised as itself.
fn mistakes(
    bank: Bank,
    exercise: &Exercise,
    stub: &Interface,
    findings: &mut Findings,
) -> Result<()> {
    let id = &exercise.id;
    let files = bank.course.variants("mistakes", exercise)?;
    findings.mistakes += files.len();
    findings
        .check(files.len() >= 4, || format!("{id}: {} mistakes, but four are needed", files.len()));
    let unit = |(name, source): &(String, String)| -> Result<Unit> {
        let path = format!("mistakes/{}/{id}/{name}.rs", exercise.lesson);
        let own = Interface::parse(source).with_context(|| path.clone())?;
        ensure!(
            stub.departure(&own).is_none(),
            "{path}: {}",
            stub.departure(&own).unwrap_or_default()
        );
        Ok(Unit::new(name, path, source.clone(), own))
    };
    let units: Vec<Unit> = files.iter().map(unit).collect::<Result<_>>()?;
    if units.is_empty() {
        return Ok(());
    }
    let built = bank.workshop.build(&format!("mistakes/{}/{id}", exercise.lesson), &units)?;
    let Built::Ready(program) = built else {
        let Built::Broken(errors) = built else { unreachable!() };
        let rendered: Vec<_> = errors.into_iter().map(|error| error.rendered).collect();
        findings
            .check(false, || format!("{id}: a mistake does not compile\n{}", rendered.join("\n")));
        return Ok(());
    };
    let mut runner = Runner::new(&program);
    for seed in SEEDS {
        let exam = bank.exam(exercise, seed)?;
        let known = bank.mistakes(exercise, &exam)?;
        for (name, source) in &files {
            let judged = examine(exercise, &exam, name, &mut runner, seed)?;
            findings.check(!judged.is_right(), || format!("{id}: the mistake {name} passes"));
            let said = crate::diagnose::diagnose(exercise, stub, &exam, &judged, &known);
            let advice = advice(source);
            findings
                .check(!advice.is_empty(), || format!("{id}: {name} begins without `//! advice`"));
            findings.check(said.as_deref() == Some(&advice), || {
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
    }
    Ok(())
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
    for lesson in lessons {
        _ = writeln!(modules, "\npub mod {lesson} {{");
        for exercise in course.exercises.iter().filter(|exercise| exercise.lesson == lesson) {
            _ = writeln!(modules, "    pub mod {};", exercise.id);
        }
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
        // A learner's own work is no stub.
        let is_stub =
            Interface::parse(&source).is_ok_and(|interface| interface.tasks().next().is_some());
        if is_stub && read(&stub).ok().as_deref() != Some(source.as_str()) {
            stale.push(format!("stubs/{}/{}.rs", exercise.lesson, exercise.id));
            if write {
                fs::create_dir_all(stub.parent().context("it lies in a folder")?)?;
                fs::write(&stub, source)?;
            }
        }
    }
    Ok(stale)
}
