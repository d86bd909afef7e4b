//! Does it hold? A process of our own is shut in and tries what must not work.

use std::fs::File;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Policy;

/// Given in place of a program: try to break out.
pub(super) const ASKED: &str = "__probe";

/// Shuts in `own` and lets it try.
pub(crate) fn probe(own: &Path) -> Result<(), String> {
    let out = crate::wrap(own, &Policy::run(), ASKED.as_ref())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", own.display()))?;
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr);
    Err(said.trim().trim_start_matches("sandbox: ").to_owned())
}

/// What must not work. Returns what did.
pub(super) fn attempts() -> Result<(), String> {
    let held = [
        ("files can be read", File::open("/etc/passwd").is_ok()),
        ("files can be written", File::create("/tmp/.xtask-sandbox-probe").is_ok()),
        ("there is a network", UdpSocket::bind("127.0.0.1:0").is_ok()),
        ("processes can be started", Command::new("/proc/self/exe").spawn().is_ok()),
    ];
    match held.iter().find(|(_, broken)| *broken) {
        Some((what, _)) => Err(format!("{what} in spite of all restrictions")),
        None => Ok(()),
    }
}
