//! The lesson's numbers: what is printed is asserted here, against PyTorch, by hand or within
//! stated ranges.

#[path = "lesson/amount.rs"]
mod amount;
#[path = "lesson/bptt.rs"]
mod bptt;
#[path = "lesson/cli.rs"]
mod cli;
#[path = "lesson/gradients.rs"]
mod gradients;
#[path = "lesson/inside.rs"]
mod inside;
#[path = "lesson/recurrence.rs"]
mod recurrence;

use lesson::terminal::Terminal;
use lesson::{Lesson, Part, RunArgs, Screen, Syllabus};

const SYLLABUS: Syllabus = Syllabus {
    name: "rnn-basics",
    title: "Test",
    about: "A run of one part.",
    parts: &[Part { name: "one", about: "the part" }],
    examples: &[],
};

/// What a part prints on 80 columns without colour, and its `results` in `metrics.json`.
fn printed(part: impl FnOnce(&mut Lesson)) -> (String, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let screen = Screen::memory(Terminal::plain(80), false);
    let args = RunArgs { out: Some(out.clone()), ..RunArgs::default() };
    let mut lesson = Lesson::on(&SYLLABUS, &args, screen.clone()).unwrap();
    part(&mut lesson);
    lesson.finish().unwrap();
    let json = std::fs::read_to_string(out.join("metrics.json")).unwrap();
    let mut metrics: serde_json::Value = serde_json::from_str(&json).unwrap();
    (screen.text(), metrics["results"].take())
}
