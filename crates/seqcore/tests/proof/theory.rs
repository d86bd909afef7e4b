//! The chapters against the code: the worked examples of chapters 1 to 3, what all chapters show of
//! their examples, and the equations' tags.

use std::collections::BTreeSet;

use ndarray::{Array1, Array2, Array3, arr2};
use seqcore::cells::unroll::Reference;
use seqcore::cells::{Cell, CellParams};
use seqcore::fused::Fused;
use seqcore::loss::cross_entropy;
use seqcore::nn::{LayerState, Linear, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::sequence::{Engine, Input, InputGradient};
use serde_json::Value;

use crate::sources::{root, sources};

pub fn example(chapter: usize) -> Value {
    let path = root().join(format!("theory/examples/0{chapter}_worked_example.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// All numbers of a nested list, in order.
pub fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

pub fn matrix(value: &Value) -> Array2<f64> {
    let rows = value.as_array().unwrap().len();
    let numbers = flat(value);
    Array2::from_shape_vec((rows, numbers.len() / rows), numbers).unwrap()
}

pub fn vector(value: &Value) -> Array1<f64> {
    Array1::from(flat(value))
}

/// The examples are printed with twelve decimals.
pub fn same<'a>(what: &str, got: impl IntoIterator<Item = &'a f64>, expected: &Value) {
    let (got, expected): (Vec<_>, _) = (got.into_iter().collect(), flat(expected));
    assert_eq!(got.len(), expected.len(), "{what}");
    for (got, expected) in got.into_iter().zip(expected) {
        assert!((got - expected).abs() < 1e-10, "{what}: {got} against {expected}");
    }
}

fn params(value: &Value) -> CellParams<f64> {
    CellParams {
        weight_ih: matrix(&value["weight_ih"]),
        weight_hh: matrix(&value["weight_hh"]),
        bias_ih: Some(vector(&value["bias_ih"])),
        bias_hh: Some(vector(&value["bias_hh"])),
    }
}

/// Runs an example's network forwards, asks `top` for the gradient of its states (T, 1, H), and compares
/// states, dx and the weights' gradients with the chapter.
fn run<E: Engine<f64>>(cell: Cell, example: &Value, top: impl Fn(&Array3<f64>) -> Array3<f64>) {
    let cell_params = params(&example["params"]);
    let config = RecurrentConfig::new(cell, cell_params.input(), cell_params.hidden());
    let layer = Recurrent { config, cells: vec![cell_params] };
    let numbers = flat(&example["x"]);
    let x = Array3::from_shape_vec((3, 1, numbers.len() / 3), numbers).unwrap();
    let mut tape = RecurrentTape::<f64, E>::default();
    let start = LayerState::zeros(&config, 1);
    layer.forward(Input::Dense(x.view()), None, &start, None, &mut tape);
    let h = tape.output().to_owned();
    same("h", &h, &example["forward"]["h"]);
    let (mut grads, mut dx) = (Recurrent::zeros(config), Array3::zeros(x.dim()));
    let (d_states, d_input) = (top(&h), InputGradient::Dense(dx.view_mut()));
    layer.backward(Input::Dense(x.view()), &mut tape, d_states.view(), None, &mut grads, d_input);
    same("dx", &dx, &example["backward"]["dx"]);
    let expected = &example["gradients"];
    same("weight_ih", &grads.cells[0].weight_ih, &expected["weight_ih"]);
    same("weight_hh", &grads.cells[0].weight_hh, &expected["weight_hh"]);
    same("bias_ih", grads.cells[0].bias_ih.as_ref().unwrap(), &expected["bias_ih"]);
    same("bias_hh", grads.cells[0].bias_hh.as_ref().unwrap(), &expected["bias_hh"]);
}

#[test]
fn the_example_of_chapter_1() {
    let example = example(1);
    let output = Linear {
        weight: matrix(&example["params"]["weight_hy"]),
        bias: Some(vector(&example["params"]["bias_y"])),
    };
    let targets: Vec<usize> = flat(&example["targets"]).into_iter().map(|t| t as usize).collect();
    let top = |h: &Array3<f64>| {
        let rows = h.to_shape((3, 2)).unwrap().to_owned();
        let logits = output.forward(&rows);
        same("y", &logits, &example["forward"]["y"]);
        let loss = cross_entropy(logits, &targets, 3);
        same("loss", &[loss.mean()], &example["forward"]["loss"]);
        same("dy", &loss.gradient, &example["backward"]["dy"]);
        let mut gradient = output.zeros_like();
        let dh = output.backward(&rows, &loss.gradient, &mut gradient);
        same("weight_hy", &gradient.weight, &example["gradients"]["weight_hy"]);
        dh.into_shape_with_order((3, 1, 2)).unwrap()
    };
    run::<Reference>(Cell::RnnTanh, &example, top);
    run::<Fused>(Cell::RnnTanh, &example, top);
}

/// The examples of chapters 2 and 3: one unit, and half the squared error of the last state.
fn one_unit(cell: Cell, example: &Value) {
    let target = example["target"].as_f64().unwrap();
    let top = |h: &Array3<f64>| {
        let error = h[[2, 0, 0]] - target;
        same("loss", &[error * error / 2.0], &example["loss"]);
        let d = arr2(&[[0.0], [0.0], [error]]);
        d.into_shape_with_order((3, 1, 1)).unwrap()
    };
    run::<Reference>(cell, example, top);
    run::<Fused>(cell, example, top);
}

#[test]
fn the_example_of_chapter_2() {
    one_unit(Cell::Lstm, &example(2));
}

#[test]
fn the_example_of_chapter_3() {
    one_unit(Cell::Gru, &example(3));
}

/// The chapters with equations, in order.
const CHAPTERS: [&str; 6] = [
    "01_rnn_fundamentals",
    "02_lstm_architecture",
    "03_gru_architecture",
    "04_sequence_to_sequence",
    "05_forecasting",
    "06_text_classification",
];

fn chapter(file: &str) -> String {
    std::fs::read_to_string(root().join(format!("theory/{file}.md"))).unwrap()
}

/// What a file computed is in a part of its own; what it was computed from is not asked for.
fn shown_parts(example: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let given = ["chapter", "note", "given", "params", "x", "h0", "c0", "truncated_k1", "jacobian"];
    example.as_object().unwrap().iter().filter(move |(name, _)| !given.contains(&name.as_str()))
}

/// All numbers below `value`, whatever it is made of.
fn numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|v| numbers(v, found)),
        Value::Array(list) => list.iter().for_each(|v| numbers(v, found)),
        number => found.push(number.as_f64().unwrap()),
    }
}

