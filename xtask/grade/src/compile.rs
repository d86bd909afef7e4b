//! Building a child: rustc, straight, against `ndarray` and `kit` that cargo built once.
//!
//! Nothing but these two crates is named to rustc, so an exercise cannot see anything else. A
//! program is named by its text, the crates and the compiler, and kept until another one takes its
//! place: graders may run at once, in two terminals. Code of strangers is compiled in a [`Jail`],
//! where the compiler itself can read only the toolchain, copies of the crates, and the program's own
//! folder.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::glue::{self, Unit};
use crate::hash::hash;
use crate::jail::Jail;
use crate::lock;
use crate::process::finish;

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
    /// What the crates were built of; see [`sources`].
    sources: String,
    /// Name and path of each `--extern`, with the time it was written.
    crates: Vec<(String, PathBuf, u64)>,
    /// All that these stand on, as cargo built it.
    library: Vec<PathBuf>,
    /// `rustc --print sysroot`.
    sysroot: PathBuf,
}

/// Builds programs into a folder of their own.
#[derive(Debug)]
pub struct Workshop {
    /// Below cargo's target folder.
    folder: PathBuf,
    /// The workspace, where cargo is asked for the crates.
    workspace: PathBuf,
    /// Where the compiler runs; none for one's own code.
    jail: Option<Jail>,
    toolchain: OnceLock<Toolchain>,
    version: OnceLock<String>,
}

/// The crate's name, and the first part of the names of programs.
const PROGRAM: &str = "program";

/// How long a program stays after it was last asked for, when another one takes its place: somebody may
/// be running it, and start it anew after a crash.
const KEPT: Duration = Duration::from_secs(600);

fn modified(path: &Path) -> Option<u64> {
    let time = fs::metadata(path).ok()?.modified().ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_nanos() as u64)
}

/// What the crates are built of, as a hash: kit's files and the versions of what it stands on.
fn sources(workspace: &Path) -> String {
    let kit = workspace.join("exercises/kit");
    let own = fs::read_dir(kit.join("src")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = own.map(|entry| entry.path()).collect();
    paths.extend([kit.join("Cargo.toml"), workspace.join("Cargo.lock")]);
    paths.sort();
    hash(paths.iter().map(|path| fs::read(path).unwrap_or_default()))
}

fn program(variable: &str, otherwise: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| otherwise.into())
}

impl Workshop {
    /// Builds into `folder`, with the crates of `workspace`.
    pub fn new(workspace: &Path, folder: &Path) -> Self {
        let (workspace, folder) = (workspace.to_owned(), folder.to_owned());
        let (toolchain, version) = (OnceLock::new(), OnceLock::new());
        Self { folder, workspace, jail: None, toolchain, version }
    }

    /// The same for code of strangers: the compiler, and what it builds, are shut in.
    pub fn shut_in(self, jail: Jail) -> Self {
        Self { jail: Some(jail), ..self }
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
            && toolchain.sources == sources(&self.workspace)
            && toolchain.crates.iter().all(|(_, path, time)| modified(path) == Some(*time));
        holds.then_some(toolchain)
    }

