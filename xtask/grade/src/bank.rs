//! Where exams come from: drawn by the course's own programs, or recorded.
//!
//! All of it comes from children: the cases are drawn in one, the reference, its f32 twin, the
//! alternatives and the mistakes answer in others. The parent only keeps the answers.

use std::path::Path;

use anyhow::{Context, Result, bail};
use kit::Wire;
use kit::cases::Case;

use crate::catalogue::{Course, Exercise, read};
use crate::child::{Outcome, Runner};
use crate::compile::{Built, Workshop};
use crate::exam::{Exam, Mistake, Question};
use crate::glue::{CASES, Unit};
use crate::interface::Interface;
use crate::mistakes::{WrongVersion, wrong_versions};
use crate::recorded;

/// How often the cases are drawn. A wrong answer that happens to be right, or to look like another
/// mistake, does so in one drawing, not in three.
pub const ROUNDS: u64 = 3;

/// The name of the reference's twin in f32.
pub const F32: &str = "f32";

/// The course's files, and the workshop that builds programs of them.
#[derive(Debug, Clone, Copy)]
pub struct Bank<'c> {
    /// The exercises.
    pub course: &'c Course,
    /// Builds programs.
    pub workshop: &'c Workshop,
}

/// The seed of one drawing for one exercise.
fn drawing_seed(seed: u64, id: &str, round: u64) -> u64 {
    // FNV-1a: any mixing does, it only has to be the same everywhere.
    let bytes = seed.to_le_bytes().into_iter().chain(round.to_le_bytes()).chain(id.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The same program in f32.
fn in_f32(source: &str) -> String {
    source.replace("f64", "f32")
}

/// One of the course's own files, whose functions are called `name/...`.
fn unit(name: &str, path: String, source: String) -> Result<Unit> {
    let interface = Interface::parse(&source).with_context(|| format!("exercises/{path}"))?;
    Ok(Unit::new(name, path, source, interface))
}

impl Bank<'_> {
    /// The stub as the course gives it out.
    pub fn stub(&self, exercise: &Exercise) -> Result<(String, Interface)> {
        let path = self.course.file("stubs", exercise);
        let source = read(&path)?;
        let interface = Interface::parse(&source).with_context(|| path.display().to_string())?;
        Ok((source, interface))
    }

    /// Builds a program of the course's own files: an error there is the course's.
    fn build(&self, slot: &str, exercise: &Exercise, units: &[Unit]) -> Result<Runner> {
        let slot = Path::new(slot).join(&exercise.lesson).join(&exercise.id);
        match self.workshop.build(&slot.to_string_lossy(), units)? {
            Built::Ready(program) => {
                let mut runner = Runner::new(&program);
                runner.patience *= 5; // ours may be slow on a busy machine
                Ok(runner)
            }
            Built::Broken(errors) => {
                let rendered: Vec<_> = errors.into_iter().map(|error| error.rendered).collect();
                bail!("{}: the course's own file is broken:\n{}", exercise.id, rendered.join("\n"))
            }
        }
    }

    fn reference_units(&self, exercise: &Exercise) -> Result<Vec<Unit>> {
        let Exercise { lesson, id, .. } = exercise;
        let path = |tree: &str| format!("{tree}/{lesson}/{id}.rs");
        let cases = read(&self.course.file("cases", exercise))?;
        let solution = read(&self.course.file("solutions", exercise))?;
        let mut units = vec![
            Unit::new(CASES, path("cases"), cases, Interface::default()),
            unit("solution", path("solutions"), solution.clone())?,
        ];
        if !exercise.f64_only {
            units.push(unit(F32, path("f32"), in_f32(&solution))?);
        }
        for (name, source) in self.course.alternatives(exercise)? {
            let path = format!("alternatives/{lesson}/{id}/{name}.rs");
            units.push(unit(&format!("alternatives/{name}"), path, source)?);
        }
        Ok(units)
    }

    /// The files that draw and answer an exam (cases, solution, its f32 twin, alternatives), and the
    /// program made of them.
    pub fn right_programs(&self, exercise: &Exercise) -> Result<(Vec<Unit>, Runner)> {
        let units = self.reference_units(exercise)?;
        let runner = self.build("reference", exercise, &units)?;
        Ok((units, runner))
    }

    /// Builds what an exam needs, so that it is there when somebody saves a file.
    pub fn prepare(&self, exercise: &Exercise) -> Result<()> {
        if recorded::read(self.course, exercise)?.is_some() {
            return Ok(());
        }
        self.right_programs(exercise)?;
        self.mistake_programs(exercise).map(|_| ())
    }

    /// Draws the questions and has them answered.
    pub fn exam(&self, exercise: &Exercise, seed: u64) -> Result<Exam> {
        if let Some(recorded) = recorded::read(self.course, exercise)? {
            return Ok(recorded.exam(seed).clone());
        }
        let id = &exercise.id;
        let (units, mut runner) = self.right_programs(exercise)?;
        let variants = || units.iter().map(|unit| unit.name.as_str()).skip(2);
        let mut questions: Vec<Question> = Vec::new();
        for round in 0..ROUNDS {
            let cases = runner.call(CASES, &[drawing_seed(seed, id, round).encode()])?;
            let cases = match cases {
                Outcome::Value(value) => Vec::<Case>::decode(value),
                outcome => Err(format!("{outcome:?}")),
            };
            for case in cases.map_err(|error| anyhow::anyhow!("{id}: no cases: {error}"))? {
                if questions.iter().any(|question| question.case == case) {
                    continue;
                }
                let mut answer = |name: &str| {
                    let function = format!("{name}/{}", case.function);
                    match runner.call(&function, &case.arguments)? {
                        Outcome::Value(value) => Ok(value),
                        outcome => bail!("{id}: {function} in {:?}: {outcome:?}", case.name),
                    }
                };
                let expected = answer("solution")?;
                let variants = variants().map(&mut answer).collect::<Result<_>>()?;
                questions.push(Question { case, expected, variants });
            }
        }
        if questions.is_empty() {
            bail!("{id}: there are no cases");
        }
        Ok(Exam { questions })
    }

    /// The known mistakes, and the program that has them all.
    pub fn mistake_programs(
        &self,
        exercise: &Exercise,
    ) -> Result<(Vec<WrongVersion>, Option<Runner>)> {
        let versions = wrong_versions(self.course, exercise)?;
        // What the compiler says of one begins with its path, which leads to the right file.
        let units = versions.iter().map(|WrongVersion { name, source, .. }| {
            let path = format!("mistakes/{}/{}.toml/{name}.rs", exercise.lesson, exercise.id);
            unit(name, path, source.clone())
        });
        let units = units.collect::<Result<Vec<_>>>()?;
        let runner = match units.is_empty() {
            true => None,
            false => Some(self.build("mistakes", exercise, &units)?),
        };
        Ok((versions, runner))
    }

    /// What each known mistake answers to the exam.
    pub fn mistakes(&self, exercise: &Exercise, exam: &Exam) -> Result<Vec<Mistake>> {
        if let Some(recorded) = recorded::read(self.course, exercise)? {
            return Ok(recorded.mistakes(exam).to_vec());
        }
        let (versions, Some(mut runner)) = self.mistake_programs(exercise)? else {
            return Ok(Vec::new());
        };
        let mut mistakes = Vec::new();
        for WrongVersion { name, advice, .. } in versions {
            let mut answers = Vec::new();
            for Question { case, .. } in &exam.questions {
                answers.push(runner.call(&format!("{name}/{}", case.function), &case.arguments)?);
            }
            mistakes.push(Mistake { name, advice, answers });
        }
        Ok(mistakes)
    }
}