/// What is shown to four decimals in a chapter is what the example's file holds.
#[test]
fn the_chapters_show_the_examples_numbers() {
    for (chapter_number, file) in (1..).zip(CHAPTERS) {
        let text = chapter(file).replace('−', "-");
        let example = example(chapter_number);
        for (name, part) in shown_parts(&example) {
            let mut all = Vec::new();
            numbers(part, &mut all);
            assert!(!all.is_empty(), "{file}: nothing in {name}");
            for number in all.into_iter().map(f64::abs) {
                let shown = format!("{number:.4}");
                // 0.75 and whole numbers may be shown without the zeros behind them.
                let exact = (number * 1e4 - (number * 1e4).round()).abs() < 1e-7;
                let short = shown.trim_end_matches('0').trim_end_matches('.');
                assert!(
                    text.contains(&shown) || exact && text.contains(short),
                    "{file}, {name}: {shown}"
                );
            }
        }
    }
}

/// Where a chapter sets a line of code beside an equation, the file has that line, with its tag.
#[test]
fn the_chapters_quote_the_code() {
    let mut quoted = 0;
    for file in CHAPTERS {
        let text = chapter(file);
        for row in text.lines().filter(|line| line.starts_with("| [")) {
            let spans: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
            let [code, .., path] = spans[..] else { continue };
            if !path.ends_with(".rs") {
                continue;
            }
            let code = code.replace("\\|", "|"); // a bar inside a table
            let source = std::fs::read_to_string(root().join(path)).unwrap();
            let line = source.lines().find(|line| line.contains(&code));
            let line = line.unwrap_or_else(|| panic!("{file}: {path} has no line {code}"));
            let tag = format!("({})", row[3..].split(']').next().unwrap());
            assert!(line.contains(&tag), "{file}: the line {code} of {path} does not carry {tag}");
            quoted += 1;
        }
    }
    assert!(quoted > 20, "only {quoted} lines are quoted");
}

/// The tags such as (R2) in `text`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('(').filter_map(|rest| {
        let tag = rest.split_once(')')?.0;
        let number = tag.strip_prefix(['R', 'L', 'G', 'S', 'F', 'C'])?;
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(tag)
    })
}

/// Equations that are arguments and no computation: no line of code is one.
const ONLY_IN_CHAPTERS: [&str; 0] = [];

#[test]
fn equations_and_code_carry_the_same_tags() {
    let mut equations = BTreeSet::new();
    for file in CHAPTERS {
        let text = chapter(file);
        for anchor in text.split("<a id=\"").skip(1) {
            let tag = anchor.split('"').next().unwrap().to_owned();
            if tags(&format!("({tag})")).next().is_some() {
                assert!(
                    text.contains(&format!("\\tag{{{tag}}}")),
                    "{file}: {tag} has an anchor but no equation"
                );
                assert!(equations.insert(tag.clone()), "{tag} stands twice");
            }
        }
        for tagged in text.split("\\tag{").skip(1) {
            let tag = tagged.split('}').next().unwrap();
            assert!(equations.contains(tag), "{file}: {tag} has an equation but no anchor");
        }
    }
    let notation = chapter("00_notation");
    for tag in &equations {
        assert!(notation.contains(&format!("[{tag}](")), "00_notation.md does not list {tag}");
    }
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let mut used = BTreeSet::new();
    for path in &files {
        for tag in tags(&std::fs::read_to_string(path).unwrap()) {
            assert!(equations.contains(tag), "{}: ({tag}) is no equation", path.display());
            // A test that quotes an equation is not the code that computes it.
            if !path.components().any(|part| part.as_os_str() == "tests") {
                used.insert(tag.to_owned());
            }
        }
    }
    let excused = |tag: &&String| ONLY_IN_CHAPTERS.contains(&&***tag);
    let missing: Vec<_> = equations.difference(&used).filter(|tag| !excused(tag)).collect();
    assert!(missing.is_empty(), "no code carries {missing:?}");
}
