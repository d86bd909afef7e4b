//! What a program is allowed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What the program is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// A learner's program: it computes and talks through its streams. One process.
    Run,
    /// The compiler: it also starts its linker.
    Compile,
}

/// What a process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Address space in bytes; threads' stacks count.
    pub memory: u64,
    /// Processor time in seconds, of all threads together.
    pub cpu_seconds: u64,
    /// The size of a file it writes, in bytes.
    pub file: u64,
    /// Files open at once.
    pub open_files: u64,
}

/// What a program is allowed. What is not listed is forbidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What it is there for.
    pub activity: Activity,
    /// Files and folders that it may read, and run programs from.
    pub read: Vec<PathBuf>,
    /// Folders that it may write to and read from.
    pub write: Vec<PathBuf>,
    /// What it may use.
    pub limits: Limits,
}

/// Where a program finds its loader and shared libraries.
const LIBRARIES: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"];
/// What a compiler needs beside its own folders: the linker and what it reads.
const TOOLS: [&str; 4] = ["/bin", "/usr/bin", "/usr/libexec", "/etc/alternatives"];

impl Policy {
    /// For a learner's program: 1 GB, 20 s of processor time, no files but its libraries.
    pub fn run() -> Self {
        Self {
            activity: Activity::Run,
            read: LIBRARIES.map(PathBuf::from).to_vec(),
            write: Vec::new(),
            limits: Limits { memory: 1 << 30, cpu_seconds: 20, file: 1 << 20, open_files: 64 },
        }
    }

    /// For the compiler: 6 GB, two minutes of processor time, the system's linker.
    pub fn compile() -> Self {
        Self {
            activity: Activity::Compile,
            read: LIBRARIES.into_iter().chain(TOOLS).map(PathBuf::from).collect(),
            write: Vec::new(),
            limits: Limits { memory: 6 << 30, cpu_seconds: 120, file: 1 << 30, open_files: 1024 },
        }
    }

    /// The same policy with another file or folder to read.
    pub fn reading(mut self, path: impl AsRef<Path>) -> Self {
        self.read.push(path.as_ref().to_owned());
        self
    }

    /// The same policy with another folder to write to.
    pub fn writing(mut self, path: impl AsRef<Path>) -> Self {
        self.write.push(path.as_ref().to_owned());
        self
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a policy is plain data")
    }
}
