//! Grading submissions: one program a learner where that compiles, one an exercise where it does not.
//!
//! What a file is worth depends on that file alone (and on the exam), so it is graded once and kept by
//! its content: a second run, one that was interrupted, and a learner who hands in an unchanged file
//! take what is there. Not kept is what a busy machine may have had a part in, such as an answer that
//! did not come in time: it is graded again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};

use super::inspect::{Finding, Inspection, Question, inspect_all};
use super::record::Graded;
use super::submission::{Submission, Taken};
use crate::catalogue::Exercise;
use crate::child::Runner;
use crate::compile::{Built, CompileError, Workshop};
use crate::diagnose;
use crate::exam::{Bank, Exam, Mistake};
use crate::glue::Unit;
use crate::grade::{Fault, Judged, bare, compiler_message, examine, report};
use crate::interface::Interface;
use crate::jail::Jail;
use crate::parallel;
use crate::report::{ExerciseReport, Status, escaped};
use crate::show;

/// Changes when the same file and exam would be reported otherwise.
const VERSION: &str = "2";
/// How many files of a submission may keep the compiler busy until it is stopped.
const MOST_STOPS: usize = 3;

/// An exercise with all that its answers are judged by.
struct Paper<'c> {
    exercise: &'c Exercise,
    stub: String,
    interface: Interface,
    exam: Exam,
    mistakes: Vec<Mistake>,
    hash: String,
}

/// Grades submissions, several at a time.
pub struct Grader<'c> {
    papers: Vec<Paper<'c>>,
    jail: Jail,
    workshop: Workshop,
    cache: PathBuf,
    seed: u64,
    official: bool,
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A program of a learner's that stands ready, with the exercise that it answers.
struct Ready<'p, 'c> {
    paper: &'p Paper<'c>,
    program: PathBuf,
}

impl<'c> Grader<'c> {
    /// Draws the exams and has the known mistakes answer them. Programs and cache lie in `folder`.
    ///
    /// # Errors
    /// The course's own files are broken, the disk is full.
    pub fn new(
        bank: Bank<'c>,
        exercises: &[&'c Exercise],
        workspace: &Path,
        folder: &Path,
        jail: Jail,
        seed: u64,
        official: bool,
    ) -> Result<Self> {
        let (work, cache) = (folder.join("work"), folder.join("cache"));
        _ = fs::remove_dir_all(&work); // of a run that was interrupted
        fs::create_dir_all(&work)?;
        fs::create_dir_all(&cache)?;
        // Links on the way would be links out of the sandbox.
        let workshop = Workshop::new(workspace, &fs::canonicalize(&work)?).shut_in(jail.clone());
        let papers = parallel::map(exercises, |exercise| -> Result<Paper<'c>> {
            let (stub, interface) = bank.stub(exercise)?;
            let exam = bank.exam(exercise, seed)?;
            let mistakes = bank.mistakes(exercise, &exam)?;
            let mut hash = Sha256::new();
            for part in [
                VERSION,
                &format!("{exercise:?} {exam:?} {mistakes:?}"),
                &bank.workshop.rustc(),
                jail.isolation(),
                if official { "official" } else { "" },
            ] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            Ok(Paper { exercise, stub, interface, exam, mistakes, hash: hex(hash) })
        });
        let papers = papers.into_iter().collect::<Result<_>>()?;
        Ok(Self { papers, jail, workshop, cache, seed, official })
    }

    /// What distinguishes this exam from others.
    pub fn exam(&self) -> String {
        let mut hash = Sha256::new();
        self.papers.iter().for_each(|paper| hash.update(&paper.hash));
        hex(hash)[..16].to_owned()
    }

    /// Grades a submission. What goes wrong with the grader itself is a note, and the submission's other
    /// exercises are graded.
    pub fn grade(&self, submission: &Submission, slot: &str) -> (Vec<Graded>, Vec<String>) {
        let mut notes = Vec::new();
        let graded = self.all(submission, slot, &mut notes);
        _ = fs::remove_dir_all(self.workshop.folder().join(slot));
        let graded = graded.unwrap_or_else(|error| {
            notes.push(format!("it could not be graded: {error:#}"));
            BTreeMap::new()
        });
        let mut graded = graded;
        let in_order = self.papers.iter().map(|paper| {
            graded.remove(&paper.exercise.id).unwrap_or_else(|| {
                let why = "the grader failed here; see the notes";
                plain(bare(paper.exercise, Status::Crashed, Some(why.into())))
            })
        });
        (in_order.collect(), notes)
    }

