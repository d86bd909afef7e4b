//! `learn`: takes the next exercise, waits for a save, grades, says what went wrong.
//!
//! It looks at the file every [`PAUSE`] instead of asking the system to be told: this works on every
//! system, on network folders and with editors that replace a file instead of writing it, and costs
//! one look at one file.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use console::{Key, Term};

use crate::catalogue::{Exercise, read};
use crate::exam::Bank;
use crate::grade::grade_file;
use crate::progress::{Progress, Standing, reset};
use crate::report::{ExerciseReport, Status};
use crate::screen::{self, Style, wrapped};

/// Between two looks at the file.
pub const PAUSE: Duration = Duration::from_millis(100);

/// Keys, one at a time: the next is read when it was said what to do.
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
            while let Ok(key) = terminal.read_key() {
                if press.send(key).is_err() || may_go_on.recv().is_err() {
                    return;
                }
            }
        });
        Self { pressed, go_on }
    }
}

/// A session at the terminal.
struct Session<'c> {
    bank: Bank<'c>,
    progress: Progress,
    seed: u64,
    style: Style,
    /// Index of the exercise that is being worked on.
    current: usize,
    report: Option<ExerciseReport>,
    /// Said below the report, until the next key.
    note: String,
}

/// What a file looked like.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// Grades whatever is not known to be right, until something is not; that exercise's index.
fn next_open(bank: Bank, progress: &Progress, after: usize) -> Option<usize> {
    let all = &bank.course.exercises;
    let is_open = |&k: &usize| progress.standing(bank.course, &all[k]) != Standing::Passed;
    let from = after % all.len().max(1);
    (from..all.len()).chain(0..from).find(is_open)
}

/// Runs until the learner leaves, or once where nobody can press a key.
///
/// # Errors
/// The course's own files are broken, the disk is full.
pub fn learn(bank: Bank, progress: Progress, seed: u64) -> Result<()> {
    let mut session = Session {
        bank,
        progress,
        seed,
        style: Style::detect(),
        current: 0,
        report: None,
        note: String::new(),
    };
    session.catch_up()?;
    // console::Term::stdout() needs both: keys come in, the picture goes out.
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return session.once();
    }
    session.watch()
}

