//! How a binary ends: its exit code and its last sentence.

use std::error::Error as StdError;
use std::io::Write;
use std::process::ExitCode;

use crate::error::Error;

impl AsRef<dyn StdError + Send + Sync> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }
}

/// How a failed run ends.
#[derive(Debug, PartialEq)]
enum End {
    /// The reader of our output has gone.
    Quiet,
    /// Asked to stop: what was saved, and the exit code.
    Interrupted(String, u8),
    /// A mistake: what happened.
    Failed(String),
}

/// Runs a binary's `main`: 0 for success, 2 for an error, which is printed as one sentence with its
/// causes, the code of [`Error::Interrupted`] (130 for Ctrl-C). A closed pipe ends quietly.
///
/// `E` is [`Error`], `anyhow::Error` or `Box<dyn Error + Send + Sync>`; a [`Error`] inside is found.
pub fn run_binary<E>(main: impl FnOnce() -> Result<(), E>) -> ExitCode
where
    E: AsRef<dyn StdError + Send + Sync>,
{
    let Err(error) = main() else { return ExitCode::SUCCESS };
    // Standard error may be closed too; then nothing is left to do.
    let say = |line: String| _ = writeln!(std::io::stderr(), "{line}");
    match end(error.as_ref()) {
        End::Quiet => ExitCode::SUCCESS,
        End::Interrupted(message, code) => {
            say(message);
            ExitCode::from(code)
        }
        End::Failed(message) => {
            say(format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}

fn end(error: &(dyn StdError + 'static)) -> End {
    let chain = || std::iter::successors(Some(error), |&e| e.source());
    for cause in chain() {
        if let Some(Error::Interrupted { what, code }) = cause.downcast_ref() {
            return End::Interrupted(what.clone(), *code);
        }
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
            return End::Quiet;
        }
    }
    // Many errors repeat their cause in their own sentence; it is said once.
    let mut message = String::new();
    for cause in chain().map(|e| e.to_string().trim().replace('\n', " ")) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{}: {cause}", message.trim_end_matches(['.', ':']));
        }
    }
    End::Failed(message)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use anyhow::Context;

    use super::*;

    fn end_of<E: AsRef<dyn StdError + Send + Sync>>(error: E) -> End {
        end(error.as_ref())
    }

    fn missing() -> Error {
        Error::read(Path::new("play.txt"), io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    #[test]
    fn a_cause_is_said_once() {
        let sentence = "cannot read play.txt: no such file. Check the path and its spelling.";
        assert_eq!(end_of(missing()), End::Failed(sentence.into()));
        let wrapped: anyhow::Result<()> = Err(missing()).context("part char-lm");
        let expected = End::Failed(format!("part char-lm: {sentence}"));
        assert_eq!(end_of(wrapped.unwrap_err()), expected);
    }

    #[test]
    fn an_interruption_is_found_through_anyhow_and_boxes() {
        let saved = || Error::Interrupted { what: "Saved in out/x.".into(), code: 130 };
        let expected = || End::Interrupted("Saved in out/x.".into(), 130);
        assert_eq!(end_of(saved()), expected());
        assert_eq!(end_of(anyhow::Error::from(saved())), expected());
        assert_eq!(end_of(anyhow::Error::from(saved()).context("training")), expected());
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(saved());
        assert_eq!(end_of(boxed), expected());
    }

    #[test]
    fn a_closed_pipe_is_quiet() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(end_of(anyhow::Error::from(pipe())), End::Quiet);
        assert_eq!(end_of(Error::write(Path::new("x"), pipe())), End::Quiet);
    }

    #[test]
    fn exit_codes() {
        // `ExitCode` has no comparison; its debug form does.
        let code = |e: Error| format!("{:?}", run_binary(|| Err(e)));
        assert_eq!(code(Error::config("no")), format!("{:?}", ExitCode::from(2)));
        assert_eq!(
            code(Error::Interrupted { what: "x".into(), code: 130 }),
            format!("{:?}", ExitCode::from(130))
        );
        assert_eq!(
            format!("{:?}", run_binary(|| Ok::<(), Error>(()))),
            format!("{:?}", ExitCode::SUCCESS)
        );
    }
}
