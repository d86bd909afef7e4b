//! Building a child: rustc, straight, against `ndarray` and `kit` that cargo built once.
//!
//! Nothing but these two crates is named to rustc, so an exercise cannot see anything else. A
//! program is kept until its text, the crates or the compiler change.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::glue::{self, Unit};

/// An error of the compiler in a file of an exercise.
#[derive(Debug, Clone)]
pub struct CompileError {
    /// The file, as in [`Unit::path`]; none where the glue around it failed.
    pub file: Option<String>,
    /// As rustc prints it, without colours.
    pub rendered: String,
}

/// What came of building a program.
#[derive(Debug, Clone)]
pub enum Built {
    /// The program.
    Ready(PathBuf),
    /// The compiler's errors, in its order.
    Broken(Vec<CompileError>),
}

/// The compiler and the crates that exercises are built against.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Toolchain {
    /// `rustc -vV`.
    version: String,
    /// Name and path of each `--extern`, with the time it was written.
    crates: Vec<(String, PathBuf, u64)>,
}

/// Builds programs into a folder of their own.
#[derive(Debug)]
pub struct Workshop {
    /// Below cargo's target folder.
    folder: PathBuf,
    /// The workspace, where cargo is asked for the crates.
    workspace: PathBuf,
    toolchain: OnceLock<Toolchain>,
    version: OnceLock<String>,
    /// One builder at a time in each slot: who comes second finds the first one's program.
    slots: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

fn modified(path: &Path) -> Option<u64> {
    let time = fs::metadata(path).ok()?.modified().ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_nanos() as u64)
}

fn program(variable: &str, otherwise: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| otherwise.into())
}

impl Workshop {
    /// Builds into `folder`, with the crates of `workspace`.
    pub fn new(workspace: &Path, folder: &Path) -> Self {
        let (workspace, folder) = (workspace.to_owned(), folder.to_owned());
        let (toolchain, version) = (OnceLock::new(), OnceLock::new());
        Self { folder, workspace, toolchain, version, slots: Mutex::default() }
    }

    /// Where programs are kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The first line of `rustc -vV`.
    pub fn rustc(&self) -> String {
        self.version().lines().next().unwrap_or("rustc, unknown").to_owned()
    }

    fn version(&self) -> &str {
        self.version.get_or_init(|| {
            let output = Command::new(program("RUSTC", "rustc"))
                .arg("-vV")
                .current_dir(&self.workspace)
                .output();
            output.map_or(String::new(), |output| String::from_utf8_lossy(&output.stdout).into())
        })
    }

    fn toolchain(&self) -> Result<&Toolchain> {
        if let Some(toolchain) = self.toolchain.get() {
            return Ok(toolchain);
        }
        let found = self.remembered().map_or_else(|| self.ask_cargo(), Ok)?;
        Ok(self.toolchain.get_or_init(|| found))
    }

    /// What cargo said last time, as long as it holds: asking takes a fifth of a second, and waits
    /// where an editor is building.
    fn remembered(&self) -> Option<Toolchain> {
        let text = fs::read_to_string(self.folder.join("toolchain.json")).ok()?;
        let toolchain: Toolchain = serde_json::from_str(&text).ok()?;
        let holds = toolchain.version == self.version()
            && toolchain.crates.iter().all(|(_, path, time)| modified(path) == Some(*time));
        holds.then_some(toolchain)
    }

