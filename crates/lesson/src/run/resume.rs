//! `--resume`: what was given on the command line and what the record says become settings, or one refusal.
//!
//! A resumed run keeps its settings and its data. What may be given anew is how long to train, how often to
//! save, where to write and what to show. Anything else that *is given* is refused by name, even where its
//! value is the default: that nothing was typed is known from clap, not guessed from a value.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use seqcore::train::Length;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Record;
use crate::files::sha256;
use crate::{Error, Result, RunArgs};

/// The options that stood on the command line, by their names without `--`. Flattened into arguments, it
/// must be their first field: clap hands the others out one by one.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeSet<String>);

impl Given {
    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Those options of `T` that were given, as they are typed.
    pub fn of<T: Args>(&self) -> Vec<String> {
        let all = T::augment_args(Command::new(""));
        let names = all.get_arguments().filter_map(|arg| arg.get_long());
        names.filter(|name| self.has(name)).map(|name| format!("--{name}")).collect()
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let typed = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
        // An option's id is its field's name.
        let names =
            matches.ids().map(|id| id.as_str()).filter(typed).map(|id| id.replace('_', "-"));
        Ok(Self(names.collect()))
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// All that a run depends on; it stands in the run's record.
pub trait Recipe: Serialize + DeserializeOwned {
    /// Whose run it is: `char-lm of rnn-basics`.
    const NAME: &'static str;
    /// The options that go into it.
    type Options: Args;

    /// The command that goes on with such a run, before its options: `lstm-textgen -- train`.
    fn command(&self) -> String;
    /// Of all random draws.
    fn seed(&self) -> u64;
    /// What `--data` said; `None` is what is embedded, or drawn.
    fn data(&self) -> Option<&str>;
    /// The checksum of the data; empty where they are drawn.
    fn sha256(&self) -> &str;
}

/// A record to go on from, and how far.
#[derive(Debug)]
pub struct Resume {
    /// The record.
    pub record: Record,
    /// Another length than the run was started with.
    pub length: Option<Length>,
}

/// Whether a run has the lesson's output folder to itself, or a folder below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The folder of the run is the lesson's.
    Own,
    /// The run has a folder in the lesson's, named after its part.
    Below,
}

/// Opens what `--resume` names, if anything. `args` become those of the run: its seed, and its folder to
/// write to. `fixed` are flags beside [`Recipe::Options`] that cannot be given anew, each with whether it
/// was.
///
/// # Errors
/// A record that cannot be used or is another lesson's; options that a resumed run cannot take.
pub fn resumed<R: Recipe>(
    args: &mut RunArgs,
    place: Place,
    fixed: &[(&str, bool)],
) -> Result<Option<(R, Resume)>> {
    let Some(named) = args.resume.clone() else { return Ok(None) };
    let record = Record::open(&named)?;
    let folder = record.folder();
    resumed_from(args, record, &folder, place, fixed).map(Some)
}

/// As [`resumed`], with a record that was found otherwise: one of the networks of a run of several. `folder` is
/// that of the whole run.
///
/// # Errors
/// As [`resumed`].
pub fn resumed_from<R: Recipe>(
    args: &mut RunArgs,
    record: Record,
    folder: &Path,
    place: Place,
    fixed: &[(&str, bool)],
) -> Result<(R, Resume)> {
    if record.about.recipe != R::NAME {
        let what = format!("this is a run of {}, not of {}.", record.about.recipe, R::NAME);
        return Err(record.error(what));
    }
    let recipe: R = record.settings()?;
    let mut refused = args.given.of::<R::Options>();
    refused.extend(fixed.iter().filter(|(_, given)| *given).map(|(name, _)| (*name).to_owned()));
    if args.given.has("seed") && args.seed != recipe.seed() {
        refused.push(format!("--seed {} (the run's is {})", args.seed, recipe.seed()));
    }
    if !refused.is_empty() {
        return Err(Error::config(format!(
            "a resumed run keeps its settings, so it cannot take {}. Go on with `cargo run -p {} --resume {}`, or start a \
             new run without --resume.",
            refused.join(", "),
            recipe.command(),
            args.resume.as_deref().unwrap_or(folder).display(),
        )));
    }
    args.seed = recipe.seed();
    let out = match place {
        Place::Own => folder.to_owned(),
        Place::Below => parent(folder),
    };
    args.out.get_or_insert(out);
    Ok((recipe, Resume { record, length: args.length() }))
}

/// The folder that a folder is in.
fn parent(folder: &Path) -> PathBuf {
    match folder.parent() {
        // A relative path of one part, `.` among them, begins where we are.
        Some(parent) if parent.as_os_str().is_empty() => match folder.file_name() {
            Some(_) => PathBuf::from("."),
            None => PathBuf::from(".."),
        },
        Some(parent) => parent.to_owned(),
        None => folder.to_owned(),
    }
}

/// Reads the data of a resumed run: what `--data` names now, else what it named then, else a file of the
/// same content beside the run, beside where it was, or here. Whatever is read must have the checksum of
/// the run's.
///
/// # Errors
/// Data that are nowhere, or have changed.
pub fn same_data<R: Recipe, T>(
    recipe: &R,
    args: &RunArgs,
    resume: &Resume,
    read: impl Fn(Option<&str>) -> Result<T>,
    sum: impl Fn(&T) -> String,
) -> Result<T> {
    let is_same = |data: &T| sum(data) == recipe.sha256();
    let named = args.data.as_deref();
    let first = read(named.or(recipe.data()));
    match first {
        Ok(data) if is_same(&data) => return Ok(data),
        Err(error) if named.is_some() => return Err(error),
        _ => {}
    }
    let then = recipe.data().unwrap_or_default();
    let own = resume.record.folder();
    // Of a run of several networks, the folder of the whole is what was named.
    let run = args.resume.as_deref().filter(|named| named.is_dir()).unwrap_or(&own);
    if named.is_none()
        && let Some(moved) = find_moved(Path::new(then), run, recipe.sha256())
    {
        let data = read(moved.to_str())?;
        if is_same(&data) {
            crate::note(&format!(
                "{then} is now read from {}, which is the same file.",
                moved.display()
            ));
            return Ok(data);
        }
    }
    let what = match first {
        Ok(_) => "its content is not what the run was trained on, so the run cannot go on with it"
            .to_owned(),
        Err(error) => format!("the run was trained on this, and now: {error}"),
    };
    let what = format!(
        "{}. Name the same data with `cargo run -p {} --resume {} --data PATH`, or start a new run.",
        what.trim_end_matches('.'),
        recipe.command(),
        args.resume.as_deref().unwrap_or(Path::new("DIR")).display(),
    );
    Err(Error::data(Path::new(named.unwrap_or(then)), None, what))
}

/// Files in a folder that are looked into, at most.
const MOST_FILES: usize = 200;
/// A larger file is not looked into.
const MOST_BYTES: u64 = 1 << 30;

/// A file with this checksum: one of the same name first, then any, near where it was.
fn find_moved(then: &Path, run: &Path, expected: &str) -> Option<PathBuf> {
    let name = then.file_name()?;
    let mut folders = vec![PathBuf::from("."), parent(then)];
    folders.extend(run.ancestors().take(3).map(Path::to_owned));
    // One folder by two names is looked into once.
    let mut seen = BTreeSet::new();
    folders.retain(|folder| folder.canonicalize().is_ok_and(|folder| seen.insert(folder)));
    let is_it = |file: &PathBuf| {
        let small = file.metadata().is_ok_and(|m| m.is_file() && m.len() <= MOST_BYTES);
        small && std::fs::read(file).is_ok_and(|content| sha256(&content) == expected)
    };
    let same_name = folders.iter().map(|folder| folder.join(name)).find(is_it);
    let any = || {
        let files = folders.iter().flat_map(|folder| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).take(MOST_FILES)
        });
        files.filter(|file| file.extension() == then.extension()).find(is_it)
    };
    same_name.or_else(any)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, clap::Args)]
    struct Options {
        /// Hidden units
        #[arg(long)]
        hidden_units: Option<usize>,
        /// Read backwards
        #[arg(long)]
        reversed: bool,
    }

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        run: RunArgs,
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn what_was_typed_is_known_whatever_its_value() {
        let given = |line: &str| Cli::parse_from(line.split_whitespace()).run.given;
        let none = given("x");
        assert!(!none.has("seed") && none.of::<Options>().is_empty());
        assert!(given("x --seed 1").has("seed"));
        assert_eq!(given("x --reversed").of::<Options>(), ["--reversed"]);
        assert_eq!(given("x --hidden-units 3 --seed 2").of::<Options>(), ["--hidden-units"]);
    }

    #[test]
    fn the_folder_above_a_folder() {
        for (folder, above) in [("a/b", "a"), ("a", "."), (".", ".."), ("/", "/"), ("/a", "/")] {
            assert_eq!(parent(Path::new(folder)), Path::new(above), "{folder}");
        }
    }

    #[test]
    fn a_moved_file_is_found_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("out/run");
        std::fs::create_dir_all(&run).unwrap();
        std::fs::write(folder.path().join("other.txt"), "other").unwrap();
        let then = Path::new("/nowhere/play.txt");
        assert_eq!(find_moved(then, &run, &sha256(b"play")), None);
        let renamed = folder.path().join("renamed.txt");
        std::fs::write(&renamed, "play").unwrap();
        assert_eq!(find_moved(then, &run, &sha256(b"play")), Some(renamed));
        let beside = folder.path().join("out/play.txt");
        std::fs::write(&beside, "play").unwrap();
        assert_eq!(find_moved(then, &run, &sha256(b"play")), Some(beside));
    }
}
