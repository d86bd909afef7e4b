//! Which data sets there are, and where: `--data ID|PATH` becomes a file.
//!
//! `datasets/manifest.toml` is the register. An *embedded* set lies beside it; a *fetched* one
//! lies in the cache, `$SEQ_DATA_DIR` or `datasets/cache`, in a folder named after its id, once
//! `cargo xtask data fetch ID` has put it there. [`find`] is what every lesson asks. Nothing is
//! downloaded without being asked for: what is not there is an error that names that command, and
//! only `--fetch` has it run.

mod fetch;

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The environment variable that names another folder for the cache.
pub const CACHE_VARIABLE: &str = "SEQ_DATA_DIR";

/// The file that says, in a fetched set's folder, where its files came from.
pub const RECORD: &str = "fetched.json";

/// Which loader reads a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// [`crate::files::read_text`]
    Text,
    /// [`crate::files::tables`]
    Series,
    /// [`crate::files::reviews`]
    Reviews,
    /// [`crate::files::pairs`]
    Pairs,
    /// [`crate::files::vectors`]
    Vectors,
}

/// A column of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// What it holds, with its unit.
    pub about: String,
}

/// The rows of one series among several: those with `value` in `column`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The column that tells the series apart.
    pub column: String,
    /// What it holds in the rows wanted.
    pub value: String,
}

/// A set that is committed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedded {
    /// The file's size.
    pub bytes: u64,
    /// Its checksum, 64 hexadecimal digits.
    pub sha256: String,
}

/// A set that is downloaded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// Addresses that give the same bytes; tried in this order.
    pub urls: Vec<String>,
    /// How many bytes.
    pub bytes: Option<u64>,
    /// The published checksum, whichever there is.
    pub sha256: Option<String>,
    /// ... as MD5, where only that is published.
    pub md5: Option<String>,
    /// ... as SHA-1, where only that is published.
    pub sha1: Option<String>,
    /// The files wanted from a zip or tar.gz; empty to use the download as it is.
    #[serde(default)]
    pub unpack: Vec<String>,
}

impl Download {
    /// The name of the downloaded file: the last part of its address.
    pub fn file_name(&self) -> &str {
        self.urls[0].rsplit('/').next().unwrap_or_default()
    }
}

/// One data set, as the manifest describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// What `--data` takes.
    pub id: String,
    /// One line.
    pub title: String,
    /// The lessons that use it.
    pub lessons: Vec<String>,
    /// Which loader reads it.
    pub format: Format,
    /// The file that the loader gets.
    pub file: String,
    /// What it is.
    pub about: String,
    /// How many rows.
    pub rows: Option<usize>,
    /// What a row is: lines, reviews, ...; `rows` by default.
    pub row_name: Option<String>,
    /// Its columns, where it is a table.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// The series that the card draws, where the table holds several.
    pub only: Option<Only>,
    /// The column that the card draws.
    pub figure: Option<String>,
    /// What one must know before using it.
    pub quirks: Vec<String>,
    /// What was changed against the source.
    pub changes: Option<String>,
    /// The terms of use.
    pub licence: String,
    /// How to cite it.
    pub cite: String,
    /// Where it comes from.
    pub source: String,
    /// Why there is no checksum, where there is none.
    pub unchecked: Option<String>,
    /// Of a committed set.
    pub embedded: Option<Embedded>,
    /// Of a fetched set.
    pub download: Option<Download>,
}

/// A file as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchedFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, 64 hexadecimal digits.
    pub sha256: String,
}

/// What was fetched, from where: the content of [`RECORD`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The data set.
    pub id: String,
    /// The address, or the file given by hand.
    pub from: String,
    /// What was downloaded (an archive may be deleted once unpacked).
    pub download: FetchedFile,
    /// The files in the folder.
    pub files: Vec<FetchedFile>,
}

/// The register and its two folders.
#[derive(Debug, Clone)]
pub struct Catalogue {
    folder: PathBuf,
    cache: PathBuf,
    sets: Vec<DataSet>,
}

/// What `--data` named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The id, or the name of the file or folder.
    pub name: String,
    /// The file or folder for the loader.
    pub path: PathBuf,
    /// The sha256 it must have; unknown for a user's own file.
    pub sha256_expected: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    dataset: Vec<DataSet>,
}

