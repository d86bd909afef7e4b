//! `cargo xtask figures`: the measured figures of the chapters.
//!
//! Each figure is measured by the course's own code, rounded and kept as JSON in `theory/figures`
//! beside the drawing that is made from it. Measurement and drawing stand side by side in a chapter's file; the
//! chapters repeat each figure's description for readers who do not see it, and a test compares. So a drawing
//! can be checked to the byte, and a measurement, which depends on the machine's rounding, within a
//! stated tolerance ([`data`]).

mod chapter1;
mod chapter2;
mod chapter3;
mod chapter4;
mod chapter5;
mod chapter6;
mod data;
mod spec;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use data::Data;
use spec::{Spec, drawing};

/// All of them, in the order of the chapters.
fn all() -> impl Iterator<Item = &'static Spec> {
    let chapters: [&'static [Spec]; 6] = [
        &chapter1::FIGURES,
        &chapter2::FIGURES,
        &chapter3::FIGURES,
        &chapter4::FIGURES,
        &chapter5::FIGURES,
        &chapter6::FIGURES,
    ];
    chapters.into_iter().flatten()
}

/// The chapters' figures: measure, draw, compare
#[derive(Debug, Parser)]
#[command(name = "figures", bin_name = "cargo xtask figures", max_term_width = 80)]
struct Cli {
    /// Write nothing; fail where a drawing or a measurement differs from what is kept
    #[arg(long)]
    check: bool,
    /// Draw from the kept data, without measuring; with --check, compare only the drawings
    #[arg(long)]
    redraw: bool,
    /// Only the figures whose names contain this
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
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
    let chosen: Vec<&Spec> = all().filter(|f| f.name.contains(&cli.only)).collect();
    let names = || all().map(|f| f.name).collect::<Vec<_>>().join(", ");
    ensure!(!chosen.is_empty(), "no figure's name contains {}; there are {}", cli.only, names());
    let mut differences = Vec::new();
    for spec in chosen {
        let start = Instant::now();
        if cli.check {
            differences.extend(check(spec, !cli.redraw)?);
        } else {
            let data = if cli.redraw { kept(spec)? } else { measured(spec)? };
            write(&path(spec.name, "json"), &data.to_json())?;
            write(&path(spec.name, "svg"), &drawing(spec, &data))?;
        }
        println!("{:<18} {:5.1} s", spec.name, start.elapsed().as_secs_f64());
    }
    ensure!(differences.is_empty(), "figures differ:\n  {}", differences.join("\n  "));
    if cli.check {
        println!("all figures are what the code draws");
    }
    Ok(())
}

/// The folder of the figures.
fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("below the root");
    root.join("theory/figures")
}

fn path(name: &str, ending: &str) -> PathBuf {
    folder().join(format!("{name}.{ending}"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::create_dir_all(folder())?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn read(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path);
    text.with_context(|| format!("cannot read {}; `cargo xtask figures` makes it", path.display()))
}

fn kept(spec: &Spec) -> Result<Data> {
    let path = path(spec.name, "json");
    serde_json::from_str(&read(&path)?).with_context(|| format!("{} is damaged", path.display()))
}

fn measured(spec: &Spec) -> Result<Data> {
    Ok(Data::new(spec.how, spec.tolerance, (spec.measure)()?))
}

/// What is wrong with a figure.
fn check(spec: &Spec, measure_again: bool) -> Result<Vec<String>> {
    let data = kept(spec)?;
    let mut differences = Vec::new();
    if drawing(spec, &data) != read(&path(spec.name, "svg"))? {
        differences.push(format!("{}.svg is not what its data draw", spec.name));
    }
    if (data.how.as_str(), data.tolerance) != (spec.how, spec.tolerance) {
        differences.push(format!("{}.json is described otherwise than in the code", spec.name));
    }
    if measure_again {
        let again = measured(spec)?;
        let what = data.differences(&again).into_iter();
        differences.extend(what.map(|what| format!("{}: {what}", spec.name)));
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_drawings_are_drawn_from_the_kept_data() {
        for spec in all() {
            assert_eq!(check(spec, false).unwrap(), [""; 0]);
        }
    }

    #[test]
    fn chapters_show_every_figure_with_its_description() {
        for spec in all() {
            let figure = (spec.draw)(&kept(spec).unwrap());
            let shown = format!("![{}](figures/{}.svg)", figure.alt, spec.name);
            let chapters = std::fs::read_dir(folder().join("..")).unwrap();
            let pages = chapters.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
            let mut texts = pages.map(|path| std::fs::read_to_string(path).unwrap());
            assert!(texts.any(|text| text.contains(&shown)), "no chapter has {shown}");
        }
        for entry in std::fs::read_dir(folder()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = all().any(|spec| name.starts_with(&format!("{}.", spec.name)));
            assert!(known, "theory/figures/{name} belongs to no figure");
        }
    }

    #[test]
    fn no_two_figures_share_a_name() {
        let mut names: Vec<&str> = all().map(|spec| spec.name).collect();
        names.sort_unstable();
        names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
    }
}
