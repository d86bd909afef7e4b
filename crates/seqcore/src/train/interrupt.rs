//! Ctrl-C: the first one asks the training loop to save and stop, the second one ends at once.
//! Where no training loop listens, the first one ends the program too.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static LISTENING: AtomicUsize = AtomicUsize::new(0);
static INSTALL: Once = Once::new();

/// While it lives, Ctrl-C asks instead of ending the program.
#[derive(Debug)]
pub struct Listening(());

/// Makes Ctrl-C ask, until the returned value is dropped.
pub fn listen() -> Listening {
    LISTENING.fetch_add(1, Ordering::SeqCst);
    INSTALL.call_once(|| {
        let handler = || {
            let again = ASKED.swap(true, Ordering::SeqCst);
            if again || LISTENING.load(Ordering::SeqCst) == 0 {
                std::process::exit(130);
            }
        };
        // Where no handler can be installed, Ctrl-C goes on ending the process at once; the
        // regular checkpoints still limit what is lost.
        let _ = ctrlc::set_handler(handler);
    });
    Listening(())
}

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether Ctrl-C was pressed since the first [`listen`].
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
