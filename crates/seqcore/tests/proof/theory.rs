//! The chapters against the code: the numbers of the worked examples, and the equations' tags.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, Array3, arr2};
use seqcore::cells::unroll::Unrolled;
use seqcore::cells::{Cell, CellParams};
use seqcore::fused::Fused;
use seqcore::loss::cross_entropy;
use seqcore::nn::{LayerState, Linear, Recurrent, RecurrentConfig, RecurrentTape};
use seqcore::sequence::{Engine, Input, InputGradient};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example(chapter: usize) -> Value {
    let path = root().join(format!("theory/examples/0{chapter}_worked_example.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// All numbers of a nested list, in order.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows = value.as_array().unwrap().len();
    let numbers = flat(value);
    Array2::from_shape_vec((rows, numbers.len() / rows), numbers).unwrap()
}

fn vector(value: &Value) -> Array1<f64> {
    Array1::from(flat(value))
}

/// The examples are printed with twelve decimals.
fn same<'a>(what: &str, got: impl IntoIterator<Item = &'a f64>, expected: &Value) {
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
    run::<Unrolled>(Cell::RnnTanh, &example, top);
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
    run::<Unrolled>(cell, example, top);
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

/// What is shown to four decimals in a chapter is what the example's file holds.
#[test]
fn the_chapters_show_the_examples_numbers() {
    for (chapter, file) in
        [(1, "01_rnn_fundamentals"), (2, "02_lstm_architecture"), (3, "03_gru_architecture")]
    {
        let text = std::fs::read_to_string(root().join(format!("theory/{file}.md"))).unwrap();
        let text = text.replace('−', "-");
        let example = example(chapter);
        for part in ["forward", "backward", "gradients"] {
            for (name, value) in example[part].as_object().unwrap() {
                for number in flat(value) {
                    let shown = format!("{:.4}", number.abs());
                    // Whole numbers may be shown without decimals.
                    assert!(
                        number == number.round() || text.contains(&shown),
                        "{file}, {part}.{name}: {shown}"
                    );
                }
            }
        }
    }
}

/// Every `.rs` file below `folder`.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The tags such as (R2) in `text`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('(').filter_map(|rest| {
        let tag = rest.split_once(')')?.0;
        let number = tag.strip_prefix(['R', 'L', 'G'])?;
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(tag)
    })
}

#[test]
fn every_tag_in_the_code_is_an_equation_of_a_chapter() {
    let mut equations = BTreeSet::new();
    for file in ["01_rnn_fundamentals", "02_lstm_architecture", "03_gru_architecture"] {
        let text = std::fs::read_to_string(root().join(format!("theory/{file}.md"))).unwrap();
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
    }
    assert!(equations.len() >= 48, "{} equations", equations.len());
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let mut used = BTreeSet::new();
    for path in &files {
        for tag in tags(&std::fs::read_to_string(path).unwrap()) {
            assert!(equations.contains(tag), "{}: ({tag}) is no equation", path.display());
            used.insert(tag.to_owned());
        }
    }
    assert!(used.len() > 40, "the code carries {} tags", used.len());
}
