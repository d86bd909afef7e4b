//! Compares the recurrent layers with PyTorch, fixture by fixture.
//!
//! `cargo run -p seqcore --example torch_parity -- FILE...` prints, per file, the largest error
//! of outputs and of gradients for the reference and the fast engine. The exit code is 1 where
//! an error is above the tolerance and 2 where a file cannot be used.

mod parity;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("error: name one or more fixtures, such as parity/fixtures/*.safetensors");
        return ExitCode::from(2);
    }
    let mut failed = 0;
    for file in &files {
        let results = match parity::check(Path::new(file)) {
            Ok(results) => results,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        };
        println!("{file}");
        for result in results {
            println!("  {result}");
            failed += usize::from(!result.passed());
        }
    }
    println!("{} files, {failed} comparisons failed", files.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