/// Where `--data` points: a path that exists, else an embedded set, else a fetched one. `fetch` is
/// the user's yes to a download: where a set has not been fetched, it is now.
///
/// ```
/// let sunspots = lesson::catalogue::find("sunspots", false)?;
/// assert!(sunspots.path.ends_with("sunspots-yearly.csv"));
/// # Ok::<(), lesson::Error>(())
/// ```
///
/// # Errors
/// A path where nothing is, a name that is neither a set nor a path, and a set that has not been
/// fetched: the message names the command that fetches it.
pub fn find(arg: &str, fetch: bool) -> Result<Resolved> {
    // Away from the course's folder, a path is still a path.
    if let Some(path) = as_path(arg)? {
        return Ok(path);
    }
    let catalogue = Catalogue::open()?;
    match catalogue.sets().iter().find(|set| set.id == arg) {
        Some(set) if fetch && set.download.is_some() && !catalogue.path_of(set).exists() => {
            fetch::fetch(&catalogue, set)?;
        }
        _ => {}
    }
    catalogue.resolve(arg)
}

/// [`find`] without a download.
///
/// # Errors
/// As [`find`].
pub fn resolve(arg: &str) -> Result<Resolved> {
    find(arg, false)
}

/// The file or folder of this path; `None` where nothing is and the argument may be an id.
fn as_path(arg: &str) -> Result<Option<Resolved>> {
    let path = Path::new(arg);
    if !path.exists() {
        // No id looks like that.
        return match arg.contains(['.', '/', '\\']) {
            true => Err(Error::read(path, io::Error::new(ErrorKind::NotFound, "no such file"))),
            false => Ok(None),
        };
    }
    let name = path.file_name().map_or(arg.into(), |name| name.to_string_lossy());
    let (name, path) = (name.into_owned(), path.to_owned());
    Ok(Some(Resolved { name, path, sha256_expected: None }))
}

impl Catalogue {
    /// The course's own register: in the source tree this was built from, or else in the nearest
    /// `datasets` folder at or above the current one.
    ///
    /// # Errors
    /// No manifest found, or one that cannot be read.
    pub fn open() -> Result<Self> {
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets");
        let folder = match built_from.canonicalize() {
            Ok(folder) if folder.join("manifest.toml").is_file() => without_verbatim(folder),
            _ => nearest_datasets_folder()?,
        };
        let cache = match std::env::var_os(CACHE_VARIABLE) {
            Some(cache) if !cache.is_empty() => PathBuf::from(cache),
            _ => folder.join("cache"),
        };
        Self::at(&folder, &cache)
    }

