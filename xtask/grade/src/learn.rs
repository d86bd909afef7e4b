//! `learn`: takes the next exercise, waits for a save, grades, says what went wrong.
//!
//! It looks at the file every [`PAUSE`] instead of asking the system to be told: this works on every
//! system, on network folders and with editors that replace a file instead of writing it, and costs
//! one look at one file. Keys come from a thread that waits for them:
//!
//! ```text
//!   keys ---- Key ----> watch ---- grade ----> report
//!   file -- new stamp --^ `---- picture ---> terminal
//! ```

use std::fs;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use console::{Key, Term, style};

use crate::bank::Bank;
use crate::catalogue::{Exercise, read};
use crate::grade::grade_file;
use crate::parallel;
use crate::progress::{Progress, Standing, reset, version};
use crate::report::{ExerciseReport, Status};
use crate::say;
use crate::screen::{self, wrapped};

/// Between two looks at the file.
pub const PAUSE: Duration = Duration::from_millis(100);

/// Keys, one at a time: the next is read when it was said what to do, so that nobody reads, and the
/// terminal is as it was, when the program ends.
struct Keys {
    pressed: Receiver<Key>,
    go_on: Sender<()>,
}

impl Keys {
    fn listen() -> Self {
        let (press, pressed) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        thread::spawn(move || {
            let terminal = Term::stdout();
            // Raw: Ctrl-C arrives as a key, too.
            while let Ok(key) = terminal.read_key_raw() {
                if press.send(key).is_err() || may_go_on.recv().is_err() {
                    return;
                }
            }
        });
        Self { pressed, go_on }
    }
}

/// What a key leads to.
enum Next {
    Stay,
    /// The same key once more does it.
    Confirm,
    Go(usize),
    Leave,
}

/// What a file looked like.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// A learner's way through the exercises that were asked for.
struct Session<'c> {
    bank: Bank<'c>,
    exercises: Vec<&'c Exercise>,
    progress: Progress,
    seed: u64,
    /// Index of the exercise that is being worked on.
    current: usize,
    report: Option<ExerciseReport>,
    /// What its file looked like when it was graded.
    seen: Stamp,
    /// Said below the report, until the next key.
    note: String,
}

/// Runs until the learner leaves, or once where nobody can press a key.
///
/// # Errors
/// The course's own files are broken, the disk is full.
pub fn learn<'c>(
    bank: Bank<'c>,
    exercises: Vec<&'c Exercise>,
    progress: Progress,
    seed: u64,
) -> Result<()> {
    let (report, seen, note) = (None, None, String::new());
    let mut session = Session { bank, exercises, progress, seed, current: 0, report, seen, note };
    session.catch_up()?;
    // Keys come in, the picture goes out.
    match std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        true => session.watch(),
        false => session.once(),
    }
}

