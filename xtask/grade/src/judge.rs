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

    /// What an exercise with this fault alone is.
    pub fn status(&self) -> Status {
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

    /// Whether all answers came in time.
    pub fn is_in_time(&self) -> bool {
        let is_late = |fault: &Fault| matches!(fault, Fault::Nothing(Status::TimedOut, _));
        !self.verdicts.iter().any(|verdict| verdict.fault.as_ref().is_some_and(is_late))
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
        verdicts.extend(verdicts_of(exercise, question, index, &outcome));
        answers.push(outcome);
    }
    let order = Draw::new(seed).shuffled((0..exam.questions.len()).collect::<Vec<_>>());
    for index in order {
        let question = &exam.questions[index];
        if answers[index].value().is_none() || runner.has_given_up(&function(question)) {
            continue; // once was enough
        }
        let again = ask(runner, question)?;
        for second in verdicts_of(exercise, question, index, &again) {
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

fn verdicts_of(
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
