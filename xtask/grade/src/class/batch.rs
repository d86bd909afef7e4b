//! Grading submissions: one program a learner where that compiles, one an exercise where it does not.
//!
//! What a file is worth depends on that file alone (and on the exam), so it is graded once and kept by
//! its content: a second run, one that was interrupted, and a learner who hands in an unchanged file
//! take what is there. Not kept is what a busy machine may have had a part in, such as an answer that
//! did not come in time: it is graded again.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::slice;
use std::time::Instant;

use anyhow::{Result, anyhow};

use super::inspect::{Finding, Inspection, Question, inspect_all};
use super::record::Graded;
use super::submission::{Submission, Taken};
use crate::bank::Bank;
use crate::catalogue::Exercise;
use crate::child::Runner;
use crate::compile::{Built, CompileError, Workshop};
use crate::glue::Unit;
use crate::grade::{Paper, answer_unit, bare, compiler_message};
use crate::hash::hash;
use crate::interface::Draft;
use crate::jail::Jail;
use crate::parallel;
use crate::report::{ExerciseReport, Status, escaped};

/// Changes when the same file and exam would be reported otherwise.
const VERSION: &str = "3";
/// How many files of a submission may keep the compiler busy until it is stopped.
const MOST_STOPS: usize = 3;

/// An exercise that the class is asked.
struct Asked<'c> {
    paper: Paper<'c>,
    /// What learners were given.
    stub: String,
    /// Of all that a report depends on but the file.
    hash: String,
}

/// A file of a submission, on its way to a report.
struct File<'f, 'c> {
    asked: &'f Asked<'c>,
    text: &'f str,
    /// Under which its report is kept.
    key: String,
    /// What it is; none before it was read.
    finding: Option<Finding>,
    ngrams: Vec<u32>,
    program: Option<PathBuf>,
    report: Option<ExerciseReport>,
    /// Whether its report would be the same when it is graded again.
    is_sure: bool,
}

impl<'f, 'c> File<'f, 'c> {
    fn new(asked: &'f Asked<'c>, text: &'f str, key: String) -> Self {
        let (finding, ngrams, program, report) = (None, Vec::new(), None, None);
        Self { asked, text, key, finding, ngrams, program, report, is_sure: true }
    }

    fn is(&self, draft: Draft) -> bool {
        self.finding == Some(Finding::Read(draft))
    }

    fn unit(&self) -> Unit {
        let Paper { exercise, interface, .. } = &self.asked.paper;
        answer_unit(exercise, interface.clone(), self.text.to_owned())
    }

    /// It ends here, before anything of it is asked.
    fn end(&mut self, status: Status, message: Option<String>) {
        self.report = Some(bare(self.asked.paper.exercise, status, message));
    }

    /// Asks its program.
    fn answer(&mut self, program: &Path, jail: &Jail) -> Result<()> {
        let paper = &self.asked.paper;
        let mut runner = Runner::new(program).shut_in(jail);
        let judged = paper.examine(&paper.exercise.id, &mut runner)?;
        self.is_sure = judged.is_in_time();
        self.report = Some(paper.report(&judged)?);
        Ok(())
    }
}

