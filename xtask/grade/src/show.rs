//! The first failing case, small: inputs, expected, got, the first difference marked.

use kit::Value;

use crate::catalogue::Exercise;
use crate::child::Outcome;
use crate::compare::{brief, number, part};
use crate::exam::Exam;
use crate::interface::Interface;
use crate::judge::{Fault, Judged};

/// How many numbers of an array are shown.
const MOST: usize = 60;

/// A value over several lines, arrays as aligned rows; the marked element in `>...<`.
pub fn layout(value: &Value, mark: Option<&[usize]>) -> String {
    let (shape, cells): (&[usize], Vec<String>) = match value {
        Value::Floats { shape, data } if !shape.is_empty() => {
            (shape, data.iter().map(|&x| number(x)).collect())
        }
        Value::Ints { shape, data } if !shape.is_empty() => {
            (shape, data.iter().map(i64::to_string).collect())
        }
        Value::Record(fields) => {
            let lines =
                fields.iter().map(|(name, value)| format!("{name} = {}", layout(value, None)));
            return lines.collect::<Vec<_>>().join("\n");
        }
        value => return crate::report::escaped(&brief(value), 600),
    };
    if cells.len() > MOST || cells.is_empty() {
        return value.kind();
    }
    let flat = mark.map(|index| index.iter().zip(shape).fold(0, |k, (i, n)| k * n + i));
    let cells: Vec<String> = cells
        .into_iter()
        .enumerate()
        .map(|(k, text)| if Some(k) == flat { format!(">{text}<") } else { format!(" {text} ") })
        .collect();
    let width = cells.iter().map(String::len).max().unwrap_or(0);
    let columns = shape[shape.len() - 1].max(1);
    let mut text = String::new();
    for (row, chunk) in cells.chunks(columns).enumerate() {
        if row > 0 {
            text.push('\n');
            // An empty line between the matrices of a larger array.
            if shape.len() > 2 && row % shape[shape.len() - 2].max(1) == 0 {
                text.push('\n');
            }
        }
        let chunk: Vec<_> = chunk.iter().map(|cell| format!("{cell:>width$}")).collect();
        text += &chunk.join("");
    }
    text
}

fn indented(name: &str, text: &str) -> String {
    let pad = format!("\n{:1$}", "", 4 + name.chars().count() + 2);
    format!("    {name}: {}\n", text.replace('\n', &pad))
}

/// The first failing visible case.
pub fn first_failure(
    exercise: &Exercise,
    stub: &Interface,
    exam: &Exam,
    judged: &Judged,
) -> Option<String> {
    let verdict = judged
        .verdicts
        .iter()
        .find(|verdict| verdict.fault.is_some() && exam.questions[verdict.question].case.visible)?;
    let question = &exam.questions[verdict.question];
    let case = &question.case;
    let mut text = format!("  in the case \"{}\", {}(...) with\n", case.name, case.function);
    let names = stub.function(&case.function).map(|f| f.arguments.clone()).unwrap_or_default();
    for (index, argument) in case.arguments.iter().enumerate() {
        let name = names.get(index).map_or("argument", |(name, _)| name);
        text += &indented(name, &layout(argument, None));
    }
    let pick = |value| part(value, &exercise.parts, &verdict.part);
    let label = |what: &str| match verdict.part.as_str() {
        "" => what.to_owned(),
        name => format!("{what} {name}"),
    };
    let mark = match &verdict.fault {
        Some(Fault::Wrong(difference)) => difference.index.as_deref(),
        _ => None,
    };
    if let Some(expected) = pick(&question.expected) {
        text += &indented(&label("expected"), &layout(expected, None));
    }
    if let Outcome::Value(got) = &judged.answers[verdict.question]
        && let Some(got) = pick(got)
    {
        text += &indented(&label("     got"), &layout(got, mark));
    }
    if let Some(fault) = &verdict.fault {
        text += &format!("  {}\n", fault.text());
    }
    Some(text)
}
