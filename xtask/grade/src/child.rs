//! The parent's side of a child: it asks, waits no longer than it must, and believes nothing.
//!
//! A panic comes back as an answer. A child that dies or hangs costs the call it was asked; the
//! next call finds a new child. What it prints is kept up to [`KEPT`] bytes and thrown away beyond.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kit::Value;
use kit::serve::{self, Answer, MARK};

use crate::jail::Jail;
use crate::process::Group;
use crate::report::Visibility;

/// How much of what a child prints is kept.
pub const KEPT: usize = 16 * 1024;
/// What a program prints last is kept up to so many bytes, to tell how it ended.
const LAST: usize = 4096;
/// The longest answer that is read. Answers are small; comparing and showing a large one takes time.
const LONGEST: u64 = 1024 * 1024;
/// How long a program may take to start. Generous: no call of a learner's waits for it.
const START: Duration = Duration::from_secs(30);
/// How long the last words of a program that has ended are waited for.
const GRACE: Duration = Duration::from_millis(500);
/// After so many hangs a function is not asked any more.
const MOST_HANGS: u32 = 6;

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It returned this.
    Value(Value),
    /// It panicked; message and place.
    Panic(String),
    /// The arguments do not fit: a mistake in the exercise, not in the answer.
    Misfit(String),
    /// No answer in time.
    TimedOut(Duration),
    /// The program ended or sent what is no answer; in words.
    Died(String),
}

impl Outcome {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// Why a question got no answer.
enum Silence {
    /// The time is over.
    Late,
    /// The program's output has ended.
    Ended,
    /// It sent something else; in words.
    Nonsense(String),
}

/// A running program.
struct Session {
    group: Group,
    questions: Sender<Vec<u8>>,
    answers: Receiver<Result<(u64, Answer), String>>,
    /// Keeps what it prints, until it prints no more.
    listener: JoinHandle<()>,
    /// The last that it printed: there the system says why it ended.
    last_words: Arc<Mutex<Vec<u8>>>,
}

impl Session {
    fn start(command: Command, printed: &Arc<Mutex<Vec<u8>>>) -> Result<Self> {
        let program = command.get_program().to_owned();
        let (group, (mut input, output, errors)) =
            Group::start(command).with_context(|| format!("cannot run {}", program.display()))?;
        let (questions, to_ask) = mpsc::channel::<Vec<u8>>();
        thread::spawn(move || {
            while let Ok(question) = to_ask.recv() {
                if input.write_all(&question).and_then(|()| input.flush()).is_err() {
                    return;
                }
            }
        });
        let (heard, answers) = mpsc::channel();
        thread::spawn(move || {
            let mut output = std::io::BufReader::new(output);
            while let Some(answer) = read_answer(&mut output) {
                let is_broken = answer.is_err();
                if heard.send(answer).is_err() || is_broken {
                    return;
                }
            }
        });
        let printed = Arc::clone(printed);
        let last_words: Arc<Mutex<Vec<u8>>> = Arc::default();
        let last = Arc::clone(&last_words);
        let listener = thread::spawn(move || keep_printed(errors, &printed, &last));
        Ok(Self { group, questions, answers, listener, last_words })
    }

    /// Asks, and waits for the answer.
    fn ask(&self, name: &str, arguments: &[Value], patience: Duration) -> Result<Answer, Silence> {
        let nonce = RandomState::new().build_hasher().finish();
        _ = self.questions.send(serve::question(nonce, name, arguments));
        match self.answers.recv_timeout(patience) {
            Ok(Ok((answered, answer))) if answered == nonce => Ok(answer),
            Ok(Ok(_)) => Err(Silence::Nonsense("it answered a question that nobody asked".into())),
            Ok(Err(what)) => Err(Silence::Nonsense(format!("it sent what is no answer: {what}"))),
            Err(RecvTimeoutError::Timeout) => Err(Silence::Late),
            Err(RecvTimeoutError::Disconnected) => Err(Silence::Ended),
        }
    }