/// Grades submissions, several at a time.
pub struct Grader<'c> {
    asked: Vec<Asked<'c>>,
    jail: Jail,
    workshop: Workshop,
    cache: PathBuf,
    official: bool,
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
        let asked = parallel::map(exercises, |exercise| -> Result<Asked<'c>> {
            let (stub, _) = bank.stub(exercise)?;
            let paper = Paper::draw(bank, exercise, seed)?;
            let hash = hash([
                VERSION,
                &format!("{exercise:?} {:?} {:?}", paper.exam, paper.mistakes()?),
                &bank.workshop.rustc(),
                jail.isolation(),
                if official { "official" } else { "" },
            ]);
            Ok(Asked { paper, stub, hash })
        });
        let asked = asked.into_iter().collect::<Result<_>>()?;
        Ok(Self { asked, jail, workshop, cache, official })
    }

    /// What distinguishes this exam from others.
    pub fn exam(&self) -> String {
        hash(self.asked.iter().map(|asked| &asked.hash))[..16].to_owned()
    }

    /// Grades a submission. What goes wrong with the grader itself is a note, and the submission's other
    /// exercises are graded.
    pub fn grade(&self, submission: &Submission, slot: &str) -> (Vec<Graded>, Vec<String>) {
        let mut notes = Vec::new();
        let (mut done, mut files) = self.sorted(submission);
        if let Err(error) = self.work(&mut files, slot, &mut notes) {
            notes.push(format!("it could not be graded: {error:#}"));
        }
        _ = fs::remove_dir_all(self.workshop.folder().join(slot));
        for file in files {
            let (id, key, is_sure) = (&file.asked.paper.exercise.id, file.key, file.is_sure);
            let Some(report) = file.report else { continue };
            let graded = safe(graded(report, file.ngrams), self.official);
            if is_sure {
                self.keep(&key, &graded);
            }
            done.insert(id, graded);
        }
        let in_order = self.asked.iter().map(|Asked { paper, .. }| {
            done.remove(&paper.exercise.id).unwrap_or_else(|| {
                let why = "the grader failed here; see the notes";
                plain(bare(paper.exercise, Status::Crashed, Some(why.into())))
            })
        });
        (in_order.collect(), notes)
    }

    /// What is known already, and the files that must be graded.
    fn sorted<'f>(
        &'f self,
        submission: &'f Submission,
    ) -> (BTreeMap<&'f String, Graded>, Vec<File<'f, 'c>>) {
        let (mut done, mut files) = (BTreeMap::new(), Vec::new());
        for asked in &self.asked {
            let exercise = asked.paper.exercise;
            let known = match submission.files.get(&exercise.id) {
                None => plain(bare(exercise, Status::NotStarted, None)),
                Some(Taken::Not(why)) => {
                    let why = format!("the file was not taken: {why}");
                    plain(bare(exercise, Status::Forbidden, Some(why)))
                }
                Some(Taken::Text(text)) => {
                    let key = hash([&asked.hash, text]);
                    match self.kept(&key) {
                        Some(graded) => graded,
                        None => {
                            files.push(File::new(asked, text, key));
                            continue;
                        }
                    }
                }
            };
            done.insert(&exercise.id, known);
        }
        (done, files)
    }

    /// From the files to their reports.
    fn work(&self, files: &mut [File], slot: &str, notes: &mut Vec<String>) -> Result<()> {
        self.inspect(files)?;
        self.build_together(files, slot)?;
        self.build_alone(files, slot)?;
        for file in files {
            let Some(program) = file.program.take() else { continue };
            let id = &file.asked.paper.exercise.id;
            // Answers are numbers, and our own arithmetic about them should not fail. If it does, it
            // is this exercise's misfortune.
            match catch_unwind(AssertUnwindSafe(|| file.answer(&program, &self.jail))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => notes.push(format!("{id}: {error:#}")),
                Err(_) => notes.push(format!("{id}: the grader panicked; please report it")),
            }
        }
        Ok(())
    }

    /// Reads the files; what is nothing to build ends here.
    fn inspect(&self, files: &mut [File]) -> Result<()> {
        let question =
            |file: &File| Question { source: file.text.to_owned(), stub: file.asked.stub.clone() };
        let questions: Vec<_> = files.iter().map(question).collect();
        let read = inspect_all(&self.jail, &questions)?;
        for (file, Inspection { finding, ngrams }) in files.iter_mut().zip(read) {
            match &finding {
                Finding::Refused(why) => file.end(Status::Forbidden, Some(why.clone())),
                Finding::Unread(why) => {
                    file.end(Status::Forbidden, Some(why.clone()));
                    file.is_sure = false;
                }
                Finding::Read(Draft::NotStarted) => file.end(Status::NotStarted, None),
                Finding::Read(Draft::Departed(what)) => {
                    file.end(Status::CompileError, Some(what.clone()));
                }
                Finding::Read(Draft::Begun | Draft::NoRust) => {}
            }
            (file.finding, file.ngrams) = (Some(finding), ngrams);
        }
        Ok(())
    }

    /// One program for all; what breaks it is left out.
    fn build_together(&self, files: &mut [File], slot: &str) -> Result<()> {
        let mut together: Vec<_> = files.iter_mut().filter(|f| f.is(Draft::Begun)).collect();
        while together.len() > 1 {
            let units: Vec<_> = together.iter().map(|file| file.unit()).collect();
            match self.workshop.build(&format!("{slot}/all"), &units)? {
                Built::Ready(program) => {
                    together.into_iter().for_each(|file| file.program = Some(program.clone()));
                    break;
                }
                Built::Broken(errors) => {
                    let before = together.len();
                    together.retain(|file| !is_in(&errors, &file.unit().path));
                    if together.len() == before {
                        break; // nobody says which
                    }
                }
            }
        }
        Ok(())
    }

    /// What has no program yet gets one of its own, or the compiler's message.
    fn build_alone(&self, files: &mut [File], slot: &str) -> Result<()> {
        let mut stops = 0;
        for file in files.iter_mut().filter(|f| f.report.is_none() && f.program.is_none()) {
            if stops >= MOST_STOPS {
                let why = "not compiled: other files kept the compiler busy without end";
                file.end(Status::TimedOut, Some(why.into()));
                file.is_sure = false;
                continue;
            }
            let (started, unit) = (Instant::now(), file.unit());
            match self.workshop.build(&format!("{slot}/{}", unit.name), slice::from_ref(&unit))? {
                Built::Ready(_) if file.is(Draft::NoRust) => {
                    let why = "the grader cannot read it, though the compiler can";
                    file.end(Status::Forbidden, Some(why.into()));
                }
                Built::Ready(program) => file.program = Some(program),
                Built::Broken(errors) => {
                    let is_stopped = started.elapsed() >= self.jail.patience;
                    stops += usize::from(is_stopped);
                    let message = compiler_message(&unit.path, &errors);
                    file.end(broken_status(&errors, is_stopped), Some(message));
                    file.is_sure = is_in(&errors, &unit.path);
                }
            }
        }
        Ok(())
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

/// Whether one of the errors is in the file.
fn is_in(errors: &[CompileError], path: &str) -> bool {
    errors.iter().any(|error| error.file.as_deref() == Some(path))
}

fn broken_status(errors: &[CompileError], is_stopped: bool) -> Status {
    let reads = errors.iter().any(|error| error.rendered.starts_with("compiling it reads"));
    match (is_stopped, reads) {
        (true, _) => Status::TimedOut,
        (_, true) => Status::Forbidden,
        _ => Status::CompileError,
    }
}

/// What a report leaves out when it is written stands beside it.
fn graded(mut report: ExerciseReport, ngrams: Vec<u32>) -> Graded {
    let (detail, printed) = (report.detail.take(), std::mem::take(&mut report.printed));
    Graded { report, detail, printed, ngrams }
}

fn plain(report: ExerciseReport) -> Graded {
    graded(report, Vec::new())
}

/// All that a learner's program had a hand in, cut and without control characters. In an official
/// run what it printed is dropped: it can print the inputs of hidden cases.
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
