//! Reading a learner's file before anything is built of it.
//!
//! A parser recurses, and a file can be nested until the stack is full. So the reading is done by this
//! program once more, shut in like a learner's: text in, findings out, a line each. If it dies, that is
//! the finding.

use std::io::{BufRead, Write};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{refuse, similar, tokens};
use crate::interface::{Draft, Interface};
use crate::jail::Jail;
use crate::process::finish;

/// The argument that tells this program to read files, and nothing else.
pub const ASKED: &str = "__inspect";

/// A learner's file and the stub it began as.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// What the learner wrote.
    pub source: String,
    /// What the learner was given.
    pub stub: String,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    /// An exercise's, so far.
    Read(Draft),
    /// It contains what no exercise needs; with line and reason.
    Refused(String),
    /// Reading it came to no end; why.
    Unread(String),
}

/// What reading a file gave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inspection {
    /// What it is.
    pub finding: Finding,
    /// What is compared between learners.
    pub ngrams: Vec<u32>,
}

fn inspect(question: &Question) -> Inspection {
    let Question { source, stub } = question;
    let Some(tokens) = tokens::tokens(source) else {
        return Inspection { finding: Finding::Read(Draft::NoRust), ngrams: Vec::new() };
    };
    let ngrams = similar::ngrams(&tokens, &tokens::tokens(stub).unwrap_or_default());
    let finding = match (refuse::refusal(&tokens), Interface::parse(stub)) {
        (Some(reason), _) => Finding::Refused(reason),
        (None, Ok(stub)) => Finding::Read(stub.draft(source)),
        (None, Err(_)) => Finding::Read(Draft::NoRust),
    };
    Inspection { finding, ngrams }
}

/// Answers questions, a line each, until the input ends: all that the program does when asked so.
pub fn serve() {
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        let Ok(question) = serde_json::from_str(&line) else { return };
        let answer = serde_json::to_string(&inspect(&question)).expect("it is plain data");
        if writeln!(out, "{answer}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// Reads files in a program of its own. One that ends it stays unread, and the others are read.
///
/// # Errors
/// That program cannot be started at all.
pub fn inspect_all(jail: &Jail, questions: &[Question]) -> Result<Vec<Inspection>> {
    let mut done: Vec<Inspection> = Vec::new();
    while done.len() < questions.len() {
        let rest = &questions[done.len()..];
        let lines: Vec<_> = rest.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let input = (lines.join("\n") + "\n").into_bytes();
        let finished =
            finish(jail.reader(ASKED), input, std::time::Duration::from_secs(20), 64 << 20)?;
        let text = String::from_utf8_lossy(&finished.stdout);
        let answers = text.lines().map_while(|line| serde_json::from_str(line).ok());
        done.extend(answers.take(rest.len()));
        if done.len() < questions.len() {
            let reason = match finished.status {
                Some(_) => "it cannot be read: it is nested too deeply",
                None => "it cannot be read in time",
            };
            done.push(Inspection { finding: Finding::Unread(reason.into()), ngrams: Vec::new() });
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(source: &str) -> Finding {
        let stub = "pub fn f(x: f64) -> f64 { todo!() }".to_owned();
        inspect(&Question { source: source.to_owned(), stub }).finding
    }

    #[test]
    fn files_are_what_they_are() {
        assert_eq!(finding("pub fn f(x: f64) -> f64 { x }"), Finding::Read(Draft::Begun));
        assert_eq!(finding("pub fn f(x: f64) -> f64 { x"), Finding::Read(Draft::NoRust));
        assert!(matches!(finding("pub fn f(x: f64) -> f64 { unsafe { x } }"), Finding::Refused(_)));
    }
}
