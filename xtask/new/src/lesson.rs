//! `new lesson NAME`: a package in `crates/` with one part, which runs and is tested.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{Written, filled, is_identifier, write_new};

/// Path, with `{{name}}`, and content.
const FILES: [(&str, &str); 6] = [
    ("crates/{{name}}/Cargo.toml", include_str!("../templates/lesson/manifest.txt")),
    ("crates/{{name}}/src/lib.rs", include_str!("../templates/lesson/lib.txt")),
    ("crates/{{name}}/src/one_unit.rs", include_str!("../templates/lesson/one_unit.txt")),
    ("crates/{{name}}/src/main.rs", include_str!("../templates/lesson/main.txt")),
    ("crates/{{name}}/tests/lesson.rs", include_str!("../templates/lesson/test.txt")),
    ("crates/{{name}}/README.md", include_str!("../templates/lesson/readme.txt")),
];

/// Writes a lesson. The workspace takes whatever lies in `crates/`, so there is nothing to register for
/// cargo.
///
/// # Errors
/// A name that cannot be, or is taken, and what cannot be read or written.
pub fn write(root: &Path, name: &str) -> Result<Written> {
    check(root, name)?;
    let module = name.replace('-', "_");
    let names = [("name", name), ("module", module.as_str())];
    let files = FILES.map(|(path, text)| (filled(path, &names), filled(text, &names)));
    write_new(root, &files)?;
    let next = filled(include_str!("../templates/lesson/next.txt"), &names);
    Ok(Written { files: files.into_iter().map(|(path, _)| path).collect(), next })
}

fn check(root: &Path, name: &str) -> Result<()> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    ensure!(
        name.split('-').all(is_word)
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && is_identifier(&name.replace('-', "_")),
        "{name:?} cannot name a package. Take lower-case words with hyphens between them, beginning with a letter \
         and no word of Rust: gru-seq."
    );
    // A package of this name would stand in the way of the other one.
    let path = root.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: toml::Table =
        toml::from_str(&manifest).with_context(|| path.display().to_string())?;
    let known = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let is_known = known.is_some_and(|known| known.get(name).is_some());
    let is_rusts = ["std", "core", "alloc", "test", "proc-macro"].contains(&name);
    let is_ours = ["exercises", "xtask"].contains(&name);
    ensure!(
        !is_known && !is_rusts && !is_ours,
        "{name:?} is the name of a package that the course uses. Choose another one."
    );
    Ok(())
}
