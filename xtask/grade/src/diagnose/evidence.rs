//! The answers of a learner, part by part, beside those that are known.

use kit::Value;

use crate::catalogue::Exercise;
use crate::child::Outcome;
use crate::compare;
use crate::exam::{Exam, Mistake};
use crate::interface::Interface;
use crate::judge::{Fault, Judged};

/// All that a diagnosis rests on.
pub struct Evidence<'e> {
    pub exercise: &'e Exercise,
    pub stub: &'e Interface,
    pub exam: &'e Exam,
    pub judged: &'e Judged,
}

/// A part of a function's answers, over all questions.
pub struct Part<'e> {
    pub function: &'e str,
    pub name: &'e str,
    pub questions: Vec<usize>,
    /// Those of the questions that got another value than the right one.
    pub wrong: Vec<usize>,
}

impl<'e> Evidence<'e> {
    /// In the order of the answers.
    pub fn parts(&self) -> Vec<Part<'e>> {
        let mut parts: Vec<Part> = Vec::new();
        for verdict in &self.judged.verdicts {
            let function = self.exam.questions[verdict.question].case.function.as_str();
            let name = verdict.part.as_str();
            let known = |part: &Part| part.function == function && part.name == name;
            let index = parts.iter().position(known).unwrap_or_else(|| {
                parts.push(Part { function, name, questions: Vec::new(), wrong: Vec::new() });
                parts.len() - 1
            });
            parts[index].questions.push(verdict.question);
            // Crashes say for themselves what they are.
            if matches!(verdict.fault, Some(Fault::Wrong(_))) {
                parts[index].wrong.push(verdict.question);
            }
        }
        parts
    }

    /// Whether a known mistake answers a part as the learner does, right or wrong.
    pub fn fits(&self, mistake: &Mistake, part: &Part) -> bool {
        part.questions.iter().all(|&q| {
            let (own, known) = (&self.judged.answers[q], &mistake.answers[q]);
            self.is_same(part.name, own, known)
        })
    }

    /// Whether two outcomes agree in a part of the answer.
    fn is_same(&self, part: &str, a: &Outcome, b: &Outcome) -> bool {
        match (a, b) {
            (Outcome::Value(a), Outcome::Value(b)) => {
                let of = |value| compare::part(value, &self.exercise.parts, part);
                let (Some(a), Some(b)) = (of(a), of(b)) else { return false };
                // What is not finite is wrong for the learner, yet the same as the mistake's.
                compare::difference(b, &[], a).is_none() || same_bits(a, b)
            }
            (Outcome::Panic(_), Outcome::Panic(_)) => true,
            _ => false,
        }
    }
}

fn same_bits(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}
