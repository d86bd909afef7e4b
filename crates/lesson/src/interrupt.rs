//! Asking a run to stop: Ctrl-C, `kill`, a closed terminal, a reader that has gone.
//!
//! The first asks the training loop to save and stop, the second ends at once. Where no training loop
//! listens, the first one ends the program too. A signal that whoever started us had ignored, as `nohup`
//! does with SIGHUP, stays ignored.

use std::sync::Once;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// The exit code of a program that Ctrl-C ended.
const CTRL_C: u8 = 130;
/// ... whose reader has gone, as a shell reports SIGPIPE.
const READER_GONE: u8 = 141;

/// The exit code that was asked for; 0 where nobody asked.
static ASKED: AtomicU8 = AtomicU8::new(0);
static LISTENING: AtomicUsize = AtomicUsize::new(0);
static INSTALL: Once = Once::new();

/// While it lives, a signal asks instead of ending the program.
#[derive(Debug)]
pub struct Listening(());

/// Makes signals ask, until the returned value is dropped.
pub fn listen() -> Listening {
    LISTENING.fetch_add(1, Ordering::SeqCst);
    // Where no handler can be installed, a signal goes on ending the process at once; the regular
    // checkpoints still limit what is lost.
    INSTALL.call_once(install);
    Listening(())
}

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A signal has come that ends programs with this exit code.
fn signalled(code: u8) {
    let again = ASKED.swap(code, Ordering::SeqCst) != 0;
    if again || LISTENING.load(Ordering::SeqCst) == 0 {
        std::process::exit(code.into());
    }
}

/// Whoever read standard output has gone: a training run saves and stops; anything else is of no use to
/// anybody and ends here, quietly.
pub(crate) fn reader_gone() {
    if LISTENING.load(Ordering::SeqCst) == 0 {
        std::process::exit(0);
    }
    ASKED.store(READER_GONE, Ordering::SeqCst);
}

/// How a run that was asked to stop should end; `None` where nobody asked since the first [`listen`].
pub fn asked() -> Option<Asked> {
    match ASKED.load(Ordering::SeqCst) {
        0 => None,
        code => Some(Asked { code }),
    }
}

/// That a run was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The exit code to end with.
    pub code: u8,
}

impl Asked {
    /// Why, as the beginning of a sentence.
    pub fn why(self) -> &'static str {
        match self.code {
            READER_GONE => "The reader of the output has gone. Stopped",
            CTRL_C => "Stopped",
            _ => "Asked to end. Stopped",
        }
    }
}

#[cfg(unix)]
fn install() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&s| s == SIGINT || !is_ignored(s));
    let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    std::thread::spawn(move || {
        // As a shell reports a program that a signal ended.
        signals.forever().for_each(|signal| signalled(128 + signal as u8));
    });
}

/// Whether a signal was ignored when we were started. Only Linux says so without unsafe code.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

#[cfg(not(unix))]
fn install() {
    _ = ctrlc::set_handler(|| signalled(CTRL_C));
}