    fn ask_cargo(&self) -> Result<Toolchain> {
        let output = Command::new(program("CARGO", "cargo"))
            .args(["build", "--quiet", "--package", "kit", "--message-format=json"])
            .current_dir(&self.workspace)
            .output()
            .context("cannot run cargo. Is Rust installed and on the PATH?")?;
        ensure!(
            output.status.success(),
            "cannot build the crate that exercises stand on:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut crates = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Json>(line) else { continue };
            let name = message["target"]["name"].as_str().unwrap_or_default();
            if message["reason"] != "compiler-artifact" || !["kit", "ndarray"].contains(&name) {
                continue;
            }
            for file in message["filenames"].as_array().into_iter().flatten() {
                let path = PathBuf::from(file.as_str().unwrap_or_default());
                if path.extension().is_some_and(|extension| extension == "rlib") {
                    let time = modified(&path).context("cargo names a file that is not there")?;
                    crates.push((name.to_owned(), path, time));
                }
            }
        }
        ensure!(crates.len() == 2, "cargo built kit, but did not say where it lies");
        let toolchain = Toolchain { version: self.version().to_owned(), crates };
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("toolchain.json"), serde_json::to_string(&toolchain)?)?;
        Ok(toolchain)
    }

    /// Builds a program of these files in its slot, unless it is there already.
    ///
    /// # Errors
    /// No compiler, a full disk. That a file does not compile is no error here.
    pub fn build(&self, slot: &str, units: &[Unit]) -> Result<Built> {
        let mut slots = self.slots.lock().expect("no panic holds it");
        let lock = Arc::clone(slots.entry(slot.to_owned()).or_default());
        drop(slots);
        let _alone = lock.lock();
        let folder = self.folder.join(slot);
        let toolchain = self.toolchain()?;
        let main = glue::main_file(units, &folder);
        let key = key(toolchain, &main, units);
        let name = format!("program{}", std::env::consts::EXE_SUFFIX);
        let program = folder.join(&name);
        let key_file = folder.join("key");
        if program.exists() && fs::read_to_string(&key_file).is_ok_and(|old| old == key) {
            return Ok(Built::Ready(program));
        }
        _ = fs::remove_file(&key_file);
        for unit in units {
            let path = folder.join(&unit.path);
            fs::create_dir_all(path.parent().expect("it lies in the folder"))?;
            fs::write(&path, &unit.source)?;
        }
        fs::write(folder.join("main.rs"), main)?;
        // Somebody may be grading in another terminal. With `-o`, rustc would leave what it has half
        // done in the current folder when it is killed.
        let fresh = folder.join(format!("fresh-{}", std::process::id()));
        let errors = self.rustc_run(toolchain, &folder, &fresh)?;
        if errors.is_empty() {
            fs::rename(fresh.join(name), &program).context("cannot replace a program")?;
            fs::write(key_file, key)?;
        }
        _ = fs::remove_dir_all(&fresh);
        Ok(if errors.is_empty() { Built::Ready(program) } else { Built::Broken(errors) })
    }

    fn rustc_run(
        &self,
        toolchain: &Toolchain,
        folder: &Path,
        to: &Path,
    ) -> Result<Vec<CompileError>> {
        let mut rustc = Command::new(program("RUSTC", "rustc"));
        // Quick to build, and with the checks that name an overflow or an index out of bounds.
        rustc
            .current_dir(&self.workspace)
            .args(["--edition=2024", "--crate-name=program", "--crate-type=bin"])
            .args(["--error-format=json", "--cap-lints=allow", "-Copt-level=0", "-Cdebuginfo=0"])
            .args(["-Cstrip=debuginfo", "-Cdebug-assertions=yes"])
            .arg("--remap-path-prefix")
            .arg(prefix(folder, "exercises"))
            .arg("--out-dir")
            .arg(to);
        for (name, path, _) in &toolchain.crates {
            rustc.arg("--extern").arg(prefix(Path::new(name), path));
            if let Some(deps) = path.parent() {
                // Cargo hands out `debug/libkit.rlib`; what it stands on lies in `debug/deps`.
                let deps = if deps.ends_with("deps") { deps.to_owned() } else { deps.join("deps") };
                rustc.arg("-L").arg(prefix(Path::new("dependency"), deps));
            }
        }
        let output = rustc.arg(folder.join("main.rs")).output().context("cannot run rustc")?;
        if output.status.success() {
            return Ok(Vec::new());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<_> = stderr.lines().filter_map(error_from).collect();
        if errors.is_empty() {
            bail!("rustc failed without saying why:\n{stderr}");
        }
        Ok(errors)
    }
}

fn prefix(from: &Path, to: impl AsRef<Path>) -> OsString {
    let mut text = from.as_os_str().to_owned();
    text.push("=");
    text.push(to.as_ref());
    text
}

fn key(toolchain: &Toolchain, main: &str, units: &[Unit]) -> String {
    let mut hash = Sha256::new();
    hash.update(&toolchain.version);
    for (name, path, time) in &toolchain.crates {
        hash.update(name);
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(time.to_le_bytes());
    }
    for text in units.iter().map(|unit| unit.source.as_str()).chain([main]) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A line of `--error-format=json`.
fn error_from(line: &str) -> Option<CompileError> {
    let message: Json = serde_json::from_str(line).ok()?;
    if message["level"] != "error" {
        return None;
    }
    let text = message["message"].as_str()?;
    let spans = message["spans"].as_array()?;
    if spans.is_empty() && text.starts_with("aborting due to") {
        return None;
    }
    let main = spans.iter().find(|span| span["is_primary"] == true);
    let file = main.and_then(|span| span["file_name"].as_str()).map(|file| {
        let file = file.replace('\\', "/");
        file.strip_prefix("exercises/").unwrap_or(&file).to_owned()
    });
    let rendered = message["rendered"].as_str().unwrap_or(text).trim_end().to_owned();
    Some(CompileError { file: file.filter(|file| file != "main.rs"), rendered })
}
