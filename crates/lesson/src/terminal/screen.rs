//! Printing to the terminal without panicking on a closed pipe.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::Terminal;
use crate::{Error, Result, interrupt};

/// Where a lesson's text goes. Progress bars go elsewhere (standard error).
#[derive(Clone, Debug)]
pub struct Screen {
    /// What can be shown.
    pub terminal: Terminal,
    quiet: bool,
    /// The text, instead of standard output.
    memory: Option<Arc<Mutex<String>>>,
    /// The first thing that went wrong, a reader that has gone aside.
    failed: Arc<Mutex<Option<std::io::Error>>>,
}

impl Screen {
    /// Standard output; a quiet one shows only what is printed always.
    pub fn stdout(quiet: bool) -> Self {
        Screen { terminal: Terminal::detect(), quiet, memory: None, failed: Arc::default() }
    }

    /// A screen that keeps its text, for tests. Clones share the text.
    pub fn memory(terminal: Terminal, quiet: bool) -> Self {
        Screen { terminal, quiet, memory: Some(Arc::default()), failed: Arc::default() }
    }

    /// The text that a screen made by [`Screen::memory`] was given.
    pub fn text(&self) -> String {
        let text = self.memory.as_ref().map(|m| m.lock().expect("no panic while printing").clone());
        text.unwrap_or_default()
    }

    /// Prints, unless quiet.
    pub fn print(&self, text: &str) {
        if !self.quiet {
            self.print_always(text);
        }
    }

    /// Prints. When the reader has gone (`| head`), a training run is asked to stop, and any other program ends
    /// there, quietly and with success: nobody is left to tell. What else goes wrong, such as a full disk behind
    /// `> file`, does not stop a training; [`Screen::finish`] says it.
    pub fn print_always(&self, text: &str) {
        if let Some(memory) = &self.memory {
            memory.lock().expect("no panic while printing").push_str(text);
            return;
        }
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => interrupt::reader_gone(),
            Err(e) => _ = self.failed.lock().expect("no panic while printing").get_or_insert(e),
        }
    }

    /// Whether everything could be printed.
    ///
    /// # Errors
    /// [`Error::Output`] with the first thing that went wrong.
    pub fn finish(&self) -> Result<()> {
        match self.failed.lock().expect("no panic while printing").take() {
            Some(error) => Err(Error::Output(error)),
            None => Ok(()),
        }
    }
}
