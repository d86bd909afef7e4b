//! The course's own files, for those who get a copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Folders that are no part of the course where git cannot be asked.
const MADE: [&str; 4] = ["target", "out", "cache", ".git"];

/// All files below the workspace but for what begins as in `left_out`: relative paths with `/`, sorted, and where each
/// is copied from. For an exercise that is its stub: whatever stands in `src/` stays at home.
///
/// # Errors
/// A folder that cannot be read.
pub fn all(workspace: &Path, left_out: &[&str]) -> Result<Vec<(String, PathBuf)>> {
    let mut files = known(workspace)?;
    files.retain(|path| !left_out.iter().any(|out| path.starts_with(out)));
    ensure!(files.iter().any(|path| path == "Cargo.lock"), "there is no Cargo.lock here");
    files.sort();
    let from = |path: &str| match path.strip_prefix("exercises/src/") {
        Some(rest) if rest.contains('/') => workspace.join("exercises/stubs").join(rest),
        _ => workspace.join(path),
    };
    let files = files.into_iter().map(|path| {
        let from = from(&path);
        (path, from)
    });
    // Not: known to git, but not there any more; a learner's own further file, without a stub.
    Ok(files.filter(|(_, from)| from.is_file()).collect())
}

/// What git knows, or, without git, all but what is made by building.
fn known(workspace: &Path) -> Result<Vec<String>> {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(workspace).output();
    match git {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let text = String::from_utf8_lossy(&output.stdout);
            Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
        }
        _ => walked(workspace),
    }
}

fn walked(root: &Path) -> Result<Vec<String>> {
    let (mut files, mut open) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root.join(&folder)).with_context(|| folder.clone())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() && !MADE.contains(&name.as_str()) {
                open.push(path);
            } else if kind.is_file() {
                files.push(path);
            }
        }
    }
    Ok(files)
}
