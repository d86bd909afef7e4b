//! Patterns in wrong answers, for mistakes that nobody foresaw: what explains every one of them is
//! said (see `clues`).

use kit::Value;

use super::clues::clues;
use super::evidence::{Evidence, Part};
use super::grid::Grid;
use super::look::Look;
use crate::catalogue::Exercise;
use crate::compare::{self, Leaf, leaves, parts};
use crate::exam::Question;
use crate::interface::Interface;
use crate::judge::Fault;

fn grid(value: &Value) -> Option<Grid> {
    match value {
        Value::Floats { shape, data } => Some(Grid { shape: shape.clone(), data: data.clone() }),
        Value::Ints { shape, data } => {
            let data = data.iter().map(|&n| n as f64).collect();
            Some(Grid { shape: shape.clone(), data })
        }
        Value::List(items) if items.is_empty() => Some(Grid { shape: vec![0], data: Vec::new() }),
        _ => None,
    }
}

/// Names and numbers of the arguments, structs taken apart: `tape.x`.
fn arguments(stub: &Interface, question: &Question) -> Vec<(String, Grid)> {
    let case = &question.case;
    let names = stub.function(&case.function).map(|function| function.arguments.as_slice());
    let mut found = Vec::new();
    for (argument, (name, _)) in case.arguments.iter().zip(names.unwrap_or_default()) {
        for Leaf { path, value } in leaves(argument) {
            let dot = if path.is_empty() || path.starts_with(['[', '.']) { "" } else { "." };
            found.extend(grid(value).map(|grid| (format!("{name}{dot}{path}"), grid)));
        }
    }
    found
}

/// What explains one wrong answer, the most specific first.
fn explain(
    exercise: &Exercise,
    stub: &Interface,
    question: &Question,
    part: &str,
    got: &Value,
) -> Vec<String> {
    let of = |value| compare::part(value, &exercise.parts, part);
    let (Some(expected), Some(got)) = (of(&question.expected), of(got)) else { return Vec::new() };
    let arguments = arguments(stub, question);
    let others: Vec<(String, Grid)> = parts(&question.expected, &exercise.parts)
        .into_iter()
        .filter(|(name, _)| name != part)
        .filter_map(|(name, value)| Some((name, grid(value)?)))
        .collect();
    let (right, own) = (leaves(expected), leaves(got));
    if right.len() != own.len() {
        return other_length(expected, got);
    }
    let mut found = Vec::new();
    for (expected, got) in right.iter().zip(&own) {
        let place = match expected.path.as_str() {
            "" => String::new(),
            // Which item of a list differs changes with the inputs.
            path if path.starts_with('[') => String::new(),
            path => format!("{}: ", path.trim_start_matches('.')),
        };
        let said = match (expected.value, got.value) {
            (Value::Text(expected), Value::Text(got)) => texts(expected, got),
            (Value::Bool(expected), Value::Bool(got)) if expected != got => {
                vec![format!("It says {got} where {expected} is right.")]
            }
            (Value::Maybe(None), _) => vec!["There should be None.".into()],
            (_, Value::Maybe(None)) => vec!["None comes back where there is an answer.".into()],
            (expected, got) => match (grid(expected), grid(got)) {
                (Some(expected), Some(got)) if !got.is(&expected) => clues(&Look {
                    expected: &expected,
                    got: &got,
                    arguments: &arguments,
                    others: &others,
                    gates: &exercise.gates,
                }),
                _ => continue,
            },
        };
        // The first leaf that is wrong.
        found.extend(said.into_iter().map(|text| format!("{place}{text}")));
        break;
    }
    found
}

fn other_length(expected: &Value, got: &Value) -> Vec<String> {
    let (Value::List(expected), Value::List(got)) = (expected, got) else { return Vec::new() };
    let (n, m) = (expected.len(), got.len());
    let begins = |long: &[Value], short: &[Value]| long[..short.len()] == *short;
    let ends = |long: &[Value], short: &[Value]| long[long.len() - short.len()..] == *short;
    let mut found = Vec::new();
    if m < n && begins(expected, got) {
        found.push(format!(
            "At the end of the list, {} missing; the others are right.",
            count(n - m)
        ));
    } else if m < n && ends(expected, got) {
        found.push(format!(
            "At the beginning of the list, {} missing; the others are right.",
            count(n - m)
        ));
    } else if m > n && begins(got, expected) {
        found.push(format!(
            "At the end of the list, {} too much; the others are right.",
            count(m - n)
        ));
    }
    found.push(format!("The list is too {}.", if m < n { "short" } else { "long" }));
    found
}