    fn ask_cargo(&self) -> Result<Toolchain> {
        // Read before they are built: what changes in the meantime is built next time.
        let sources = sources(&self.workspace);
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
        let (mut crates, mut library) = (Vec::new(), Vec::new());
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Json>(line) else { continue };
            let name = message["target"]["name"].as_str().unwrap_or_default();
            if message["reason"] != "compiler-artifact"
                || message["target"]["kind"][0] == "custom-build"
            {
                continue;
            }
            for file in message["filenames"].as_array().into_iter().flatten() {
                let path = PathBuf::from(file.as_str().unwrap_or_default());
                library.push(path.clone());
                if !["kit", "ndarray"].contains(&name) {
                    continue;
                }
                if path.extension().is_some_and(|extension| extension == "rlib") {
                    let time = modified(&path).context("cargo names a file that is not there")?;
                    crates.push((name.to_owned(), path, time));
                }
            }
        }
        ensure!(crates.len() == 2, "cargo built kit, but did not say where it lies");
        let sysroot = Command::new(program("RUSTC", "rustc"))
            .args(["--print", "sysroot"])
            .current_dir(&self.workspace)
            .output()
            .context("cannot run rustc")?;
        let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
        let version = self.version().to_owned();
        let toolchain = Toolchain { version, sources, crates, library, sysroot };
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("toolchain.json"), serde_json::to_string(&toolchain)?)?;
        Ok(toolchain)
    }

    /// Builds a program of these files in its slot, unless it is there already.
    ///
    /// # Errors
    /// No compiler, a full disk. That a file does not compile is no error here.
    pub fn build(&self, slot: &str, units: &[Unit]) -> Result<Built> {
        let slot = self.folder.join(slot);
        let toolchain = self.toolchain()?;
        let key = key(toolchain, &glue::main_file(units, Path::new("")), units);
        let program = slot.join(format!("{PROGRAM}-{}{EXE_SUFFIX}", &key[..16]));
        fs::create_dir_all(&slot)?;
        // Who comes second finds the first one's program. It saves work, no more.
        let _alone = lock::wait(&slot.join("lock"));
        if let Ok(found) = File::open(&program) {
            _ = found.set_modified(SystemTime::now()); // in use: see `KEPT`
            return Ok(Built::Ready(program));
        }
        // A folder of its own, and a program that appears when it is whole: whoever else builds here
        // reads nothing half written.
        let fresh = tempfile::Builder::new().prefix("fresh-").tempdir_in(&slot)?;
        for unit in units {
            let path = fresh.path().join(&unit.path);
            fs::create_dir_all(path.parent().expect("it lies in the folder"))?;
            fs::write(&path, &unit.source)?;
        }
        fs::write(fresh.path().join("main.rs"), glue::main_file(units, fresh.path()))?;
        let errors = self.rustc_run(toolchain, fresh.path(), units)?;
        if !errors.is_empty() {
            return Ok(Built::Broken(errors));
        }
        let built = fresh.path().join(format!("{PROGRAM}{EXE_SUFFIX}"));
        match fs::rename(built, &program) {
            Err(_) if program.exists() => {} // somebody else was faster, and runs it already
            moved => moved.context("cannot keep a program")?,
        }
        remove_replaced(&slot, &program);
        Ok(Built::Ready(program))
    }

    /// Copies of the crates in a folder that holds nothing else, for the eyes of a compiler that is shut
    /// in: cargo's own folder holds all that was ever built.
    fn copied(&self, toolchain: &Toolchain) -> Result<PathBuf> {
        let folder = self.folder.join("crates");
        fs::create_dir_all(&folder)?;
        for path in &toolchain.library {
            let to = folder.join(path.file_name().unwrap_or_default());
            if modified(&to).is_none_or(|time| Some(time) < modified(path)) {
                // Several threads may be doing this; renaming makes it whole at once.
                let own = folder.join(format!("{:?}.part", std::thread::current().id()));
                fs::copy(path, &own).with_context(|| format!("cannot copy {}", path.display()))?;
                fs::rename(&own, to)?;
            }
        }
        Ok(folder)
    }

    fn rustc_run(
        &self,
        toolchain: &Toolchain,
        folder: &Path,
        units: &[Unit],
    ) -> Result<Vec<CompileError>> {
        let mut patience = Duration::from_secs(300);
        let crates = match &self.jail {
            Some(_) => Some(self.copied(toolchain)?),
            None => None,
        };
        let mut rustc = match (&self.jail, &crates) {
            (Some(jail), Some(crates)) => {
                patience = jail.patience;
                // The compiler itself: what is called rustc may be rustup, which needs to look around.
                let file = format!("bin/rustc{EXE_SUFFIX}");
                jail.compiler(&toolchain.sysroot.join(file), &[&toolchain.sysroot, crates], folder)
            }
            _ => {
                let mut command = Command::new(program("RUSTC", "rustc"));
                command.current_dir(&self.workspace);
                command
            }
        };
        // Quick to build, and with the checks that name an overflow or an index out of bounds.
        rustc
            .args(["--edition=2024", "--crate-name=program", "--crate-type=bin"])
            .args(["--error-format=json", "--cap-lints=allow", "-Copt-level=0", "-Cdebuginfo=0"])
            .args(["-Cstrip=debuginfo", "-Cdebug-assertions=yes"])
            .arg("--remap-path-prefix")
            .arg(prefix(folder, "exercises"))
            .args(["--emit=link,dep-info", "--out-dir"])
            .arg(folder);
        for (name, path, _) in &toolchain.crates {
            let copy =
                crates.as_ref().zip(path.file_name()).map(|(folder, file)| folder.join(file));
            rustc.arg("--extern").arg(prefix(Path::new(name), copy.as_ref().unwrap_or(path)));
            if let Some(deps) = path.parent() {
                // Cargo hands out `debug/libkit.rlib`; what it stands on lies in `debug/deps`.
                let deps = if deps.ends_with("deps") { deps.to_owned() } else { deps.join("deps") };
                let deps = crates.clone().unwrap_or(deps);
                rustc.arg("-L").arg(prefix(Path::new("dependency"), deps));
            }
        }
        rustc.arg(folder.join("main.rs"));
        let output = finish(rustc, Vec::new(), patience, 4 << 20).context("cannot run rustc")?;
        let read = fs::read_to_string(folder.join(format!("{PROGRAM}.d")));
        if output.success() {
            let read = read.context("the compiler did not say what it read")?;
            return Ok(foreign(&read, folder, units).into_iter().collect());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<_> = stderr.lines().filter_map(error_from).collect();
        if !errors.is_empty() {
            return Ok(errors);
        }
        let why = match output.status {
            None => format!(
                "the compiler was stopped after {} s: a constant that is computed without end, or a \
                 macro that grows?",
                patience.as_secs()
            ),
            Some(_) if self.jail.is_some() => {
                "the compiler gave up without an error in words: something is nested too deeply, or takes \
                 more memory than there is"
                    .into()
            }
            Some(status) => bail!("rustc failed ({status}) without saying why:\n{stderr}"),
        };
        Ok(vec![CompileError { file: None, rendered: why }])
    }
}

