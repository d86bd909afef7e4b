//! Compares the recurrent layers with PyTorch, fixture by fixture.
//!
//! `cargo run -p seqcore --example torch_parity -- FILE...` prints, per file, the largest error
//! of outputs and of gradients for the reference and the fast engine. The exit code is 1 where
//! an error is above the tolerance and 2 where a file cannot be used.

mod parity;

use std::process::ExitCode;

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("error: name one or more fixtures, such as parity/fixtures/*.safetensors");
        return ExitCode::from(2);
    }
    let mut failed = 0;
    for file in &files {
        let content = std::fs::read(file).map_err(|error| error.to_string());
        let results = content.and_then(|content| parity::check(content).map_err(|e| e.to_string()));
        let results = match results {
            Ok(results) => results,
            Err(error) => {
                eprintln!("error: {file}: {error}");
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