fn count(n: usize) -> String {
    if n == 1 { "one item is".into() } else { format!("{n} items are") }
}

fn texts(expected: &str, got: &str) -> Vec<String> {
    if expected == got {
        return Vec::new();
    }
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let mut found = Vec::new();
    if expected.to_lowercase() == got.to_lowercase() {
        found.push("Only capital and small letters differ.".into());
    }
    if bare(expected) == bare(got) {
        found.push("Only the spaces differ.".into());
    }
    if expected.chars().rev().eq(got.chars()) {
        found.push("The text runs backwards.".into());
    }
    if expected.starts_with(got) {
        found.push("The text ends too early.".into());
    }
    if got.starts_with(expected) {
        found.push("The text goes on too long.".into());
    }
    if expected.ends_with(got) {
        found.push("The text begins too late.".into());
    }
    found
}

/// What the wrong answers of a part have in common; else which cases are right.
pub fn pattern(evidence: &Evidence, part: &Part) -> Option<String> {
    let Evidence { exercise, stub, exam, judged } = *evidence;
    let answered = part.wrong.iter().filter_map(|&q| Some((q, judged.answers[q].value()?)));
    let several = |(q, _): &(usize, &Value)| is_several(exercise, &exam.questions[*q], part.name);
    let (arrays, single): (Vec<_>, Vec<_>) = answered.partition(several);
    // A single number fits almost anything: it has nothing to say where arrays speak.
    let witnesses = if arrays.is_empty() { single } else { arrays };
    let mut common: Option<Vec<String>> = None;
    for (index, got) in witnesses {
        let found = explain(exercise, stub, &exam.questions[index], part.name, got);
        common = Some(match common {
            None => found,
            Some(old) => old.into_iter().filter(|text| found.contains(text)).collect(),
        });
    }
    common?.into_iter().next().or_else(|| by_case(evidence, part))
}

fn is_several(exercise: &Exercise, question: &Question, part: &str) -> bool {
    let value = compare::part(&question.expected, &exercise.parts, part);
    let value = value.unwrap_or(&question.expected);
    leaves(value).iter().filter_map(|leaf| grid(leaf.value)).any(|grid| grid.data.len() > 1)
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// Where the part is right in some cases and wrong in others, that narrows it down.
fn by_case(evidence: &Evidence, part: &Part) -> Option<String> {
    let mut right: Vec<&str> = Vec::new();
    let mut not: Vec<&str> = Vec::new();
    for &q in &part.questions {
        let case = &evidence.exam.questions[q].case;
        let list = if part.wrong.contains(&q) { &mut not } else { &mut right };
        if case.visible && !list.contains(&case.name.as_str()) {
            list.push(&case.name);
        }
    }
    right.retain(|name| !not.contains(name));
    if right.is_empty() || not.is_empty() {
        return None;
    }
    Some(format!(
        "Right in {}, wrong in {}: what is different there?",
        quoted(&right),
        quoted(&not)
    ))
}

/// Which parts are right and which are not.
pub fn by_part(parts: &[Part]) -> Option<String> {
    let (right, wrong): (Vec<&Part>, Vec<&Part>) =
        parts.iter().filter(|part| !part.name.is_empty()).partition(|part| part.wrong.is_empty());
    if right.is_empty() || wrong.is_empty() {
        return None;
    }
    let names = |parts: &[&Part]| {
        let names: Vec<_> = parts.iter().map(|part| part.name).collect();
        names.join(", ")
    };
    let is = |parts: &[&Part]| if parts.len() == 1 { "is" } else { "are" };
    Some(format!(
        "Right {} {}; wrong {} {}. What the right ones are made of can be trusted: look at what \
         only the wrong ones use.",
        is(&right),
        names(&right),
        is(&wrong),
        names(&wrong),
    ))
}

/// Nothing fits: how to go on by oneself.
pub fn first_wrong(evidence: &Evidence) -> Option<String> {
    let wrong = |fault: &Option<Fault>| matches!(fault, Some(Fault::Wrong(_)));
    let first = evidence.judged.verdicts.iter().find(|verdict| {
        wrong(&verdict.fault) && evidence.exam.questions[verdict.question].case.visible
    })?;
    let case = &evidence.exam.questions[first.question].case.name;
    Some(format!(
        "No known mistake and no pattern fits. In the case {case:?}, work out the first wrong number by \
         hand, and let `dbg!(...)` show you yours line by line; what your code prints is shown here.",
    ))
}
