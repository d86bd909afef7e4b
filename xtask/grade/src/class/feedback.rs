//! What a learner gets: feedback to read, the report as JSON, and Gradescope's results.

use serde_json::{Value as Json, json};

use super::page::{Block, Page};
use super::record::{Graded, Learner, Settings};
use crate::report::{Status, Visibility, escaped};
use crate::screen::{points, status_word};

/// `2 of 3`
pub fn of(own: f64, most: f64) -> String {
    format!("{} of {}", points(own), points(most))
}

/// What whoever reads a report must know about how it came about.
pub fn warning(settings: &Settings) -> Option<String> {
    let lack = settings.lack.as_ref()?;
    Some(format!("Graded in degraded mode, without full isolation: {}", escaped(lack, 300)))
}

fn lateness(learner: &Learner, settings: &Settings) -> Option<String> {
    let deduction = learner.deduction(settings);
    (deduction > 0.0).then(|| {
        format!(
            "{} points were taken off: {} days late, {} attempts.",
            points(deduction),
            points(learner.late_days),
            learner.attempts
        )
    })
}

/// The feedback page.
pub fn page(learner: &Learner, settings: &Settings) -> Page {
    let shown = escaped(&settings.shown_id(&learner.id), 100);
    let title = format!("Feedback for {shown}");
    let mut blocks = vec![Block::Heading(1, title.clone())];
    let score = learner.score(settings);
    blocks.push(Block::Text(format!("{} points.", of(score, learner.most()))));
    blocks.extend(lateness(learner, settings).map(Block::Text));
    blocks.extend(warning(settings).map(Block::Warning));
    let notes: Vec<_> = learner.notes.iter().map(|note| escaped(note, 300)).collect();
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    let row = |graded: &Graded| {
        let report = &graded.report;
        let by_hand = if learner.overridden(&report.id).is_some() { ", set by hand" } else { "" };
        vec![
            report.id.clone(),
            format!("{}{by_hand}", of(learner.points(graded), report.max_points)),
            status_word(report.status).to_owned(),
        ]
    };
    let head = ["exercise", "points", ""].map(str::to_owned).to_vec();
    blocks.push(Block::Table(head, learner.exercises.iter().map(row).collect()));
    for graded in &learner.exercises {
        exercise(learner, graded, &mut blocks);
    }
    blocks.push(Block::Text(match settings.official {
        true => "An official run: the inputs were drawn from a seed that is not told.".into(),
        false => format!("Seed {}: `cargo xtask grade --seed {0}` asks the same.", settings.seed),
    }));
    Page { title, blocks }
}

fn exercise(learner: &Learner, graded: &Graded, blocks: &mut Vec<Block>) {
    let report = &graded.report;
    let by_hand = learner.overridden(&report.id);
    if matches!(report.status, Status::Passed | Status::NotStarted) && by_hand.is_none() {
        return;
    }
    blocks.push(Block::Heading(2, format!("{}: {}", report.id, status_word(report.status))));
    if let Some(own) = by_hand {
        blocks.push(Block::Text(format!(
            "The points were set by hand to {} (the grader gave {}): {}",
            points(own.points),
            points(report.points),
            escaped(&own.reason, 500)
        )));
    }
    blocks.extend(report.diagnosis.iter().map(|text| Block::Text(text.clone())));
    let case = |case: &crate::report::CaseReport| {
        let hidden = if case.visibility == Visibility::Hidden { " (hidden)" } else { "" };
        let mark = if case.passed { "right" } else { "not right" };
        vec![format!("{}{hidden}", case.name), mark.to_owned()]
    };
    if !report.cases.is_empty() {
        let head = vec!["case".to_owned(), String::new()];
        blocks.push(Block::Table(head, report.cases.iter().map(case).collect()));
    }
    match (&graded.detail, &report.message) {
        (Some(detail), _) => blocks.push(Block::Code(detail.clone())),
        (None, Some(message)) => blocks.push(Block::Code(message.clone())),
        (None, None) => {}
    }
    if !graded.printed.trim().is_empty() {
        blocks.push(Block::Text("Your code printed:".into()));
        blocks.push(Block::Code(graded.printed.clone()));
    }
}

/// The contract's report with what is said about the learner as a whole.
pub fn report(learner: &Learner, settings: &Settings) -> Json {
    let mut report = json!(learner.report(settings));
    report["learner"] = json!(settings.shown_id(&learner.id));
    report["isolation_note"] = json!(settings.lack);
    report["final_score"] = json!(learner.score(settings));
    report["late_days"] = json!(learner.late_days);
    report["attempts"] = json!(learner.attempts);
    report["deduction"] = json!(learner.deduction(settings));
    report["overrides"] = json!(learner.overrides);
    report["notes"] = json!(learner.notes);
    report
}

/// Gradescope's `results.json`.
pub fn gradescope(learner: &Learner, settings: &Settings) -> Json {
    let test = |graded: &Graded| {
        let report = &graded.report;
        let mut text = Vec::new();
        if let Some(own) = learner.overridden(&report.id) {
            text.push(format!("Set by hand: {}", escaped(&own.reason, 500)));
        }
        text.extend(report.diagnosis.clone());
        text.extend(graded.detail.clone().or_else(|| report.message.clone()));
        json!({
            "name": report.id,
            "score": learner.points(graded),
            "max_score": report.max_points,
            "status": if report.status == Status::Passed { "passed" } else { "failed" },
            "output": if text.is_empty() { status_word(report.status).to_owned() } else { text.join("\n\n") },
            "output_format": "text",
            "visibility": "visible",
        })
    };
    let mut said: Vec<String> = learner.notes.iter().map(|note| escaped(note, 300)).collect();
    said.extend(lateness(learner, settings));
    said.extend(warning(settings));
    json!({
        "score": learner.score(settings),
        "output": said.join("\n"),
        "output_format": "text",
        "tests": learner.exercises.iter().map(test).collect::<Vec<_>>(),
    })
}
