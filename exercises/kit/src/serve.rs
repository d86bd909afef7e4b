//! The child's side: a program that answers calls until its input ends.
//!
//! ```text
//! question   length u64, nonce u64, name (a text), arguments (a tuple)
//! answer     MARK, length u64, nonce u64, tag (0 answer, 1 panic, 2 wrong arguments), a value
//! ```
//!
//! The child knows no expected values, so there is nothing in it to read or to forge. Questions
//! come through standard input and answers leave through standard output; on Unix both are moved
//! aside before the first call, so that what an exercise prints goes to standard error with the rest and
//! never between the frames. Elsewhere the reader looks for [`MARK`].

use std::any::Any;
use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Write};
use std::panic::{self, AssertUnwindSafe, Location};

use crate::{Arguments, Value, Wire, codec};

/// Every answer begins with it.
pub const MARK: [u8; 8] = *b"\x02seqans\x03";

/// What is called: takes the arguments, gives the answer.
pub type Call = fn(Arguments) -> Result<Value, String>;

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It returned.
    Value(Value),
    /// It panicked: the message, with the place.
    Panic(String),
    /// The arguments do not fit the function: a mistake of the exercise's cases.
    Misfit(String),
}

/// A question as bytes.
pub fn question(nonce: u64, name: &str, arguments: &[Value]) -> Vec<u8> {
    let mut body = nonce.to_le_bytes().to_vec();
    codec::write(&Value::Text(name.to_owned()), &mut body);
    codec::write(&Value::Tuple(arguments.to_vec()), &mut body);
    let mut frame = (body.len() as u64).to_le_bytes().to_vec();
    frame.extend(body);
    frame
}

/// An answer from the bytes behind mark and length: nonce and how the call ended.
///
/// # Errors
/// Bytes that are no answer.
pub fn parse_answer(mut bytes: &[u8]) -> Result<(u64, Answer), String> {
    let bytes = &mut bytes;
    let (head, rest) = bytes.split_first_chunk::<9>().ok_or("the answer is too short")?;
    *bytes = rest;
    let nonce = u64::from_le_bytes(head[..8].try_into().expect("eight bytes"));
    let value = codec::read(bytes)?;
    match (head[8], value) {
        (0, value) => Ok((nonce, Answer::Value(value))),
        (1, Value::Text(message)) => Ok((nonce, Answer::Panic(message))),
        (2, Value::Text(message)) => Ok((nonce, Answer::Misfit(message))),
        _ => Err("the answer is of no known kind".into()),
    }
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic")
}

fn remember(info: &panic::PanicHookInfo) {
    // A place in somebody else's file tells a learner nothing.
    let is_own = |at: &&Location| at.file().starts_with("exercises");
    let place = info.location().filter(is_own).map_or(String::new(), |at| format!(" ({at})"));
    PANIC.set(format!("{}{place}", message(info.payload())));
}

fn answer(table: &[(&str, Call)], name: &str, arguments: Value) -> Answer {
    let found = table.iter().find(|entry| entry.0 == name);
    let Some((_, call)) = found else { return Answer::Misfit(format!("there is no {name}")) };
    let result = panic::catch_unwind(AssertUnwindSafe(|| call(Arguments::new(arguments)?)));
    match result {
        Ok(Ok(value)) => Answer::Value(value),
        Ok(Err(misfit)) => Answer::Misfit(misfit),
        Err(payload) => {
            let text = PANIC.take();
            // The payload's own drop may panic; it is not worth a crash.
            std::mem::forget(payload);
            Answer::Panic(text)
        }
    }
}

fn read_question(input: &mut impl Read) -> Option<(u64, String, Value)> {
    let mut length = [0; 8];
    input.read_exact(&mut length).ok()?;
    let mut body = vec![0; u64::from_le_bytes(length) as usize];
    input.read_exact(&mut body).ok()?;
    let (nonce, mut rest) = body.split_first_chunk::<8>()?;
    let rest = &mut rest;
    let name = String::decode(codec::read(rest).ok()?).ok()?;
    Some((u64::from_le_bytes(*nonce), name, codec::read(rest).ok()?))
}

fn write_answer(output: &mut impl Write, nonce: u64, answer: &Answer) -> std::io::Result<()> {
    let mut body = nonce.to_le_bytes().to_vec();
    let text;
    let (tag, value) = match answer {
        Answer::Value(value) => (0, value),
        Answer::Panic(message) => (1, {
            text = Value::Text(message.clone());
            &text
        }),
        Answer::Misfit(message) => (2, {
            text = Value::Text(message.clone());
            &text
        }),
    };
    body.push(tag);
    codec::write(value, &mut body);
    let mut frame = MARK.to_vec();
    frame.extend((body.len() as u64).to_le_bytes());
    frame.extend(body);
    output.write_all(&frame)?;
    output.flush()
}

/// Answers calls of the functions in the table until the input ends. This is all of a child's `main`.
pub fn serve(table: &[(&str, Call)]) {
    panic::set_hook(Box::new(remember));
    let Some((mut input, mut output)) = private_pipes() else { return };
    while let Some((nonce, name, arguments)) = read_question(&mut input) {
        let answer = answer(table, &name, arguments);
        if write_answer(&mut output, nonce, &answer).is_err() {
            return;
        }
    }
}

#[cfg(unix)]
fn private_pipes() -> Option<(File, File)> {
    use std::os::fd::AsFd;
    let input = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
    let output = std::io::stdout().as_fd().try_clone_to_owned().ok()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null").ok()?).ok()?;
    rustix::stdio::dup2_stdout(std::io::stderr().as_fd()).ok()?;
    Some((input.into(), output.into()))
}

#[cfg(windows)]
fn private_pipes() -> Option<(File, File)> {
    use std::os::windows::io::AsHandle;
    let input = std::io::stdin().as_handle().try_clone_to_owned().ok()?;
    let output = std::io::stdout().as_handle().try_clone_to_owned().ok()?;
    Some((input.into(), output.into()))
}
