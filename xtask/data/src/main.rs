//! The commands of `cargo xtask data`; the work is in the library.

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand, ValueEnum};
use lesson::catalogue::{Catalogue, Format, Only};
use lesson::terminal::Terminal;
use xtask_data::download::Patience;
use xtask_data::fetch::{Fetcher, Outcome};
use xtask_data::verify::{State, verify};
use xtask_data::{card, show};

/// The course's data sets.
#[derive(Parser)]
#[command(name = "cargo xtask data", after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask data list
  cargo xtask data fetch tinyshakespeare imdb
  cargo xtask data fetch glove --from ~/Downloads/glove.6B.zip
  cargo xtask data show seattle-weather
  cargo xtask data show stock-prices --only Ticker=IBM
Downloads go to datasets/cache, or to the folder that SEQ_DATA_DIR names.";

#[derive(Subcommand)]
enum Command {
    /// Lists the sets: what is embedded, fetched, to be fetched
    List,
    /// Downloads sets and checks them
    Fetch {
        /// Which sets
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// A file you downloaded yourself, instead of the network; for one set
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// No progress
        #[arg(long, short)]
        quiet: bool,
    },
    /// Checks the checksums of all embedded and fetched sets; what was never fetched is no error
    Verify,
    /// Prints where a set lies
    Path {
        /// Which set
        id: String,
    },
    /// Reads a set, or a file of yours, and says what is in it
    Show {
        /// Which set or file
        #[arg(value_name = "ID|PATH")]
        data: String,
        /// How to read a file (guessed from its name by default)
        #[arg(long = "as")]
        format: Option<As>,
        /// Of a table with several series, the rows with this value in this column
        #[arg(long, value_name = "COLUMN=VALUE", value_parser = parse_only)]
        only: Option<Only>,
    },
    /// Writes datasets/README.md and its figures from the manifest
    Card {
        /// Write nothing; fail where something would change
        #[arg(long)]
        check: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum As {
    Text,
    Series,
    Reviews,
    Pairs,
    Vectors,
}

impl From<As> for Format {
    fn from(format: As) -> Self {
        match format {
            As::Text => Format::Text,
            As::Series => Format::Series,
            As::Reviews => Format::Reviews,
            As::Pairs => Format::Pairs,
            As::Vectors => Format::Vectors,
        }
    }
}

fn parse_only(text: &str) -> Result<Only, String> {
    match text.split_once('=') {
        Some((column, value)) => Ok(Only { column: column.into(), value: value.into() }),
        None => Err("expected COLUMN=VALUE, such as Ticker=IBM".into()),
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough: `... | head`.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(is_closed) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

fn run(command: Command) -> Result<()> {
    let catalogue = Catalogue::open()?;
    let out = &mut io::stdout().lock();
    match command {
        Command::List => list(&catalogue, out),
        Command::Fetch { ids, from, quiet } => fetch(catalogue, &ids, from, quiet, out),
        Command::Verify => verify_all(&catalogue, out),
        Command::Path { id } => {
            catalogue.get(&id)?;
            writeln!(out, "{}", catalogue.resolve(&id)?.path.display())?;
            Ok(())
        }
        Command::Show { data, format, only } => {
            show_data(&catalogue, &data, format.map(Format::from), only, out)
        }
        Command::Card { check: false } => card::write(&catalogue),
        Command::Card { check: true } => match card::stale(&catalogue)? {
            stale if stale.is_empty() => Ok(()),
            stale => bail!(
                "out of date: {}. Run `cargo xtask data card` and commit what it writes.",
                stale.join(", ")
            ),
        },
    }
}

fn list(catalogue: &Catalogue, out: &mut impl Write) -> Result<()> {
    let state = |set: &lesson::catalogue::DataSet| match &set.embedded {
        Some(_) => "embedded".to_owned(),
        None if catalogue.path_of(set).exists() => "fetched".to_owned(),
        None => set.download_size().map_or("to fetch".into(), |size| format!("to fetch, {size}")),
    };
    let width = catalogue.sets().iter().map(|set| set.id.len()).max().unwrap_or(0);
    for set in catalogue.sets() {
        writeln!(out, "{:width$}  {:18}  {}", set.id, state(set), set.title)?;
    }
    writeln!(out, "\nFetched sets are in {}", catalogue.cache().display())?;
    writeln!(out, "About each of them: {}", catalogue.folder().join("README.md").display())?;
    Ok(())
}

fn fetch(
    catalogue: Catalogue,
    ids: &[String],
    from: Option<PathBuf>,
    quiet: bool,
    out: &mut impl Write,
) -> Result<()> {
    if from.is_some() && ids.len() > 1 {
        bail!("--from gives one file, but there are {} sets. Fetch them one by one.", ids.len());
    }
    for id in ids {
        catalogue.get(id)?; // a misspelt id is said before anything is downloaded
    }
    let fetcher = Fetcher { catalogue, patience: Patience::default(), proxies: true, quiet };
    for id in ids {
        let what = match fetcher.fetch(id, from.as_deref())? {
            Outcome::Embedded => "is part of the course; there is nothing to fetch",
            Outcome::AlreadyThere => "is already there",
            Outcome::Fetched => "is there",
        };
        let catalogue = &fetcher.catalogue;
        writeln!(out, "{id} {what}: {}", catalogue.path_of(catalogue.get(id)?).display())?;
    }
    Ok(())
}

fn verify_all(catalogue: &Catalogue, out: &mut impl Write) -> Result<()> {
    let (mut right, mut wrong, mut not_fetched) = (0, Vec::new(), 0);
    for set in catalogue.sets() {
        match verify(catalogue, set).with_context(|| set.id.clone())? {
            State::Right => right += 1,
            State::NotFetched => not_fetched += 1,
            State::Wrong(what) => wrong.push(format!("{}: {what}", set.id)),
        }
    }
    writeln!(out, "As it should be: {right} sets. Not fetched: {not_fetched}.")?;
    match wrong.is_empty() {
        true => Ok(()),
        false => bail!("not as it should be:\n{}", wrong.join("\n")),
    }
}

fn show_data(
    catalogue: &Catalogue,
    data: &str,
    format: Option<Format>,
    only: Option<Only>,
    out: &mut impl Write,
) -> Result<()> {
    let resolved = catalogue.resolve(data)?;
    let set = catalogue.sets().iter().find(|set| set.id == data);
    let format =
        set.map(|set| set.format).or(format).unwrap_or_else(|| show::guess(&resolved.path));
    let only = only.as_ref().or_else(|| set.and_then(|set| set.only.as_ref()));
    let started = Instant::now();
    let lines = show::summary(&resolved.path, format, only)?;
    let seconds = started.elapsed().as_secs_f64();
    if let Some(set) = set {
        writeln!(out, "{}", set.title)?;
    }
    if let Some(only) = only {
        writeln!(out, "{} = {}", only.column, only.value)?;
    }
    for line in &lines {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "  read in {seconds:.2} s from {}", resolved.path.display())?;
    if let Some((set, column)) = set.and_then(|set| Some((set, set.figure.as_ref()?))) {
        let series = show::read_series(&resolved.path, only)?;
        write!(out, "{}", show::chart(&set.title, &series, column)?.terminal(&Terminal::detect()))?;
    }
    Ok(())
}
