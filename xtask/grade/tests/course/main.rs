//! The course's exercises: the reference solutions agree with `seqcore`. One file a lesson.

// A solution may have more than seqcore can be asked about.
#![allow(dead_code)]

mod class;
mod grader;
mod gru;
mod lstm;
mod rnn;
mod sentiment;
mod timeseries;

use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::{Array, Dimension, ShapeBuilder};

/// Where the tests keep programs: one folder for all, as each would build the same ones.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("exercises")
}

/// The grader's program. Whoever runs the tests may be learning: what is kept of that is left alone.
fn grader() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-grade"));
    command.env("XTASK_GRADE_FOLDER", programs());
    command
}

/// Numbers within ±0.9, different for every `salt`.
fn numbers<D: Dimension>(salt: u32, shape: impl ShapeBuilder<Dim = D>) -> Array<f64, D> {
    let mut k = 0.0;
    Array::from_shape_simple_fn(shape, || {
        k += 1.0;
        0.9 * (k * 1.7 + f64::from(salt) * 0.77).sin()
    })
}

/// Equal up to the last bits.
fn assert_close<D: Dimension>(a: &Array<f64, D>, b: &Array<f64, D>) {
    assert_eq!(a.shape(), b.shape());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-13), "{a}\n{b}");
}
