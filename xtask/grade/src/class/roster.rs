//! What only people know: who is in the class, who was late, which points were set by hand.
//!
//! ```text
//! roster.csv      learner,name,late_days,attempts      only `learner` is needed
//! overrides.csv   learner,exercise,points,reason       all four are
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::record::Override;
use crate::catalogue::Course;

/// A learner, by the roster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// As people say it.
    pub name: Option<String>,
    /// Days after the deadline.
    pub late_days: f64,
    /// How often it was handed in.
    pub attempts: u32,
}

/// Rows of a CSV file with a header, each with its line number.
fn rows(path: &Path, needed: &[&str]) -> Result<Vec<(u64, BTreeMap<String, String>)>> {
    let shown = path.display();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(false)
        .from_path(path)
        .with_context(|| format!("cannot read {shown}"))?;
    let header: Vec<String> = reader
        .headers()
        .with_context(|| format!("{shown}"))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_lowercase())
        .collect();
    for name in needed {
        ensure!(header.iter().any(|own| own == name), "{shown}: there is no column {name}");
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.with_context(|| format!("{shown}"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
        rows.push((line, cells));
    }
    Ok(rows)
}

fn number(path: &Path, line: u64, name: &str, text: &str) -> Result<f64> {
    match text.parse::<f64>() {
        _ if text.is_empty() => Ok(0.0),
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => bail!(
            "{}, line {line}: {name} is {text:?}, and should be a number from 0",
            path.display()
        ),
    }
}

/// Reads a roster.
///
/// # Errors
/// A file that is not there, a missing column, a cell that is no number, a learner twice; with the
/// line.
pub fn roster(path: &Path) -> Result<BTreeMap<String, Entry>> {
    let mut roster = BTreeMap::new();
    for (line, cells) in rows(path, &["learner"])? {
        let cell = |name: &str| cells.get(name).cloned().unwrap_or_default();
        let learner = cell("learner");
        ensure!(!learner.is_empty(), "{}, line {line}: learner is empty", path.display());
        let late_days = number(path, line, "late_days", &cell("late_days"))?;
        let attempts = number(path, line, "attempts", &cell("attempts"))? as u32;
        let name = Some(cell("name")).filter(|name| !name.is_empty());
        let old = roster.insert(learner.clone(), Entry { name, late_days, attempts });
        ensure!(old.is_none(), "{}, line {line}: {learner} is there twice", path.display());
    }
    Ok(roster)
}

/// Reads points that were set by hand.
///
/// # Errors
/// As for [`roster`], and an exercise that there is not, more points than it has, no reason.
pub fn overrides(path: &Path, course: &Course) -> Result<BTreeMap<String, Vec<Override>>> {
    let mut all: BTreeMap<String, Vec<Override>> = BTreeMap::new();
    for (line, cells) in rows(path, &["learner", "exercise", "points", "reason"])? {
        let place = format!("{}, line {line}", path.display());
        let (id, reason) = (&cells["exercise"], cells["reason"].clone());
        let exercise = course.get(id).with_context(|| place.clone())?;
        ensure!(!cells["points"].is_empty(), "{place}: points is empty");
        let points = number(path, line, "points", &cells["points"])?;
        ensure!(
            points <= exercise.points,
            "{place}: {id} has {} points, not {points}",
            exercise.points
        );
        ensure!(!reason.is_empty(), "{place}: points that are set by hand need a reason");
        let own = Override { exercise: id.clone(), points, reason };
        all.entry(cells["learner"].clone()).or_default().push(own);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_roster_is_read_and_its_faults_have_lines() {
        let (_folder, path) = file("\u{feff}learner,name,late_days\nann,\"Ann, A.\",1.5\nbob,,\n");
        let read = roster(&path).unwrap();
        assert_eq!(
            read["ann"],
            Entry { name: Some("Ann, A.".into()), late_days: 1.5, attempts: 0 }
        );
        assert_eq!(read["bob"], Entry::default());
        let said = |text: &str| format!("{:#}", roster(&file(text).1).unwrap_err());
        assert!(said("name\nann\n").contains("no column learner"));
        assert!(said("learner,late_days\nann,-1\n").contains("line 2: late_days is \"-1\""));
        assert!(said("learner\nann\nann\n").contains("line 3: ann is there twice"));
    }

    #[test]
    fn an_override_needs_a_reason_and_an_exercise() {
        let course = Course::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../exercises"));
        let course = course.unwrap();
        let read = |row: &str| {
            let (_folder, path) = file(&format!("learner,exercise,points,reason\n{row}\n"));
            overrides(&path, &course)
        };
        assert_eq!(read("ann,rnn_step,1.5,oral").unwrap()["ann"][0].points, 1.5);
        for (row, says) in [
            ("ann,rnn_step,1,", "need a reason"),
            ("ann,rnn_step,99,oral", "has 2 points"),
            ("ann,no_such,1,oral", "no exercise"),
            ("ann,rnn_step,,oral", "points is empty"),
        ] {
            let said = format!("{:#}", read(row).unwrap_err());
            assert!(said.contains("line 2") && said.contains(says), "{said}");
        }
    }
}