/// Removes the programs that `program` replaces, but for those of the last minutes. What cannot be
/// removed stays: Windows keeps what is running.
fn remove_replaced(slot: &Path, program: &Path) {
    let is_old = |path: &Path| {
        let used = fs::metadata(path).and_then(|found| found.modified());
        used.is_ok_and(|used| used.elapsed().is_ok_and(|age| age > KEPT))
    };
    for path in fs::read_dir(slot).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(PROGRAM) && path != program && is_old(&path) {
            _ = fs::remove_file(&path);
        }
    }
}

/// What the compiler read, by its own word, other than the program's files.
fn foreign(dep_info: &str, folder: &Path, units: &[Unit]) -> Option<CompileError> {
    let mut own: Vec<PathBuf> = units.iter().map(|unit| folder.join(&unit.path)).collect();
    own.push(folder.join("main.rs"));
    // `file:` for each file, and `# env-dep:NAME` for each variable.
    let foreign = dep_info.lines().find_map(|line| match line.strip_prefix("# env-dep:") {
        Some(name) => Some(format!("the variable {name}")),
        None if line.is_empty() || line.contains(": ") => None,
        None => {
            let path = line.trim_end_matches(':').replace("\\ ", " ");
            (!own.iter().any(|own| *own == *path)).then(|| format!("the file {path}"))
        }
    })?;
    let rendered = format!("compiling it reads {foreign}, which is not part of the exercise");
    Some(CompileError { file: None, rendered })
}

fn prefix(from: &Path, to: impl AsRef<Path>) -> OsString {
    let mut text = from.as_os_str().to_owned();
    text.push("=");
    text.push(to.as_ref());
    text
}

fn key(toolchain: &Toolchain, main: &str, units: &[Unit]) -> String {
    let crates = format!("{} {:?}", toolchain.version, toolchain.crates);
    hash(units.iter().map(|unit| unit.source.as_str()).chain([main, &crates]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_built_anew_when_their_sources_change() {
        let workspace = tempfile::tempdir().unwrap();
        let kit = workspace.path().join("exercises/kit/src");
        fs::create_dir_all(&kit).unwrap();
        let written = |text: &str| {
            fs::write(kit.join("lib.rs"), text).unwrap();
            sources(workspace.path())
        };
        let first = written("first");
        assert_ne!(written("second"), first);
        assert_eq!(written("first"), first);
    }
}
