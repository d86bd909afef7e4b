//! Runs a program that nobody vouches for.
//!
//! A learner's code is compiled and run by the grader. It may be wrong, and it may be hostile. This
//! package wraps such a [`Command`]: the wrapped program can compute and talk through its standard
//! streams, and that is all.
//!
//! | attempt | what stops it |
//! |---|---|
//! | reading or writing files outside its own folders | Landlock |
//! | the network, UDP too | seccomp: there is no `socket` |
//! | another process | seccomp: `clone` makes threads only |
//! | signals to others, the grader among them | seccomp, and Landlock's scope where the kernel has it |
//! | memory, processor time, large files, core dumps | resource limits |
//! | running longer than the clock allows | whoever called: it ends the process group |
//!
//! **How.** Restrictions must stand before the program's first instruction, and constructors run before
//! its `main`. So the grader starts *itself* ([`trampoline`]), which restricts itself and then
//! becomes the program by `exec`. No root is needed.
//!
//! ```no_run
//! use xtask_sandbox::{Policy, trampoline, wrap};
//!
//! fn main() -> std::io::Result<()> {
//!     trampoline(); // first of all; it returns unless this process is to become another program
//!     let policy = Policy::run();
//!     let own = std::env::current_exe()?;
//!     let status = wrap(&own, &policy, "out/learner".as_ref()).status()?;
//!     println!("{status}");
//!     Ok(())
//! }
//! ```
//!
//! Only Linux has these mechanisms. Elsewhere, and on kernels that lack them, [`isolation`] says
//! [`Isolation::Degraded`] with the reason, and programs run with what limits there are.

#[cfg(target_os = "linux")]
mod linux;
mod policy;

use std::path::Path;
use std::process::Command;

pub use policy::{Activity, Limits, Policy};

/// The first argument that tells a program to become another one.
const ASKED: &str = "__sandboxed";

/// The exit code of a trampoline that could not restrict itself or start the program.
pub const TRAMPOLINE_FAILED: i32 = 97;

/// How well programs are shut in on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// Files, network, processes and resources are all restricted.
    Full,
    /// Something is missing; the sentence says what.
    Degraded(String),
}

/// What this machine can do. Nothing is believed: a process of our own is shut in and tries.
///
/// `own` is a program that calls [`trampoline`] first of all, most often the running one.
pub fn isolation(own: &Path) -> Isolation {
    #[cfg(target_os = "linux")]
    return match linux::probe(own) {
        Ok(()) => Isolation::Full,
        Err(reason) => Isolation::Degraded(reason),
    };
    #[cfg(not(target_os = "linux"))]
    {
        _ = own;
        Isolation::Degraded(format!(
            "{} has no Landlock and no seccomp; only deadlines are kept",
            std::env::consts::OS
        ))
    }
}

/// A command that runs `program` under `policy`. Arguments, streams and folder are for the caller
/// to add; the environment is empty but for what the caller adds.
///
/// The process leads a process group of its own, so that all of it can be ended at once.
///
/// `own` is a program that calls [`trampoline`] first of all, most often the running one.
pub fn wrap(own: &Path, policy: &Policy, program: &Path) -> Command {
    #[cfg(target_os = "linux")]
    let mut command = {
        let mut command = Command::new(own);
        command.arg(ASKED).arg(policy.to_json()).arg(program);
        command
    };
    #[cfg(not(target_os = "linux"))]
    let mut command = {
        _ = (own, policy);
        Command::new(program)
    };
    command.env_clear();
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Becomes another program if the arguments ask for it, and returns otherwise. Call it first of
/// all in `main`: whatever ran before it would run unrestricted, and threads would stay so.
pub fn trampoline() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != ASKED) {
        return;
    }
    #[cfg(target_os = "linux")]
    {
        let reason = linux::become_program(arguments);
        eprintln!("sandbox: {reason}");
    }
    std::process::exit(TRAMPOLINE_FAILED);
}
