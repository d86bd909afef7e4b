//! Everything that is written for a graded class.
//!
//! ```text
//! OUT/grades.csv  class.json  junit.xml  overview.md  overview.html  similar.csv  the instructor's
//! OUT/identities.csv                                       who is who, where learners are anonymous
//! OUT/feedback/LEARNER/feedback.md  feedback.html  report.json  results.json         the learner's
//! OUT/record/                                    what grade-merge needs; OUT/cache/ what was graded
//! ```

use std::fmt::Write;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::page::{cell, html};
use super::record::{Class, Learner, Settings, file_name};
use super::similar::{self, Pair};
use super::{feedback, overview};
use crate::report::Status;
use crate::screen::status_word;

/// In the folder `record` of every output of ours: what may be replaced. Locked while it is.
const MARKER: &str = "=grading";
/// How the class was graded.
const SETTINGS: &str = "=settings.json";

/// Makes sure that the folder is ours to write to, marks it, and keeps other runs out of it until what
/// is returned is dropped.
///
/// # Errors
/// A folder with other things in it, or that another run is writing to.
pub fn claim(out: &Path) -> Result<File> {
    let record = out.join("record");
    let is_ours = [MARKER, SETTINGS].iter().any(|name| record.join(name).is_file());
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    if !is_ours && !is_empty {
        bail!("{} is not empty, and not of an earlier grading; name another folder", out.display());
    }
    fs::create_dir_all(&record).with_context(|| format!("cannot make {}", out.display()))?;
    let path = record.join(MARKER);
    let cannot = || format!("cannot write {}", path.display());
    // Not emptied: it may be another run's.
    let mut marker = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(cannot)?;
    // Any other error is a file system without locks.
    if let Err(TryLockError::WouldBlock) = marker.try_lock() {
        bail!(
            "another run is writing to {}: wait until it has ended, or name another folder",
            out.display()
        );
    }
    // With the same handle: on Windows the lock keeps out all others.
    let text = b"Made by `cargo xtask grade`, which replaces what is here.\n";
    io::Write::write_all(&mut marker, text).with_context(cannot)?;
    Ok(marker)
}

fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn pretty(value: &Json) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn is_own(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('='))
}

/// Keeps what is known, for `grade-merge`.
///
/// # Errors
/// The disk refuses.
pub fn write_record(out: &Path, class: &Class) -> Result<()> {
    let folder = out.join("record");
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        // What begins with `=` is no learner's: names are written with `%3d`.
        if !is_own(&path) {
            fs::remove_file(path)?;
        }
    }
    for learner in &class.learners {
        let path = folder.join(format!("{}.json", file_name(&learner.id)));
        write(&path, serde_json::to_string(learner)?)?;
    }
    write(&folder.join(SETTINGS), pretty(&json!(class.settings))?)
}

/// Reads what [`write_record`] wrote.
///
/// # Errors
/// A folder that is none of ours.
pub fn read_record(out: &Path) -> Result<Class> {
    let folder = out.join("record");
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let settings: Settings = serde_json::from_str(&read(&folder.join(SETTINGS))?)
        .with_context(|| format!("{} is of another version", folder.display()))?;
    let mut learners: Vec<Learner> = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if !is_own(&path) {
            let learner = serde_json::from_str(&read(&path)?);
            learners.push(learner.with_context(|| format!("{} is damaged", path.display()))?);
        }
    }
    learners.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Class { settings, learners })
}

/// Writes all that people read. Learners come in the order of the names that are shown.
///
/// # Errors
/// The disk refuses.
pub fn write_all(out: &Path, mut class: Class) -> Result<()> {
    let settings = class.settings.clone();
    class.learners.sort_by_key(|learner| settings.shown_id(&learner.id));
    let Class { learners, .. } = &class;
    let ngrams: Vec<Vec<(&str, &[u32])>> = learners
        .iter()
        .map(|learner| {
            let files = learner.exercises.iter();
            files.map(|graded| (graded.report.id.as_str(), graded.ngrams.as_slice())).collect()
        })
        .collect();
    let pairs = similar::pairs(&ngrams);
    write(&out.join("grades.csv"), grades(&class)?)?;
    write(&out.join("similar.csv"), similar_list(&class, &pairs)?)?;
    write(&out.join("junit.xml"), junit(&class))?;
    write(&out.join("class.json"), pretty(&whole(&class))?)?;
    let page = overview::page(&class, &pairs);
    write(&out.join("overview.md"), page.to_markdown())?;
    write(&out.join("overview.html"), page.to_html())?;
    let identities = out.join("identities.csv");
    match settings.anonymous {
        true => write(&identities, identity_list(&class)?)?,
        false => _ = fs::remove_file(identities),
    }
    // What an earlier run wrote may be of learners who are not here any more.
    let folder = out.join("feedback");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for learner in learners {
        let folder = folder.join(file_name(&settings.shown_id(&learner.id)));
        fs::create_dir_all(&folder)?;
        let page = feedback::page(learner, &settings);
        write(&folder.join("feedback.md"), page.to_markdown())?;
        write(&folder.join("feedback.html"), page.to_html())?;
        write(&folder.join("report.json"), pretty(&feedback::report(learner, &settings))?)?;
        write(&folder.join("results.json"), pretty(&feedback::gradescope(learner, &settings))?)?;
    }
    Ok(())
}