    fn all(
        &self,
        submission: &Submission,
        slot: &str,
        notes: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Graded>> {
        let mut done = BTreeMap::new();
        let mut open: Vec<(&Paper, &str, String)> = Vec::new();
        for paper in &self.papers {
            let Exercise { id, .. } = paper.exercise;
            match submission.files.get(id) {
                None => {
                    done.insert(id.clone(), plain(bare(paper.exercise, Status::NotStarted, None)));
                }
                Some(Taken::Not(why)) => {
                    let why = format!("the file was not taken: {why}");
                    let report = bare(paper.exercise, Status::Forbidden, Some(why));
                    done.insert(id.clone(), plain(report));
                }
                Some(Taken::Text(text)) => {
                    let key = hex(Sha256::new_with_prefix(format!("{}\n{text}", paper.hash)));
                    match self.kept(&key) {
                        Some(graded) => _ = done.insert(id.clone(), graded),
                        None => open.push((paper, text, key)),
                    }
                }
            }
        }
        let questions: Vec<Question> = open
            .iter()
            .map(|(paper, text, _)| Question {
                source: (*text).to_owned(),
                stub: paper.stub.clone(),
            })
            .collect();
        let found: HashMap<&str, Inspection> = open
            .iter()
            .map(|(paper, ..)| paper.exercise.id.as_str())
            .zip(inspect_all(&self.jail, &questions)?)
            .collect();
        let mut reports: BTreeMap<&str, ExerciseReport> = BTreeMap::new();
        // Whose report may be another when they are graded again.
        let mut in_doubt: HashSet<&str> = HashSet::new();
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for (paper, text, _) in &open {
            let id = paper.exercise.id.as_str();
            let mut over =
                |status, message| _ = reports.insert(id, bare(paper.exercise, status, message));
            match &found[id].finding {
                Finding::NotStarted => over(Status::NotStarted, None),
                Finding::Refused(why) => over(Status::Forbidden, Some(why.clone())),
                Finding::Unread(why) => {
                    over(Status::Forbidden, Some(why.clone()));
                    in_doubt.insert(id);
                }
                Finding::Departed(what) => over(Status::CompileError, Some(what.clone())),
                Finding::NoRust => alone.push((*paper, *text)),
                Finding::Begun => together.push((*paper, *text)),
            }
        }
        let mut ready = Vec::new();
        // One program for all; what breaks it is taken out and built by itself.
        while together.len() > 1 {
            let units: Vec<_> = together.iter().map(|(paper, text)| unit(paper, text)).collect();
            match self.workshop.build(&format!("{slot}/all"), &units)? {
                Built::Ready(program) => {
                    let all = together.drain(..);
                    ready.extend(all.map(|(paper, _)| Ready { paper, program: program.clone() }));
                }
                Built::Broken(errors) => {
                    let is_broken =
                        |path: &str| errors.iter().any(|e| e.file.as_deref() == Some(path));
                    let (broken, rest): (Vec<_>, Vec<_>) = together
                        .drain(..)
                        .partition(|(paper, text)| is_broken(&unit(paper, text).path));
                    let is_told = !broken.is_empty();
                    alone.extend(broken);
                    if is_told { &mut together } else { &mut alone }.extend(rest);
                }
            }
        }
        alone.extend(together);
        let mut stops = 0;
        for (paper, text) in alone {
            let id = paper.exercise.id.as_str();
            let mut over = |status, message| {
                _ = reports.insert(id, bare(paper.exercise, status, Some(message)))
            };
            if stops >= MOST_STOPS {
                in_doubt.insert(id);
                over(
                    Status::TimedOut,
                    "not compiled: other files kept the compiler busy without end".into(),
                );
                continue;
            }
            let started = Instant::now();
            let unit = unit(paper, text);
            match self.workshop.build(&format!("{slot}/{id}"), std::slice::from_ref(&unit))? {
                Built::Ready(_) if found[id].finding == Finding::NoRust => {
                    over(
                        Status::Forbidden,
                        "the grader cannot read it, though the compiler can".into(),
                    );
                }
                Built::Ready(program) => ready.push(Ready { paper, program }),
                Built::Broken(errors) => {
                    if !errors.iter().any(|error| error.file.as_deref() == Some(&unit.path)) {
                        in_doubt.insert(id);
                    }
                    let message = compiler_message(&unit.path, &errors);
                    let is_stopped = started.elapsed() >= self.jail.patience;
                    stops += usize::from(is_stopped);
                    over(broken_status(&errors, is_stopped), message);
                }
            }
        }
        let mut details = HashMap::new();
        for Ready { paper, program } in &ready {
            let id = paper.exercise.id.as_str();
            // Answers are numbers, and our own arithmetic about them should not fail. If it does, it
            // is this exercise's misfortune.
            match catch_unwind(AssertUnwindSafe(|| self.ask(paper, program))) {
                Ok(Ok((report, is_sure))) => {
                    if !is_sure {
                        in_doubt.insert(id);
                    }
                    details.insert(id, (report.detail.clone(), report.printed.clone()));
                    reports.insert(id, report);
                }
                Ok(Err(error)) => notes.push(format!("{id}: {error:#}")),
                Err(_) => notes.push(format!("{id}: the grader panicked; please report it")),
            }
        }
        for (paper, _, key) in &open {
            let id = paper.exercise.id.as_str();
            let Some(report) = reports.remove(id) else { continue };
            let (detail, printed) = details.remove(id).unwrap_or_default();
            let graded = Graded { prints: found[id].prints.clone(), detail, printed, report };
            let graded = safe(graded, self.official);
            if !in_doubt.contains(id) {
                self.keep(key, &graded);
            }
            done.insert(id.to_owned(), graded);
        }
        Ok(done)
    }

    /// The report, and whether all answers came in time.
    fn ask(&self, paper: &Paper, program: &Path) -> Result<(ExerciseReport, bool)> {
        let Paper { exercise, interface, exam, mistakes, .. } = paper;
        let mut runner = Runner::new(program).shut_in(&self.jail);
        let judged = examine(exercise, exam, &exercise.id, &mut runner, self.seed)?;
        let mut report = report(exercise, exam, &judged);
        if !judged.is_right() {
            report.diagnosis = diagnose::diagnose(exercise, interface, exam, &judged, mistakes);
            report.detail = show::first_failure(exercise, interface, exam, &judged);
        }
        Ok((report, !has_timeout(&judged)))
    }

    fn kept(&self, key: &str) -> Option<Graded> {
        let text = fs::read_to_string(self.cache.join(format!("{key}.json"))).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Not worth an error: what is not kept is graded again.
    fn keep(&self, key: &str, graded: &Graded) {
        let thread = format!("{:?}", std::thread::current().id());
        let part = self.cache.join(format!("{key}.{}.part", thread.replace(['(', ')'], "")));
        if let Ok(text) = serde_json::to_string(graded)
            && fs::write(&part, text).is_ok()
        {
            _ = fs::rename(part, self.cache.join(format!("{key}.json")));
        }
    }

    /// Removes what programs were built in.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn clean(&self) -> Result<()> {
        fs::remove_dir_all(self.workshop.folder())
            .map_err(|error| anyhow!("cannot remove {}: {error}", self.workshop.folder().display()))
    }
}

fn has_timeout(judged: &Judged) -> bool {
    let is_late = |fault: &Fault| matches!(fault, Fault::Nothing(Status::TimedOut, _));
    judged.verdicts.iter().any(|verdict| verdict.fault.as_ref().is_some_and(is_late))
}

fn broken_status(errors: &[CompileError], is_stopped: bool) -> Status {
    let reads = errors.iter().any(|error| error.rendered.starts_with("compiling it reads"));
    match (is_stopped, reads) {
        (true, _) => Status::TimedOut,
        (_, true) => Status::Forbidden,
        _ => Status::CompileError,
    }
}

fn unit(paper: &Paper, text: &str) -> Unit {
    let Exercise { id, lesson, .. } = paper.exercise;
    Unit::new(id, format!("src/{lesson}/{id}.rs"), text.to_owned(), paper.interface.clone())
}

fn plain(report: ExerciseReport) -> Graded {
    Graded { report, detail: None, printed: String::new(), prints: Vec::new() }
}

/// All that a learner's program had a hand in, cut and without control characters. In an official
/// run its prints are dropped: it can print the inputs of hidden cases.
fn safe(mut graded: Graded, official: bool) -> Graded {
    let clean = |text: &mut String| *text = escaped(text, 4000);
    graded.report.message.iter_mut().for_each(clean);
    graded.report.diagnosis.iter_mut().for_each(clean);
    graded.report.cases.iter_mut().flat_map(|case| &mut case.message).for_each(clean);
    graded.detail.iter_mut().for_each(clean);
    if official {
        graded.printed.clear();
    }
    graded.printed = escaped(&graded.printed, 2000);
    graded
}
