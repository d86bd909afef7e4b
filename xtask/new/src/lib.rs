//! `cargo xtask new`: the files of a new exercise or lesson.
//!
//! What is written works at once, `selfcheck` and `cargo test` pass, so that an author goes from one
//! working state to the next. The texts are in `templates/`, with `{{id}}` and the like where a name
//! stands. Nothing that exists is overwritten: all paths are looked at before the first is written.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};

pub mod exercise;
pub mod lesson;

/// What was written, and what is left to do.
#[derive(Debug)]
pub struct Written {
    /// Paths below the root, in the order in which an author reads them.
    pub files: Vec<String>,
    /// The next commands, and what has to be registered by hand: whole lines.
    pub next: String,
}

/// A template with names in the place of `{{...}}`.
fn filled(template: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    })
}

/// Whether Rust takes it as the name of a module or a function: not a keyword, for one.
fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

/// Writes new files; if one exists, none.
fn write_new(root: &Path, files: &[(String, String)]) -> Result<()> {
    for (path, _) in files {
        let exists = root.join(path).symlink_metadata().is_ok();
        ensure!(!exists, "{path} exists already, and nothing was written. Choose another name.");
    }
    for (path, text) in files {
        let own = root.join(path);
        let written = own.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let mut file = OpenOptions::new().write(true).create_new(true).open(&own)?;
            file.write_all(text.as_bytes())
        });
        written.with_context(|| format!("cannot write {}", own.display()))?;
    }
    Ok(())
}
