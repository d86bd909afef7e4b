//! What went wrong, from the surest to the vaguest that can be said:
//!
//! ```text
//! mod       the known mistake that gives the same wrong answers
//! panics    what a panic's message means here
//! pattern   what all wrong answers have in common, from their
//! clues     ... list of whatever explains one of them:
//! values      wrong numbers in the right places
//! places      right numbers in the wrong places
//! grid        the arrays that both calculate with
//! ```

mod clues;
mod grid;
mod panics;
mod pattern;
mod places;
mod values;

use kit::Value;

use crate::catalogue::Exercise;
use crate::child::Outcome;
use crate::compare;
use crate::exam::{Exam, Mistake, Question};
use crate::grade::{Fault, Judged, paired};
use crate::interface::Interface;
use crate::screen::capital;

/// How many things are said at most.
const MOST: usize = 3;

/// All that a diagnosis rests on.
struct Evidence<'e> {
    exercise: &'e Exercise,
    stub: &'e Interface,
    exam: &'e Exam,
    judged: &'e Judged,
}

/// A part of a function's answers, over all questions.
struct Part<'e> {
    function: &'e str,
    name: &'e str,
    questions: Vec<usize>,
    /// Those of the questions that got another value than the right one.
    wrong: Vec<usize>,
}

/// What to tell the learner; none where nothing came back that could be looked at.
pub fn diagnose(
    exercise: &Exercise,
    stub: &Interface,
    exam: &Exam,
    judged: &Judged,
    mistakes: &[Mistake],
) -> Option<String> {
    let evidence = Evidence { exercise, stub, exam, judged };
    let parts = evidence.parts();
    let is_unsteady = judged.verdicts.iter().any(|v| matches!(v.fault, Some(Fault::Unsteady(_))));
    if is_unsteady && parts.iter().all(|part| part.wrong.is_empty()) {
        return Some("Something is kept from one call to the next.".into());
    }
    // One mistake explains everything.
    let explains_all = |mistake: &&Mistake| parts.iter().all(|part| evidence.fits(mistake, part));
    if let [mistake] = mistakes.iter().filter(explains_all).collect::<Vec<_>>().as_slice() {
        return Some(mistake.advice.clone());
    }
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    let mut say = |sentence: String, part| match said.iter_mut().find(|known| known.0 == sentence) {
        Some((_, parts)) => parts.push(part),
        None => said.push((sentence, vec![part])),
    };
    // Several, each in its own part; where none fits, the numbers themselves.
    for part in parts.iter().filter(|part| !part.wrong.is_empty()) {
        let fitting: Vec<_> = mistakes.iter().filter(|known| evidence.fits(known, part)).collect();
        let sentence = match fitting.as_slice() {
            [mistake] => Some(mistake.advice.clone()),
            _ => pattern::pattern(&evidence, part),
        };
        if let Some(sentence) = sentence {
            say(sentence, part.name);
        }
    }
    // What panicked is told before what came back wrong.
    said.splice(..0, panics::meaning(judged).map(|meaning| (meaning, vec![""])));
    if said.is_empty() {
        return pattern::by_part(&parts).or_else(|| pattern::first_wrong(&evidence));
    }
    said.truncate(MOST);
    let lines = said.into_iter().map(|(sentence, parts)| {
        // `train.1: ...` begins with a name.
        let is_named = sentence.split(' ').next().is_some_and(|word| word.ends_with(':'));
        let sentence = if is_named { sentence } else { capital(&sentence) };
        match parts.as_slice() {
            [""] => sentence,
            parts => format!("{}: {sentence}", parts.join(", ")),
        }
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

impl<'e> Evidence<'e> {
    /// In the order of the answers.
    fn parts(&self) -> Vec<Part<'e>> {
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
    fn fits(&self, mistake: &Mistake, part: &Part) -> bool {
        part.questions.iter().all(|&q| {
            let (own, known) = (&self.judged.answers[q], &mistake.answers[q]);
            self.is_same(&self.exam.questions[q], part.name, own, known)
        })
    }

    /// Whether two outcomes agree in a part of the answer.
    fn is_same(&self, question: &Question, part: &str, a: &Outcome, b: &Outcome) -> bool {
        match (a, b) {
            (Outcome::Value(a), Outcome::Value(b)) => {
                let (a, b) = (self.named(question, part, a), self.named(question, part, b));
                let (Some(a), Some(b)) = (a, b) else { return false };
                // What is not finite is wrong for the learner, yet the same as the mistake's.
                compare::difference(&b, &[], &a).is_none() || same_bits(&a, &b)
            }
            (Outcome::Panic(_), Outcome::Panic(_)) => true,
            _ => false,
        }
    }

    fn named(&self, question: &Question, part: &str, value: &Value) -> Option<Value> {
        let parts = paired(&self.exercise.parts, &question.expected, value);
        parts.into_iter().find(|(name, ..)| name == part).map(|(_, _, value)| value.clone())
    }
}

fn same_bits(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}
