//! An answer against what was expected: every part of it is right, or has a fault.

use std::collections::HashMap;

use anyhow::Result;
use kit::Value;
use kit::cases::Draw;

use crate::catalogue::Exercise;
use crate::child::{Outcome, Runner};
use crate::compare::{self, Difference};
use crate::exam::{Exam, Question};
use crate::report::{Status, Visibility, escaped};

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
    fn statuses(&self) -> impl Iterator<Item = Status> {
        self.verdicts.iter().filter_map(|verdict| verdict.fault.as_ref().map(Fault::status))
    }

    /// Whether all is right.
    pub fn is_right(&self) -> bool {
        self.statuses().next().is_none()
    }

    /// Whether all answers came in time.
    pub fn is_in_time(&self) -> bool {
        self.statuses().all(|status| status != Status::TimedOut)
    }

    /// Crashed (or timed out) only where nothing else went wrong.
    pub fn status(&self) -> Status {
        let Some(first) = self.statuses().next() else { return Status::Passed };
        if self.statuses().all(|other| other == first) { first } else { Status::Failed }
    }
}

/// The fault of a call without a value.
fn nothing(outcome: &Outcome) -> Option<Fault> {
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

/// One verdict for each part of what was expected.
fn judge(names: &[String], question: &Question, index: usize, outcome: &Outcome) -> Vec<Verdict> {
    let judged = |(part, expected): (String, &Value)| {
        let of = |value| compare::part(value, names, &part);
        let fault = match outcome.value() {
            None => nothing(outcome),
            Some(got) => {
                let variants: Vec<&Value> = question.variants.iter().filter_map(of).collect();
                // What has no such part is held against it as a whole, and is wrong.
                let got = of(got).unwrap_or(got);
                compare::difference(expected, &variants, got).map(Fault::Wrong)
            }
        };
        Verdict { question: index, part, fault }
    };
    compare::parts(&question.expected, names).into_iter().map(judged).collect()
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
        verdicts.extend(judge(&exercise.parts, question, index, &outcome));
        answers.push(outcome);
    }
    let order = Draw::new(seed).shuffled((0..exam.questions.len()).collect::<Vec<_>>());
    for index in order {
        let question = &exam.questions[index];
        if answers[index].value().is_none() || runner.has_given_up(&function(question)) {
            continue; // once was enough
        }
        let again = ask(runner, question)?;
        for second in judge(&exercise.parts, question, index, &again) {
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

#[cfg(test)]
mod tests {
    use kit::cases::Case;
    use kit::{Wire, record};

    use super::*;

    #[test]
    fn an_answer_of_another_make_is_wrong_in_every_part() {
        let case = Case::new("a case", "f", Vec::new());
        let expected = record! { dx: 1.0, dh: 2.0 };
        let question = Question { case, variants: vec![expected.clone()], expected };
        let faults = |answer: Value| -> Vec<bool> {
            let verdicts = judge(&[], &question, 0, &Outcome::Value(answer));
            verdicts.iter().map(|verdict| verdict.fault.is_some()).collect()
        };
        assert_eq!(faults(question.expected.clone()), [false, false]);
        assert_eq!(faults(record! { dx: 1.0, dh: 1.0 }), [false, true]);
        for other in [true.encode(), record! {}, record! { a: 1.0, b: 2.0 }, record! { dx: 7.0 }] {
            assert_eq!(faults(other), [true, true]);
        }
    }
}
