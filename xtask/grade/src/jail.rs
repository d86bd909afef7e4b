//! Where code of strangers is compiled and run: shut in by `xtask-sandbox`, or, on a machine that
//! cannot do that, with a deadline only, and then every report says so.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use xtask_sandbox::{Isolation, Policy, wrap};

/// A place for code that nobody vouches for.
#[derive(Debug, Clone)]
pub struct Jail {
    /// The program that shuts itself in and becomes another.
    own: PathBuf,
    /// Why nothing is shut in; none where all is.
    lack: Option<String>,
    /// How long the compiler may take for one program.
    pub patience: Duration,
}

impl Jail {
    /// Tries what this machine can do. `own` is a program that begins with `xtask_sandbox::trampoline`.
    pub fn open(own: &Path) -> Self {
        let lack = match xtask_sandbox::isolation(own) {
            Isolation::Full => None,
            Isolation::Degraded(reason) => Some(reason),
        };
        Self { own: own.to_owned(), lack, patience: Duration::from_secs(30) }
    }

    /// A place without walls, for the reason given.
    pub fn degraded(reason: &str) -> Self {
        let lack = Some(reason.to_owned());
        Self { own: PathBuf::new(), lack, patience: Duration::from_secs(30) }
    }

    /// Why nothing is shut in; none where all is.
    pub fn lack(&self) -> Option<&str> {
        self.lack.as_deref()
    }

    /// `full` or `degraded`, as reports call it.
    pub fn isolation(&self) -> &'static str {
        if self.lack.is_some() { "degraded" } else { "full" }
    }

    /// A learner's program: it computes and answers, and nothing else.
    pub fn program(&self, program: &Path) -> Command {
        match self.lack {
            None => wrap(&self.own, &Policy::run(), program),
            Some(_) => {
                let mut command = Command::new(program);
                command.env_clear();
                command
            }
        }
    }

    /// Our own program, reading what a learner wrote; `argument` tells it so.
    pub fn reader(&self, argument: &str) -> Command {
        let own = match self.lack {
            None => self.own.clone(),
            Some(_) => std::env::current_exe().unwrap_or_default(),
        };
        let mut command = self.program(&own);
        command.arg(argument);
        command
    }

    /// The compiler: it reads the toolchain and `reads`, writes to `folder`, and sees nothing else.
    pub fn compiler(&self, rustc: &Path, reads: &[&Path], folder: &Path) -> Command {
        let mut command = match self.lack {
            None => {
                let mut policy = Policy::compile().writing(folder);
                // A small crate takes a second and 0.4 GB; the rest is for those who try.
                policy.limits.memory = 3 << 30;
                policy.limits.cpu_seconds = 2 * self.patience.as_secs();
                policy.limits.file = 256 << 20;
                for path in reads {
                    policy = policy.reading(path);
                }
                let mut command = wrap(&self.own, &policy, rustc);
                command.env("PATH", "/usr/bin:/bin");
                command
            }
            // Elsewhere linkers are found by a whole environment.
            Some(_) => Command::new(rustc),
        };
        command.current_dir(folder).env("TMPDIR", folder).env_remove("RUSTC_BOOTSTRAP");
        command
    }
}