    /// The register in `folder`, with fetched sets in `cache`.
    ///
    /// # Errors
    /// A manifest that cannot be read or contradicts itself.
    pub fn at(folder: &Path, cache: &Path) -> Result<Self> {
        let path = folder.join("manifest.toml");
        let text = crate::files::read_text(&path)?;
        let manifest: Manifest = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            Error::data(&path, line, error.message())
        })?;
        let mut seen = HashSet::new();
        for set in &manifest.dataset {
            set.check().map_err(|what| Error::data(&path, None, format!("{}: {what}", set.id)))?;
            if !seen.insert(&set.id) {
                return Err(Error::data(&path, None, format!("the id {} is there twice", set.id)));
            }
        }
        Ok(Self { folder: folder.to_owned(), cache: cache.to_owned(), sets: manifest.dataset })
    }

    /// All sets, in the manifest's order.
    pub fn sets(&self) -> &[DataSet] {
        &self.sets
    }

    /// The folder with the manifest and the embedded files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder for downloads; it need not exist.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The set of an id.
    ///
    /// # Errors
    /// An unknown id; the message lists those there are.
    pub fn get(&self, id: &str) -> Result<&DataSet> {
        self.sets.iter().find(|set| set.id == id).ok_or_else(|| {
            Error::config(format!("there is no data set {id:?}. There are: {}.", self.ids()))
        })
    }

    /// The folder of a set's files: of embedded ones the manifest's, else one in the cache.
    pub fn folder_of(&self, set: &DataSet) -> PathBuf {
        match set.embedded {
            Some(_) => self.folder.clone(),
            None => self.cache.join(&set.id),
        }
    }

    /// The file that a loader gets, whether it is there or not.
    pub fn path_of(&self, set: &DataSet) -> PathBuf {
        self.folder_of(set).join(&set.file)
    }

    /// What was fetched for a set; `None` if nothing was, or its record cannot be read.
    pub fn record(&self, set: &DataSet) -> Option<Record> {
        let text = std::fs::read(self.folder_of(set).join(RECORD)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// As [`resolve`], in this catalogue.
    ///
    /// # Errors
    /// As [`resolve`].
    pub fn resolve(&self, arg: &str) -> Result<Resolved> {
        if let Some(path) = as_path(arg)? {
            return Ok(path);
        }
        let Some(set) = self.sets.iter().find(|set| set.id == arg) else {
            return Err(Error::config(format!(
                "{arg:?} is neither a data set nor a file. Data sets: {}. A path is taken as seen from {}.",
                self.ids(),
                std::env::current_dir().unwrap_or_default().display(),
            )));
        };
        let path = self.path_of(set);
        if !path.exists() {
            return Err(Error::config(match &set.embedded {
                Some(_) => format!(
                    "{} is missing, though it is part of the course. Get it back with `git checkout -- datasets`.",
                    path.display()
                ),
                None => format!(
                    "{} ({}) has not been fetched yet. Run `cargo xtask data fetch {}`{}, or give the lesson --fetch as well.",
                    set.id,
                    set.title,
                    set.id,
                    set.download_size().map(|size| format!(" ({size})")).unwrap_or_default(),
                ),
            }));
        }
        let sha256_expected = match &set.embedded {
            Some(embedded) => Some(embedded.sha256.clone()),
            None => self.record(set).and_then(|record| {
                record.files.into_iter().find(|f| f.name == set.file).map(|f| f.sha256)
            }),
        };
        Ok(Resolved { name: set.id.clone(), path, sha256_expected })
    }

    fn ids(&self) -> String {
        self.sets.iter().map(|set| set.id.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl DataSet {
    /// How large the download is, such as `84.1 MB`.
    pub fn download_size(&self) -> Option<String> {
        self.download.as_ref()?.bytes.map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6))
    }

    /// What contradicts itself, if anything.
    fn check(&self) -> std::result::Result<(), &'static str> {
        let id_char = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        // A name from the manifest becomes a path: it must not be able to leave its folder.
        let is_name = |name: &str| {
            !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':'])
        };
        if self.id.is_empty() || !self.id.chars().all(id_char) {
            return Err("an id has lower-case letters, digits and hyphens only");
        }
        if !is_name(&self.file) {
            return Err("`file` must be a plain file name");
        }
        match (&self.embedded, &self.download) {
            (Some(_), None) => Ok(()),
            (None, Some(d)) if d.urls.is_empty() => Err("a download needs an address"),
            (None, Some(d)) if !is_name(d.file_name()) || !d.unpack.iter().all(|n| is_name(n)) => {
                Err("the last part of an address and what is unpacked must be plain file names")
            }
            (None, Some(d)) if d.unpack.is_empty() && d.file_name() != self.file => {
                Err("what is not unpacked must have the name of `file`")
            }
            (None, Some(d)) if !d.unpack.is_empty() && !d.unpack.contains(&self.file) => {
                Err("`file` must be among what is unpacked")
            }
            (None, Some(d))
                if [&d.sha256, &d.md5, &d.sha1].iter().all(|sum| sum.is_none())
                    && self.unchecked.is_none() =>
            {
                Err("a download needs a checksum, or `unchecked` must say why there is none")
            }
            (None, Some(_)) => Ok(()),
            _ => Err("a set is either embedded or downloaded"),
        }
    }
}

fn nearest_datasets_folder() -> Result<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().map(|folder| folder.join("datasets"));
    found.into_iter().find(|folder| folder.join("manifest.toml").is_file()).ok_or_else(|| {
        Error::config(format!(
            "there is no datasets/manifest.toml at or above {}. Run this inside the course's folder.",
            here.display()
        ))
    })
}

