//! `--fetch`: the command that a user would type, run for them.
//!
//! Downloading needs a TLS library and more, which no lesson should have to build. It stays in
//! `xtask/data`; a lesson runs `cargo xtask data fetch ID` in the course's folder, with its
//! progress on the same terminal. What has arrived is checked there, and looked up here anew.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{CACHE_VARIABLE, Catalogue, DataSet};
use crate::{Error, Result};

/// Fetches a set into the catalogue's cache.
pub(super) fn fetch(catalogue: &Catalogue, set: &DataSet) -> Result<()> {
    // `cargo run` names itself; a binary started without it relies on the PATH.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let course = catalogue.folder().parent().unwrap_or(Path::new("."));
    run(cargo, course, catalogue.cache(), &set.id)
}

fn run(cargo: OsString, course: &Path, cache: &Path, id: &str) -> Result<()> {
    let what = format!("cargo xtask data fetch {id}");
    if !course.join("xtask").exists() {
        return Err(Error::config(format!(
            "--fetch runs `{what}`, but the course's source is not at {}. Run that command in the course's folder.",
            course.display()
        )));
    }
    let mut command = Command::new(cargo);
    command.args(["xtask", "data", "fetch", id]).current_dir(course).stdin(Stdio::null());
    // The command runs in another folder: a cache that was named relative to ours stays ours.
    let cache = std::path::absolute(cache).map_err(|source| Error::read(cache, source))?;
    command.env(CACHE_VARIABLE, cache);
    // What it says is progress, and ours is the output.
    command.stdout(Stdio::from(io::stderr()));
    let status = command.status().map_err(|error| {
        Error::config(format!(
            "--fetch cannot run cargo ({error}). Where cargo is installed, run `{what}`, then this again."
        ))
    })?;
    match status.code() {
        Some(0) => Ok(()),
        // A signal leaves no code; 130 is what a shell gives for Ctrl-C.
        None | Some(130) => Err(Error::Interrupted {
            what: format!(
                "`{what}` was interrupted. What has arrived is kept; the next run goes on from there."
            ),
            code: 130,
        }),
        Some(_) => Err(Error::config(format!("`{what}` failed; what it says above tells why."))),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Runs a script in place of cargo: `sh xtask data fetch imdb`, where `xtask` is the script.
    fn with_script(script: &str) -> (Result<()>, String) {
        let folder = tempfile::tempdir().unwrap();
        let course = folder.path().join("course");
        std::fs::create_dir(&course).unwrap();
        std::fs::write(course.join("xtask"), script).unwrap();
        let done = run("sh".into(), &course, &folder.path().join("cache"), "imdb");
        (done, std::fs::read_to_string(folder.path().join("said")).unwrap_or_default())
    }

    #[test]
    fn the_command_is_the_one_that_a_user_would_type() {
        let script = r#"echo "$0 $*; $(basename "$PWD"); $(basename "$SEQ_DATA_DIR")" > ../said"#;
        let (done, said) = with_script(script);
        done.unwrap();
        assert_eq!(said, "xtask data fetch imdb; course; cache\n");
    }

    #[test]
    fn what_went_wrong_is_said() {
        let message = |script| with_script(script).0.unwrap_err().to_string();
        assert_eq!(
            message("exit 2"),
            "`cargo xtask data fetch imdb` failed; what it says above tells why."
        );
        // KILL, since a shell in the background has INT ignored; what a shell makes of INT is 130.
        for interruption in ["kill -KILL $$", "exit 130"] {
            assert!(matches!(with_script(interruption).0, Err(Error::Interrupted { .. })));
        }
        let nowhere = tempfile::tempdir().unwrap();
        let error = run("cargo".into(), nowhere.path(), nowhere.path(), "imdb").unwrap_err();
        assert!(error.to_string().contains("the course's source is not at"), "{error}");
        std::fs::create_dir(nowhere.path().join("xtask")).unwrap();
        let cargo = nowhere.path().join("cargo").into();
        let error = run(cargo, nowhere.path(), nowhere.path(), "imdb").unwrap_err().to_string();
        assert!(error.contains("cannot run cargo") && error.contains("fetch imdb`"), "{error}");
    }
}
