//! What went wrong: the known mistake that gives the same wrong answers, else a pattern in the
//! numbers (see `blocks`).

use std::collections::BTreeMap;

use kit::Value;

use crate::blocks;
use crate::catalogue::Exercise;
use crate::child::Outcome;
use crate::compare;
use crate::exam::{Exam, Mistake, Question};
use crate::grade::{Fault, Judged, paired};
use crate::interface::Interface;

/// A part of a function's answers, over all questions.
type Part = (String, String);

/// What to tell the learner; none where nothing but the first difference can be said.
pub fn diagnose(
    exercise: &Exercise,
    stub: &Interface,
    exam: &Exam,
    judged: &Judged,
    mistakes: &[Mistake],
) -> Option<String> {
    let mut wrong: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
    let mut parts: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
    for verdict in &judged.verdicts {
        let function = exam.questions[verdict.question].case.function.clone();
        let part = (function, verdict.part.clone());
        parts.entry(part.clone()).or_default().push(verdict.question);
        // Crashes say for themselves what they are.
        if matches!(verdict.fault, Some(Fault::Wrong(_))) {
            wrong.entry(part).or_default().push(verdict.question);
        }
    }
    let unsteady = judged.verdicts.iter().any(|v| matches!(v.fault, Some(Fault::Unsteady(_))));
    if unsteady && wrong.is_empty() {
        return Some("Something is kept from one call to the next.".into());
    }
    let matches = |mistake: &Mistake, part: &Part| {
        let questions = &parts[part];
        questions.iter().all(|&q| {
            is_same(exercise, &exam.questions[q], &part.1, &judged.answers[q], &mistake.answers[q])
        })
    };
    // One mistake explains everything.
    let whole: Vec<_> =
        mistakes.iter().filter(|mistake| parts.keys().all(|part| matches(mistake, part))).collect();
    if let [mistake] = whole.as_slice() {
        return Some(mistake.advice.clone());
    }
    // Several, each in its own part; where none fits, the numbers themselves.
    let mut said: Vec<String> = Vec::new();
    for (part, questions) in &wrong {
        let fitting: Vec<_> = mistakes.iter().filter(|mistake| matches(mistake, part)).collect();
        let sentence = match fitting.as_slice() {
            [mistake] => Some(mistake.advice.clone()),
            _ => blocks::pattern(exercise, stub, exam, judged, &part.1, questions),
        };
        if let Some(sentence) = sentence {
            let sentence = match part.1.as_str() {
                "" => sentence,
                name => format!("{name}: {sentence}"),
            };
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
    }
    said.truncate(3);
    (!said.is_empty()).then(|| said.join("\n"))
}

/// Whether two outcomes agree in a part of the answer.
fn is_same(exercise: &Exercise, question: &Question, part: &str, a: &Outcome, b: &Outcome) -> bool {
    match (a, b) {
        (Outcome::Value(a), Outcome::Value(b)) => {
            let (Some(a), Some(b)) =
                (named(exercise, question, part, a), named(exercise, question, part, b))
            else {
                return false;
            };
            // What is not finite is wrong for the learner, yet the same as the mistake's.
            compare::difference(&b, &[], &a).is_none() || same_bits(&a, &b)
        }
        (Outcome::Panic(_), Outcome::Panic(_)) => true,
        _ => false,
    }
}

fn same_bits(a: &Value, b: &Value) -> bool {
    let text = |value: &Value| format!("{value:?}");
    text(a) == text(b)
}

fn named(exercise: &Exercise, question: &Question, part: &str, value: &Value) -> Option<Value> {
    let parts = paired(&exercise.parts, &question.expected, value);
    parts.into_iter().find(|(name, ..)| name == part).map(|(_, _, value)| value.clone())
}