/// Windows' canonical paths begin with `\\?\`, which many programs do not take.
fn without_verbatim(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) {
        Some(rest) if !rest.starts_with("UNC") => PathBuf::from(rest),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"
        [[dataset]]
        id = "a"
        title = "A"
        lessons = []
        format = "text"
        file = "a.txt"
        about = ""
        quirks = []
        licence = ""
        cite = ""
        source = ""
    "#;

    fn catalogue(folder: &Path, manifest: &str) -> Result<Catalogue> {
        std::fs::write(folder.join("manifest.toml"), manifest).unwrap();
        Catalogue::at(folder, &folder.join("cache"))
    }

    #[test]
    fn ids_resolve_to_embedded_files_and_paths_to_themselves() {
        let resolved = resolve("sunspots").unwrap();
        assert!(resolved.path.ends_with("datasets/sunspots-yearly.csv"), "{resolved:?}");
        assert_eq!(resolved.sha256_expected.unwrap().len(), 64);
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let resolved = resolve(own).unwrap();
        assert_eq!((resolved.name.as_str(), resolved.path.as_path()), ("Cargo.toml", own.as_ref()));
        assert_eq!(resolved.sha256_expected, None);
    }

    #[test]
    fn a_path_wins_and_one_that_is_missing_is_no_misspelt_id() {
        let folder = tempfile::tempdir().unwrap();
        let embedded = format!("{ONE}\n[dataset.embedded]\nbytes = 1\nsha256 = 'f'");
        let catalogue = catalogue(folder.path(), &embedded.replace("\"a\"", "\"src\"")).unwrap();
        // Tests run in the package's folder, where `src` is.
        assert_eq!(catalogue.resolve("src").unwrap().path, Path::new("src"));
        for missing in ["play.txt", "no/play", "./src2"] {
            let error = catalogue.resolve(missing).unwrap_err().to_string();
            assert!(error.contains("cannot read") && error.contains("spelling"), "{error}");
        }
    }

    #[test]
    fn what_is_not_there_says_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let fetched = format!(
            "{ONE}\n[dataset.download]\nurls = ['https://x.org/a.txt']\nsha256 = 'f'\nbytes = 2000000"
        );
        let catalogue = catalogue(folder.path(), &fetched).unwrap();
        let error = catalogue.resolve("a").unwrap_err().to_string();
        assert!(error.contains("`cargo xtask data fetch a` (2.0 MB)"), "{error}");
        assert!(error.ends_with("or give the lesson --fetch as well."), "{error}");
        let error = catalogue.resolve("b").unwrap_err().to_string();
        assert!(error.contains("neither a data set nor a file"), "{error}");

        std::fs::create_dir_all(folder.path().join("cache/a")).unwrap();
        std::fs::write(folder.path().join("cache/a/a.txt"), "text").unwrap();
        let resolved = catalogue.resolve("a").unwrap();
        assert_eq!(resolved.path, folder.path().join("cache/a/a.txt"));
        assert_eq!(resolved.sha256_expected, None); // nobody recorded it
    }

    #[test]
    fn a_manifest_that_cannot_be_right_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let embedded = "[dataset.embedded]\nbytes = 1\nsha256 = 'f'\n";
        let download = "[dataset.download]\nurls = ['https://x.org/a.txt']\nmd5 = 'f'\n";
        let cases = [
            (format!("{ONE}{embedded}{ONE}{embedded}"), "twice"),
            (ONE.to_owned(), "either embedded or downloaded"),
            (format!("{ONE}{embedded}{download}"), "either embedded or downloaded"),
            (format!("{}{embedded}", ONE.replace("a.txt", "../a.txt")), "plain file name"),
            (format!("{}{embedded}", ONE.replace("'a'", "''").replace("\"a\"", "\"A/\"")), "an id"),
            (format!("{ONE}{}", download.replace("a.txt", "b.txt")), "the name of `file`"),
            (format!("{ONE}{download}unpack = ['b']"), "among what is unpacked"),
            (format!("{ONE}{}", download.replace("md5 = 'f'", "")), "needs a checksum"),
            (format!("{ONE}colour = 'red'"), "line 13: unknown field"),
            ("x".to_owned(), "line 1"),
        ];
        for (manifest, expected) in cases {
            let error = catalogue(folder.path(), &manifest).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
