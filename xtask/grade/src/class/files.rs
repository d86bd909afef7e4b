//! The course's own files, for those who get a copy.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Folders that are no part of the course where git cannot be asked.
const MADE: [&str; 4] = ["target", "out", "cache", ".git"];

/// All files below the workspace, by relative paths with `/`, sorted: those that git knows, or, without
/// git, all but what is made by building.
///
/// # Errors
/// A folder that cannot be read.
pub fn all(workspace: &Path) -> Result<Vec<String>> {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(workspace).output();
    let mut files: Vec<String> = match git {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
        }
        _ => walked(workspace)?,
    };
    // Known to git, but not there any more.
    files.retain(|path| workspace.join(path).is_file());
    ensure!(files.iter().any(|path| path == "Cargo.lock"), "there is no Cargo.lock here");
    files.sort();
    Ok(files)
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
