//! `cargo xtask book`: the course as a static site.
//!
//! Theory, the lessons' guides, exercises and data sets as pages with search, made by mdBook. Its own way with
//! formulas needs a network at reading time, so they become MathML here ([`maths`]). Pages link to files of the
//! repository; those become pages as well ([`links`]), so that the site stands alone.

mod links;
mod maths;
mod pages;
mod serve;
mod site;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// The course as a static site: theory, lessons' guides, exercises, data sets
#[derive(Debug, Parser)]
#[command(name = "book", bin_name = "cargo xtask book", max_term_width = 80)]
struct Cli {
    /// Folder for the site; what an earlier run wrote there is replaced
    #[arg(long, value_name = "DIR", default_value = "target/book")]
    out: PathBuf,
    /// Open the site in the browser
    #[arg(long)]
    open: bool,
    /// Serve the site on this machine until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// Port for --serve; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 3000, requires = "serve")]
    port: u16,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("below the root");
    let out = std::path::absolute(&cli.out)?;
    let sections = pages::sections(root)?;
    let count = site::build(root, sections, &out)?;
    println!("{count} pages: {}", out.join("index.html").display());
    if cli.serve {
        return serve::serve(&out, cli.port, cli.open);
    }
    if cli.open {
        serve::open(&out.join("index.html").display().to_string())?;
    }
    Ok(())
}
