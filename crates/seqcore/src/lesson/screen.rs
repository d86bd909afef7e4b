//! Printing to the terminal without panicking on a closed pipe.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::plot::Terminal;

/// Where a lesson's text goes. Progress bars go elsewhere (standard error).
#[derive(Clone, Debug)]
pub struct Screen {
    /// What can be shown.
    pub terminal: Terminal,
    quiet: bool,
    /// The text, instead of standard output.
    memory: Option<Arc<Mutex<String>>>,
}

impl Screen {
    /// Standard output; a quiet one shows only what is printed always.
    pub fn stdout(quiet: bool) -> Self {
        Screen { terminal: Terminal::detect(), quiet, memory: None }
    }

    /// A screen that keeps its text, for tests. Clones share the text.
    pub fn memory(terminal: Terminal, quiet: bool) -> Self {
        Screen { terminal, quiet, memory: Some(Arc::default()) }
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

    /// Prints. When the reader has gone (`| head`), the program ends there, quietly and with
    /// success: nobody is left to tell, and every file is written whole or not at all.
    pub fn print_always(&self, text: &str) {
        if let Some(memory) = &self.memory {
            memory.lock().expect("no panic while printing").push_str(text);
            return;
        }
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            // A full disk behind `> file` must not stop the training; the report is written apart.
            _ => {}
        }
    }
}
