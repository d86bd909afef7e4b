//! Exams of a copy of the course that has no solutions: questions with their right answers, and what
//! each known mistake answers, recorded where the solutions are.
//!
//! Only what a learner may see is in them: no hidden cases.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use kit::cases::Case;
use kit::{Value, Wire, codec};

use crate::catalogue::{Course, Exercise};
use crate::child::Outcome;
use crate::exam::{Exam, Mistake, Question};

/// The seeds whose exams are recorded; any other one stands for one of them.
pub const SEEDS: [u64; 2] = [1, 2];

/// An exam with the mistakes' answers.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The questions.
    pub exam: Exam,
    /// What the known mistakes answer.
    pub mistakes: Vec<Mistake>,
}

/// What was recorded of an exercise.
#[derive(Debug, Clone)]
pub struct Recorded(Vec<Drawing>);

fn path(course: &Course, exercise: &Exercise) -> PathBuf {
    course.file("recorded", exercise).with_extension("bin")
}

/// Whether this course is a copy without solutions.
pub fn is_handout(course: &Course) -> bool {
    course.root.join("recorded").is_dir() && !course.root.join("solutions").is_dir()
}

/// What was recorded; none where the exercise's solution is there.
///
/// # Errors
/// A damaged file.
pub fn read(course: &Course, exercise: &Exercise) -> Result<Option<Recorded>> {
    if course.file("solutions", exercise).exists() {
        return Ok(None);
    }
    let path = path(course, exercise);
    let Ok(bytes) = fs::read(&path) else { return Ok(None) };
    let written = codec::read(&mut bytes.as_slice()).and_then(Vec::<Written>::decode);
    let recorded = written.and_then(|written| written.into_iter().map(drawing).collect());
    let drawings: Vec<Drawing> =
        recorded.map_err(|error| anyhow!("{} is damaged: {error}", path.display()))?;
    match drawings.is_empty() {
        true => bail!("{} is empty", path.display()),
        false => Ok(Some(Recorded(drawings))),
    }
}

impl Recorded {
    /// The exam of a seed.
    pub fn exam(&self, seed: u64) -> &Exam {
        let place = SEEDS.iter().position(|&own| own == seed).unwrap_or(seed as usize);
        &self.0[place % self.0.len()].exam
    }

    /// What the mistakes answer to an exam of [`Self::exam`].
    pub fn mistakes(&self, exam: &Exam) -> &[Mistake] {
        // As text: a question may hold NaN, which equals nothing.
        let cases = |exam: &Exam| {
            format!(
                "{:?}",
                exam.questions.iter().map(|question| &question.case).collect::<Vec<_>>()
            )
        };
        let own = cases(exam);
        let found = self.0.iter().find(|drawing| cases(&drawing.exam) == own);
        found.map_or(&[], |drawing| &drawing.mistakes)
    }
}

/// Records an exercise's drawings, one for each of [`SEEDS`], into `to`, a course's folder of the same layout.
///
/// # Errors
/// A file that cannot be written.
pub fn write(to: &Course, exercise: &Exercise, drawings: &[Drawing]) -> Result<()> {
    let visible: Vec<Written> = drawings.iter().map(visible_part).collect();
    let mut bytes = Vec::new();
    codec::write(&visible.encode(), &mut bytes);
    let path = path(to, exercise);
    fs::create_dir_all(path.parent().context("it lies in a folder")?)?;
    fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// What is written of a drawing: case, right answer and variants of each question; name, advice and
/// outcomes of each mistake.
type Written = (Vec<(Case, Value, Vec<Value>)>, Vec<(String, String, Vec<(String, Value)>)>);

/// The questions that a learner may see, and what is answered to them.
fn visible_part(Drawing { exam, mistakes }: &Drawing) -> Written {
    let is_visible = |&k: &usize| exam.questions[k].case.visible;
    let kept: Vec<usize> = (0..exam.questions.len()).filter(is_visible).collect();
    let question = |&k: &usize| {
        let Question { case, expected, variants } = exam.questions[k].clone();
        (case, expected, variants)
    };
    let mistake = |Mistake { name, advice, answers }: &Mistake| {
        let answers = kept.iter().map(|&k| tagged(&answers[k])).collect();
        (name.clone(), advice.clone(), answers)
    };
    (kept.iter().map(question).collect(), mistakes.iter().map(mistake).collect())
}

fn drawing((questions, mistakes): Written) -> Result<Drawing, String> {
    let question = |(case, expected, variants)| Question { case, expected, variants };
    let questions: Vec<Question> = questions.into_iter().map(question).collect();
    let mistake = |(name, advice, answers): (_, _, Vec<_>)| {
        let answers = answers.into_iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
        match answers.len() == questions.len() {
            true => Ok(Mistake { name, advice, answers }),
            false => Err("a mistake has not answered everything".to_owned()),
        }
    };
    let mistakes = mistakes.into_iter().map(mistake).collect::<Result<_, _>>()?;
    Ok(Drawing { exam: Exam { questions }, mistakes })
}

fn tagged(outcome: &Outcome) -> (String, Value) {
    let (tag, value) = match outcome {
        Outcome::Value(value) => ("value", value.clone()),
        Outcome::Panic(text) => ("panic", text.encode()),
        Outcome::Misfit(text) => ("misfit", text.encode()),
        Outcome::TimedOut(patience) => ("timed out", (patience.as_millis() as u64).encode()),
        Outcome::Died(text) => ("died", text.encode()),
    };
    (tag.to_owned(), value)
}

fn outcome((tag, value): (String, Value)) -> Result<Outcome, String> {
    Ok(match tag.as_str() {
        "value" => Outcome::Value(value),
        "panic" => Outcome::Panic(String::decode(value)?),
        "misfit" => Outcome::Misfit(String::decode(value)?),
        "timed out" => Outcome::TimedOut(Duration::from_millis(u64::decode(value)?)),
        "died" => Outcome::Died(String::decode(value)?),
        tag => return Err(format!("there is no outcome {tag}")),
    })
}
