//! `package gradescope`: the zip that Gradescope's autograder is set up from.
//!
//! In it are the course with its solutions, `setup.sh`, which builds the grader once, and
//! `run_autograder`, which grades one submission.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::files;
use crate::bank::Bank;
use crate::recorded;

const SETUP: &str = r#"#!/usr/bin/env bash
# Runs once, when the autograder's image is built.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev
curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
. "$HOME/.cargo/env"
cd /autograder/source/course
cargo build --locked -p xtask-grade -p kit
# The reference programs are built here, not while a learner waits.
./target/debug/xtask-grade grade --submission exercises/solutions > /dev/null
"#;

const RUN: &str = r#"#!/usr/bin/env bash
# Runs once for each submission. The seed is drawn anew and stays in this container.
set -uo pipefail
. "$HOME/.cargo/env"
cd /autograder/source/course
out=$(mktemp -d)
./target/debug/xtask-grade grade --submission /autograder/submission --official ALLOW --out "$out" > "$out.log" 2>&1
# Where some exercises could not be graded it ends with 1, and the others' points are there all the same.
if ! cp "$out/feedback/submission/results.json" /autograder/results/results.json
then
    cat "$out.log"
    echo '{"score": 0, "output": "The grader could not run. Your instructor sees why.", "stdout_visibility": "hidden"}' \
        > /autograder/results/results.json
fi
rm -rf "$out"
"#;

/// What the autograder does not need.
const LEFT_OUT: [&str; 6] = [".ci/", ".github/", "fuzz/", "parity/", "docs/", "theory/"];

/// Writes the zip; the same files give the same bytes.
///
/// # Errors
/// A file that is there already, or cannot be written.
pub fn package(bank: Bank, workspace: &Path, to: &Path, allow_degraded: bool) -> Result<usize> {
    ensure!(
        !recorded::is_handout(bank.course),
        "this is a handout: it has no solutions to grade by"
    );
    ensure!(!to.exists(), "{} is there already", to.display());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Without a time, which would make every zip another.
    let plain = SimpleFileOptions::default().unix_permissions(0o644);
    let allow = if allow_degraded { "--allow-degraded" } else { "" };
    for (name, text) in
        [("setup.sh", SETUP.to_owned()), ("run_autograder", RUN.replace("ALLOW", allow))]
    {
        zip.start_file(name, plain.unix_permissions(0o755))?;
        zip.write_all(text.as_bytes())?;
    }
    let all = files::all(workspace, &LEFT_OUT)?;
    for (path, from) in &all {
        zip.start_file(format!("course/{path}"), plain)?;
        let text = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
        zip.write_all(&text)?;
    }
    let bytes = zip.finish()?.into_inner();
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(2 + all.len())
}