impl Session<'_> {
    fn exercise(&self) -> &Exercise {
        &self.bank.course.exercises[self.current]
    }

    /// Files that were changed since, or before the first time: graded, so that learn goes on
    /// where the learner is.
    fn catch_up(&mut self) -> Result<()> {
        let course = self.bank.course;
        let begun: Vec<usize> = (0..course.exercises.len())
            .filter(|&k| self.progress.standing(course, &course.exercises[k]) == Standing::Begun)
            .collect();
        if begun.len() > 1 {
            println!("Grading {} files ...", begun.len());
        }
        let (bank, seed) = (self.bank, self.seed);
        let reports =
            crate::parallel::map(&begun, |&k| grade_own(bank, &course.exercises[k], seed));
        for (&k, report) in begun.iter().zip(reports) {
            let passed = report?.status == Status::Passed;
            self.progress.record(course, &course.exercises[k], passed);
        }
        self.current = next_open(self.bank, &self.progress, 0).unwrap_or(0);
        Ok(())
    }

    fn is_complete(&self) -> bool {
        next_open(self.bank, &self.progress, 0).is_none()
    }

    fn grade(&mut self) -> Result<()> {
        let started = Instant::now();
        let report = grade_own(self.bank, self.exercise(), self.seed)?;
        let (course, exercise) = (self.bank.course, self.exercise().clone());
        self.progress.record(course, &exercise, report.status == Status::Passed);
        self.note =
            format!("graded in {:.1} s, seed {}", started.elapsed().as_secs_f64(), self.seed);
        self.report = Some(report);
        Ok(())
    }

    /// The exercise, what came of it, and where the learner is.
    fn picture(&self) -> String {
        let (style, exercise) = (self.style, self.exercise());
        let all = &self.bank.course.exercises;
        let is_passed =
            |e: &&Exercise| self.progress.standing(self.bank.course, e) == Standing::Passed;
        let passed: Vec<_> = all.iter().filter(is_passed).collect();
        let sum = |list: &[&Exercise]| {
            list.iter().map(|exercise| exercise.points).fold(0.0, |a, b| a + b)
        };
        let (done, of) = (sum(&passed), sum(&all.iter().collect::<Vec<_>>()));
        let mut text = format!(
            "[{}] {} of {} exercises, {} of {} points\n\n",
            screen::bar(done, of, 30, style),
            passed.len(),
            all.len(),
            screen::points(done),
            screen::points(of),
        );
        let path = format!("exercises/src/{}/{}.rs", exercise.lesson, exercise.id);
        text += &format!(
            "{}: {}\n{path}   {} points, about {} minutes\n\n",
            style.strong(&exercise.id),
            exercise.title,
            screen::points(exercise.points),
            exercise.minutes,
        );
        match &self.report {
            Some(report) if report.status == Status::NotStarted => {
                text += "Read the task at the top of the file, replace `todo!()`, and save.\n";
            }
            Some(report) => text += &screen::exercise(report, style),
            None => {}
        }
        if self.report.as_ref().is_some_and(|report| report.status == Status::Passed) {
            text += &match self.is_complete() {
                true => self.celebration(),
                false => format!(
                    "{}\n",
                    style.good("Right. Press n for the next one, s for how the course writes it.")
                ),
            };
        }
        text
    }

    fn celebration(&self) -> String {
        let all = &self.bank.course.exercises;
        let points: f64 = all.iter().map(|exercise| exercise.points).sum();
        let minutes: u32 = all.iter().map(|exercise| exercise.minutes).sum();
        let line = "*".repeat(64);
        self.style.good(&format!(
            "\n{line}\n  That was the last one. All {} exercises, all {} points: you have\n  written every part of the course \
             by hand, forwards and backwards.\n  We thought that it would take {} hours. Well done.\n{line}\n",
            all.len(),
            screen::points(points),
            minutes.div_ceil(60),
        ))
    }

    /// Without a terminal: says where the learner is, and ends.
    fn once(mut self) -> Result<()> {
        if self.is_complete() {
            println!("{}", self.celebration());
            return Ok(());
        }
        self.grade()?;
        println!("{}", self.picture());
        println!(
            "There is no terminal here to watch from. `cargo xtask hint {}` helps.",
            self.exercise().id
        );
        Ok(())
    }

    fn draw(&self) {
        _ = Term::stdout().clear_screen();
        println!("{}", self.picture());
        if !self.note.is_empty() {
            println!("{}\n", self.note);
        }
        let keys = "h hint   l list   n next   p previous   r reset   s solution   q quit";
        println!("{}", self.style.faint(keys));
    }

    fn watch(mut self) -> Result<()> {
        let keys = Keys::listen();
        loop {
            // What grading needs is built while the learner reads.
            let course = self.bank.course;
            let exercise = course.exercises[self.current].clone();
            let path = course.file("src", &exercise);
            let mut seen = stamp(&path);
            self.grade()?;
            self.draw();
            let bank = self.bank;
            let moved = thread::scope(|scope| -> Result<Option<usize>> {
                if self.report.as_ref().is_some_and(|r| r.status == Status::NotStarted) {
                    // What is broken there is said when it is needed.
                    scope.spawn(|| _ = bank.prepare(&exercise));
                }
                let mut asked_to_reset = false;
                loop {
                    match keys.pressed.recv_timeout(PAUSE) {
                        Ok(key) => {
                            let was_asked = std::mem::take(&mut asked_to_reset);
                            match self.on_key(key, was_asked)? {
                                Next::Leave => return Ok(None),
                                Next::Go(index) => {
                                    _ = keys.go_on.send(());
                                    return Ok(Some(index));
                                }
                                Next::Confirm => asked_to_reset = true,
                                Next::Stay => {}
                            }
                            _ = keys.go_on.send(());
                            self.draw();
                        }
                        Err(mpsc::RecvTimeoutError::Timeout) => {
                            let now = stamp(&path);
                            if now != seen {
                                seen = now;
                                self.grade()?;
                                self.draw();
                            }
                        }
                        // The terminal is gone.
                        Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(None),
                    }
                }
            })?;
            match moved {
                None => return Ok(()),
                Some(index) => self.current = index,
            }
        }
    }

    fn on_key(&mut self, key: Key, was_asked: bool) -> Result<Next> {
        let course = self.bank.course;
        let exercise = self.exercise().clone();
        let count = course.exercises.len();
        self.note.clear();
        match key {
            Key::Char('q') | Key::Escape | Key::CtrlC => return Ok(Next::Leave),
            Key::Char('n') | Key::Enter => {
                match next_open(self.bank, &self.progress, self.current + 1) {
                    Some(index) => return Ok(Next::Go(index)),
                    None => return Ok(Next::Leave),
                }
            }
            Key::Char('p') => return Ok(Next::Go((self.current + count - 1) % count)),
            Key::Char('h') => {
                let (number, hint) = self.progress.next_hint(&exercise);
                self.note =
                    format!("Hint {number} of {}\n{}", exercise.hints.len(), wrapped(hint, 2));
            }
            Key::Char('l') => self.note = screen::list(course, &self.progress, self.style),
            Key::Char('r') if was_asked => {
                let kept = reset(course, &exercise)?;
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
            Key::Char('s') => {
                let passed = self.progress.standing(course, &exercise) == Standing::Passed;
                self.note = match passed {
                    true => read(&course.file("solutions", &exercise))?,
                    false => "The solution is shown when yours is right. Until then: h for a hint."
                        .into(),
                };
            }
            _ => {}
        }
        Ok(Next::Stay)
    }
}

/// What a key leads to.
enum Next {
    Stay,
    Confirm,
    Go(usize),
    Leave,
}

/// Grades the learner's own file.
///
/// # Errors
/// As for [`grade_file`].
pub fn grade_own(bank: Bank, exercise: &Exercise, seed: u64) -> Result<ExerciseReport> {
    let slot = format!("student/{}/{}", exercise.lesson, exercise.id);
    grade_file(bank, exercise, &bank.course.file("src", exercise), &slot, seed)
}