fn table(rows: Vec<Vec<String>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|text| cell(text)))?;
    }
    Ok(writer.into_inner()?)
}

fn grades(class: &Class) -> Result<Vec<u8>> {
    let Class { settings, learners } = class;
    let mut head: Vec<String> = [
        "learner",
        "name",
        "score",
        "max_score",
        "submitted",
        "late_days",
        "attempts",
        "deduction",
        "set_by_hand",
        "isolation",
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(first) = learners.first() {
        head.extend(first.exercises.iter().map(|graded| graded.report.id.clone()));
    }
    let mut rows = vec![head];
    for learner in learners {
        let name = if settings.anonymous { None } else { learner.name.clone() };
        let mut row = vec![
            settings.shown_id(&learner.id),
            name.unwrap_or_default(),
            learner.score(settings).to_string(),
            learner.most().to_string(),
            if learner.has_submitted { "yes" } else { "no" }.to_owned(),
            learner.late_days.to_string(),
            learner.attempts.to_string(),
            learner.deduction(settings).to_string(),
            learner.overrides.iter().map(|own| own.exercise.clone()).collect::<Vec<_>>().join(" "),
            settings.isolation.clone(),
        ];
        row.extend(learner.exercises.iter().map(|graded| learner.points(graded).to_string()));
        rows.push(row);
    }
    table(rows)
}

fn similar_list(class: &Class, pairs: &[Pair]) -> Result<Vec<u8>> {
    let name = |index: usize| class.settings.shown_id(&class.learners[index].id);
    let head = ["learner", "other", "share", "ngrams", "exercises"].map(str::to_owned).to_vec();
    let rows = pairs.iter().map(|pair| {
        vec![
            name(pair.learners.0),
            name(pair.learners.1),
            format!("{:.2}", pair.share),
            pair.common.to_string(),
            pair.exercises.join(" "),
        ]
    });
    table([head].into_iter().chain(rows).collect())
}

fn identity_list(class: &Class) -> Result<Vec<u8>> {
    let head = ["shown", "learner", "name"].map(str::to_owned).to_vec();
    let rows = class.learners.iter().map(|learner| {
        let name = learner.name.clone().unwrap_or_default();
        vec![class.settings.shown_id(&learner.id), learner.id.clone(), name]
    });
    table([head].into_iter().chain(rows).collect())
}

fn whole(class: &Class) -> Json {
    let Class { settings, learners } = class;
    let mut value = json!(settings);
    // Whoever merged or not: the class is the same.
    value.as_object_mut().expect("settings have fields").remove("shard");
    let learners = learners.iter().map(|learner| {
        let mut report = feedback::report(learner, settings);
        report["seed"] = json!(settings.seed);
        report["submitted"] = json!(learner.has_submitted);
        if !settings.anonymous {
            report["name"] = json!(learner.name);
        }
        report
    });
    value["learners"] = learners.collect();
    value
}

/// One suite a learner, one test an exercise.
fn junit(class: &Class) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"exercises\">\n",
    );
    for learner in &class.learners {
        let count = |wanted: &dyn Fn(Status) -> bool| {
            learner.exercises.iter().filter(|graded| wanted(graded.report.status)).count()
        };
        let skipped = count(&|status| status == Status::NotStarted);
        let failures =
            learner.exercises.len() - skipped - count(&|status| status == Status::Passed);
        let name = html(&class.settings.shown_id(&learner.id));
        _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
            learner.exercises.len()
        );
        for graded in &learner.exercises {
            let report = &graded.report;
            _ = write!(
                text,
                "    <testcase classname=\"{name}.{}\" name=\"{}\"",
                report.lesson, report.id
            );
            let word = status_word(report.status);
            text += &match report.status {
                Status::Passed => "/>\n".to_owned(),
                Status::NotStarted => "><skipped/></testcase>\n".to_owned(),
                _ => format!(
                    "><failure message=\"{word}\">{}</failure></testcase>\n",
                    html(
                        report
                            .diagnosis
                            .as_ref()
                            .or(report.message.as_ref())
                            .map_or(word, String::as_str)
                    )
                ),
            };
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_grading_made_is_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let (new, foreign) = (folder.path().join("graded"), folder.path().join("music"));
        claim(&new).unwrap();
        fs::write(new.join("grades.csv"), "").unwrap(); // interrupted before the record was written
        claim(&new).unwrap();
        fs::create_dir_all(foreign.join("record")).unwrap();
        fs::write(foreign.join("record/first.flac"), "la").unwrap();
        assert!(claim(&foreign).unwrap_err().to_string().contains("not of an earlier grading"));
        assert_eq!(fs::read_dir(foreign.join("record")).unwrap().count(), 1);
    }
}