    /// Waits until the program is gone and all that it printed is kept: its pipe may close a moment
    /// before. No longer than `patience`, as what it started may hold the pipe.
    fn settle(&mut self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while !(self.group.has_ended() && self.listener.is_finished()) && Instant::now() < deadline
        {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Reads up to the next mark and the answer behind it; none at the end.
fn read_answer(output: &mut impl Read) -> Option<Result<(u64, Answer), String>> {
    let mut seen = [0; MARK.len()];
    while seen != MARK {
        let mut byte = [0];
        output.read_exact(&mut byte).ok()?;
        seen.rotate_left(1);
        seen[MARK.len() - 1] = byte[0];
    }
    let mut length = [0; 8];
    output.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Some(Err(format!("an answer of {length} bytes")));
    }
    let mut body = Vec::new();
    output.take(length).read_to_end(&mut body).ok()?;
    (body.len() as u64 == length).then(|| serve::parse_answer(&body))
}

/// Keeps the first of all that was printed, and the last of this program's.
fn keep_printed(mut errors: impl Read, printed: &Mutex<Vec<u8>>, last: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = errors.read(&mut buffer) {
        let mut printed = printed.lock().expect("nobody panics with it");
        let room = KEPT.saturating_sub(printed.len());
        printed.extend(&buffer[..count.min(room)]);
        let mut last = last.lock().expect("nobody panics with it");
        last.extend(&buffer[..count]);
        let too_many = last.len().saturating_sub(LAST);
        last.drain(..too_many);
    }
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    let bytes = bytes.lock().expect("nobody panics with it");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Calls a program's functions, starting it as often as needed.
pub struct Runner {
    program: PathBuf,
    /// Where it runs; none for the course's own programs.
    jail: Option<Jail>,
    /// One for visible questions, one for hidden ones: what has seen a hidden question could tell it in
    /// its next visible answer.
    sessions: [Option<Session>; 2],
    printed: Arc<Mutex<Vec<u8>>>,
    /// By function: one that hangs says nothing of the others.
    hangs: HashMap<String, u32>,
    /// How long a call may take.
    pub patience: Duration,
}

impl Runner {
    /// Nothing is started before the first call.
    pub fn new(program: &Path) -> Self {
        let (program, printed, hangs) = (program.to_owned(), Arc::default(), HashMap::new());
        let patience = Duration::from_secs(2);
        Self { program, jail: None, sessions: [None, None], printed, hangs, patience }
    }

    /// The same for a program of strangers.
    pub fn shut_in(self, jail: &Jail) -> Self {
        Self { jail: Some(jail.clone()), ..self }
    }

    fn command(&self) -> Command {
        if let Some(jail) = &self.jail {
            return jail.program(&self.program);
        }
        let mut command = Command::new(&self.program);
        command.env_clear();
        command
    }

    /// What it printed so far when it was asked visible questions; lossy, unescaped, capped.
    pub fn printed(&self) -> String {
        text(&self.printed)
    }

    /// Calls a function and waits for its answer.
    ///
    /// # Errors
    /// The program cannot be started, or not in time.
    pub fn call(&mut self, name: &str, arguments: &[Value]) -> Result<Outcome> {
        self.ask(Visibility::Visible, name, arguments)
    }

    /// The same, in a process that is asked either what is visible or what is hidden.
    ///
    /// # Errors
    /// As for [`Self::call`].
    pub fn ask(
        &mut self,
        visibility: Visibility,
        name: &str,
        arguments: &[Value],
    ) -> Result<Outcome> {
        let hangs = self.hangs.get(name).copied().unwrap_or_default();
        if hangs >= MOST_HANGS {
            return Ok(Outcome::TimedOut(self.patience / 4));
        }
        if self.sessions[visibility as usize].is_none() {
            self.sessions[visibility as usize] = Some(self.start(visibility)?);
        }
        let place = &mut self.sessions[visibility as usize];
        let session = place.as_mut().expect("it was just started");
        // After two hangs the others are likely to hang too: a shorter wait, but each has its own.
        let patience = if hangs < 2 { self.patience } else { self.patience / 4 };
        match session.ask(name, arguments, patience) {
            Ok(Answer::Value(value)) => Ok(Outcome::Value(value)),
            Ok(Answer::Panic(message)) => Ok(Outcome::Panic(message)),
            Ok(Answer::Misfit(message)) => Ok(Outcome::Misfit(message)),
            Err(Silence::Nonsense(what)) => {
                *place = None;
                Ok(Outcome::Died(what))
            }
            Err(Silence::Late) => {
                *place = None;
                *self.hangs.entry(name.to_owned()).or_default() += 1;
                Ok(Outcome::TimedOut(patience))
            }
            Err(Silence::Ended) => {
                session.settle(GRACE);
                let status = session.group.end();
                let last_words = text(&session.last_words);
                *place = None;
                Ok(Outcome::Died(how_it_ended(status, &last_words)))
            }
        }
    }

    /// Whether a function hung so often that it is not asked any more.
    pub fn has_given_up(&self, name: &str) -> bool {
        self.hangs.get(name).is_some_and(|&hangs| hangs >= MOST_HANGS)
    }

    /// Starts the program and waits until it answers a first question, about a function that there
    /// is not. Nothing of a learner's has run by then: how long it takes is the machine's doing, and
    /// no call is charged for it.
    fn start(&self, visibility: Visibility) -> Result<Session> {
        let printed = match visibility {
            Visibility::Visible => &self.printed,
            Visibility::Hidden => &Arc::default(), // shown to nobody
        };
        let session = Session::start(self.command(), printed)?;
        // If it has ended instead, the first call will find out how.
        if let Err(Silence::Late) = session.ask("", &[], START) {
            bail!(
                "{} did not start within {} s. Is this machine overloaded? Try again later.",
                self.program.display(),
                START.as_secs()
            );
        }
        Ok(session)
    }
}

fn how_it_ended(status: Option<ExitStatus>, last_words: &str) -> String {
    if last_words.contains("has overflowed its stack") {
        return "the stack overflowed: a recursion that does not end?".into();
    }
    if last_words.contains("memory allocation of ") {
        return "it asked for more memory than there is".into();
    }
    let Some(status) = status else { return "it closed its pipe".into() };
    match status.code() {
        Some(code) => format!("it ended the program with code {code}"),
        None => format!("the program was ended by the system: {status}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_program_are_heard() {
        // They come when the shell is gone.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "(sleep 0.3; echo last words >&2) &"]);
        let printed = Arc::default();
        let mut session = Session::start(command, &printed).unwrap();
        session.settle(Duration::from_secs(60));
        assert_eq!(text(&printed), "last words\n");
        assert_eq!(text(&session.last_words), "last words\n");
    }
}
