//! `cargo xtask figures`: the measured figures of the chapters.
//!
//! Each figure is measured by the course's own code ([`measure`]), rounded and kept as JSON in
//! `theory/figures` beside the drawing that is made from it ([`figures`]). So a drawing can be
//! checked to the byte, and a measurement, which depends on the machine's rounding, within a
//! stated tolerance ([`data`]).

mod data;
mod figures;
mod measure;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use data::Data;
use figures::{FIGURES, Spec};

/// The chapters' figures: measure, draw, compare
#[derive(Debug, Parser)]
#[command(name = "figures", bin_name = "cargo xtask figures", max_term_width = 80)]
struct Cli {
    /// Write nothing; fail where a drawing or a measurement differs from what is kept
    #[arg(long)]
    check: bool,
    /// Draw from the kept data, without measuring
    #[arg(long)]
    draw: bool,
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
    let chosen: Vec<&Spec> = FIGURES.iter().filter(|f| f.name.contains(&cli.only)).collect();
    let names = || FIGURES.map(|f| f.name).join(", ");
    ensure!(!chosen.is_empty(), "no figure's name contains {}; there are {}", cli.only, names());
    let mut differences = Vec::new();
    for spec in chosen {
        if cli.check {
            differences.extend(check(spec, !cli.draw)?);
        } else {
            let data = if cli.draw { kept(spec)? } else { measured(spec)? };
            write(&path(spec.name, "json"), &data.to_json())?;
            write(&path(spec.name, "svg"), &drawing(spec, &data))?;
            println!("{}", path(spec.name, "svg").display());
        }
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

fn drawing(spec: &Spec, data: &Data) -> String {
    (spec.draw)(data).svg + "\n"
}

/// What is wrong with a figure.
fn check(spec: &Spec, measure_again: bool) -> Result<Vec<String>> {
    let data = kept(spec)?;
    let mut differences = Vec::new();
    if drawing(spec, &data) != read(&path(spec.name, "svg"))? {
        differences.push(format!("{}.svg is not what its data draw", spec.name));
    }
    if measure_again {
        let again = measured(spec)?;
        differences.extend(data.differences(&again).map(|what| format!("{}: {what}", spec.name)));
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_drawings_are_drawn_from_the_kept_data() {
        for spec in &FIGURES {
            assert_eq!(check(spec, false).unwrap(), [""; 0]);
        }
    }

    #[test]
    fn chapters_show_every_figure_with_its_description() {
        for spec in &FIGURES {
            let figure = (spec.draw)(&kept(spec).unwrap());
            let shown = format!("![{}](figures/{}.svg)", figure.alt, spec.name);
            let chapters = std::fs::read_dir(folder().join("..")).unwrap();
            let pages = chapters.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
            let mut texts = pages.map(|path| std::fs::read_to_string(path).unwrap());
            assert!(texts.any(|text| text.contains(&shown)), "no chapter has {shown}");
        }
        for entry in std::fs::read_dir(folder()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = FIGURES.iter().any(|spec| name.starts_with(&format!("{}.", spec.name)));
            assert!(known, "theory/figures/{name} belongs to no figure");
        }
    }
}
