//! Ctrl-C: the first one asks the training loop to save and stop, the second one ends at once.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static INSTALL: Once = Once::new();

/// Makes Ctrl-C ask instead of kill, from here on. Safe to call more than once.
pub fn listen() {
    INSTALL.call_once(|| {
        let handler = || {
            if ASKED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        // Where no handler can be installed, Ctrl-C goes on ending the process at once; the
        // regular checkpoints still limit what is lost.
        let _ = ctrlc::set_handler(handler);
    });
}

/// Whether Ctrl-C was pressed since [`listen`].
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