impl<'c> Session<'c> {
    fn exercise(&self) -> &'c Exercise {
        self.exercises[self.current]
    }

    fn has_passed(&self, exercise: &Exercise) -> bool {
        self.progress.standing(self.bank.course, exercise) == Standing::Passed
    }

    /// The next exercise that is not known to be right, at or after an index, or from the beginning.
    fn next_open(&self, from: usize) -> Option<usize> {
        let count = self.exercises.len();
        (from..from + count).map(|k| k % count).find(|&k| !self.has_passed(self.exercises[k]))
    }

    /// Files that were changed since, or before the first time: graded, so that learn goes on
    /// where the learner is.
    fn catch_up(&mut self) -> Result<()> {
        let (bank, seed) = (self.bank, self.seed);
        let is_begun = |e: &&&Exercise| self.progress.standing(bank.course, e) == Standing::Begun;
        let begun: Vec<&Exercise> = self.exercises.iter().filter(is_begun).copied().collect();
        if begun.len() > 1 {
            say!("Grading {} files ...", begun.len());
        }
        for report in parallel::map(&begun, |e| grade_own(bank, e, seed, &self.progress)) {
            report?;
        }
        self.current = self.next_open(0).unwrap_or(0);
        Ok(())
    }

    fn grade(&mut self) -> Result<()> {
        let started = Instant::now();
        let exercise = self.exercise();
        self.seen = stamp(&self.bank.course.file("src", exercise));
        let report = grade_own(self.bank, exercise, self.seed, &self.progress)?;
        let took = started.elapsed().as_secs_f64();
        self.note = match report.status {
            Status::NotStarted => String::new(),
            _ => format!("graded in {took:.1} s, seed {}", self.seed),
        };
        self.report = Some(report);
        Ok(())
    }

    /// Grades, and goes on whatever happens: the terminal is not to be left in the middle.
    fn grade_and_draw(&mut self) {
        if let Err(error) = self.grade() {
            self.report = None;
            self.note = style(format!("error: {error:#}")).red().to_string();
        }
        self.draw();
    }

    /// The exercise, what came of it, and where the learner is.
    fn picture(&self) -> String {
        let exercise = self.exercise();
        let sum = |list: &[&Exercise]| list.iter().map(|e| e.points).fold(0.0, |a, b| a + b);
        let passed: Vec<&Exercise> =
            self.exercises.iter().filter(|e| self.has_passed(e)).copied().collect();
        let (done, of) = (sum(&passed), sum(&self.exercises));
        let mut text = format!(
            "[{}] {} of {} exercises, {} of {} points\n\n",
            screen::bar(done, of, 30),
            passed.len(),
            self.exercises.len(),
            screen::points(done),
            screen::points(of),
        );
        text += &format!(
            "{}: {}\nexercises/src/{}/{}.rs   {} points, about {} minutes\n\n",
            style(&exercise.id).bold(),
            exercise.title,
            exercise.lesson,
            exercise.id,
            screen::points(exercise.points),
            exercise.minutes,
        );
        match &self.report {
            Some(report) if report.status == Status::NotStarted => {
                text += "Read the task at the top of the file, replace `todo!()`, and save.\n";
            }
            Some(report) => text += &screen::exercise(report),
            None => {}
        }
        if self.report.as_ref().is_some_and(|report| report.status == Status::Passed) {
            text += &match self.next_open(0) {
                None => self.celebration(),
                Some(_) => {
                    let said = "Right. Press n for the next one, s for how the course writes it.";
                    format!("\n{}\n", style(said).green())
                }
            };
        }
        text
    }

    fn celebration(&self) -> String {
        let points: f64 = self.exercises.iter().map(|exercise| exercise.points).sum();
        let minutes = self.exercises.iter().map(|exercise| exercise.minutes).sum();
        let rest = self.bank.course.exercises.len() - self.exercises.len();
        let more = match rest {
            0 => "You have written every part of the course by hand.".to_owned(),
            rest => format!("{rest} more are waiting: `cargo xtask learn` has them all."),
        };
        let line = "*".repeat(72);
        let said = format!(
            "\n{line}\n  That was the last one: {} exercises, {} points, reckoned at {}.\n  {more}\n  \
             Well done!\n{line}\n",
            self.exercises.len(),
            screen::points(points),
            screen::hours(minutes),
        );
        style(said).green().to_string()
    }

    /// Without a terminal: says where the learner is, and ends.
    fn once(mut self) -> Result<()> {
        if self.next_open(0).is_none() {
            say!("{}", self.celebration());
            return Ok(());
        }
        self.grade()?;
        say!("{}", self.picture());
        let id = &self.exercise().id;
        say!("There is no terminal here to watch from. `cargo xtask hint {id}` helps.");
        Ok(())
    }

    fn draw(&self) {
        _ = Term::stdout().clear_screen();
        say!("{}", self.picture());
        if !self.note.is_empty() {
            say!("{}\n", self.note);
        }
        let keys = "h hint   l list   n next   p previous   r reset   s solution   q quit";
        say!("{}", style(keys).dim());
    }

    fn watch(mut self) -> Result<()> {
        let keys = Keys::listen();
        while let Some(index) = self.work(&keys) {
            self.current = index;
        }
        let passed = self.exercises.iter().filter(|e| self.has_passed(e)).count();
        let all = self.exercises.len();
        say!("{passed} of {all} passed. `cargo xtask learn` goes on from here.");
        Ok(())
    }

    /// Stays with the current exercise; the next one's index, or none to leave.
    fn work(&mut self, keys: &Keys) -> Option<usize> {
        let (bank, exercise) = (self.bank, self.exercise());
        let path = bank.course.file("src", exercise);
        self.grade_and_draw();
        let is_fresh = |report: &ExerciseReport| report.status == Status::NotStarted;
        thread::scope(|scope| {
            if self.report.as_ref().is_some_and(is_fresh) {
                // What grading needs is built while the learner reads. What is broken there is said
                // when it is needed.
                scope.spawn(|| _ = bank.prepare(exercise));
            }
            let mut may_confirm = false;
            loop {
                match keys.pressed.recv_timeout(PAUSE) {
                    Ok(key) => {
                        let next = self.on_key(key, may_confirm).unwrap_or_else(|error| {
                            self.note = style(format!("error: {error:#}")).red().to_string();
                            Next::Stay
                        });
                        may_confirm = matches!(next, Next::Confirm);
                        // The key thread may read again, unless the program is about to end.
                        match next {
                            Next::Leave => return None,
                            Next::Go(index) => {
                                _ = keys.go_on.send(());
                                return Some(index);
                            }
                            Next::Stay | Next::Confirm => _ = keys.go_on.send(()),
                        }
                        self.draw();
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        if stamp(&path) != self.seen {
                            say!("{}", style("grading ...").dim());
                            self.grade_and_draw();
                        }
                    }
                    // The terminal is gone.
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
        })
    }

    fn on_key(&mut self, key: Key, may_confirm: bool) -> Result<Next> {
        let (course, exercise) = (self.bank.course, self.exercise());
        let count = self.exercises.len();
        self.note.clear();
        match key {
            Key::Char('q') | Key::Escape | Key::CtrlC => return Ok(Next::Leave),
            Key::Char('n') | Key::Enter => match self.next_open(self.current + 1) {
                Some(index) => return Ok(Next::Go(index)),
                None => self.note = "There is no other one left to solve.".into(),
            },
            Key::Char('p') => return Ok(Next::Go((self.current + count - 1) % count)),
            Key::Char('h') => {
                let (number, hint) = self.progress.next_hint(exercise);
                let of = exercise.hints.len();
                self.note = format!("Hint {number} of {of}\n{}", wrapped(hint, 2));
            }
            Key::Char('l') => self.note = screen::list(course, &self.progress),
            Key::Char('r') if may_confirm => {
                let kept = reset(course, exercise)?;
                self.grade()?;
                if let Some(kept) = kept {
                    self.note = format!("The stub is back. Yours is kept in {}.", kept.display());
                }
            }
            Key::Char('r') => {
                self.note =
                    "Press r once more to bring the stub back. Your file is kept beside it.".into();
                return Ok(Next::Confirm);
            }
            Key::Char('s') if self.has_passed(exercise) => {
                self.note = read(&course.file("solutions", exercise))
                    .unwrap_or_else(|_| "This copy of the course has no solutions.".into());
            }
            Key::Char('s') => {
                self.note =
                    "The solution is shown when yours is right. Until then: h for a hint.".into();
            }
            _ => {}
        }
        Ok(Next::Stay)
    }
}

/// Grades the learner's own file, and records whether it passed.
///
/// # Errors
/// As for [`grade_file`].
pub fn grade_own(
    bank: Bank,
    exercise: &Exercise,
    seed: u64,
    progress: &Progress,
) -> Result<ExerciseReport> {
    let slot = format!("student/{}/{}", exercise.lesson, exercise.id);
    let version = version(bank.course, exercise);
    let report = grade_file(bank, exercise, &bank.course.file("src", exercise), &slot, seed)?;
    progress.record(exercise, version, report.status == Status::Passed);
    Ok(report)
}
