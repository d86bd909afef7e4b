//! Labelled film reviews, one at a time.
//!
//! Four forms are read, and recognised by what they are:
//!
//! 1. the original `aclImdb_v1.tar.gz`, as a stream: nothing is unpacked, nothing is written;
//! 2. its unpacked folder (or the folder it lies in);
//! 3. a folder with `train.csv` and `test.csv`, plain or `.gz`, with columns `label` and `text`;
//! 4. one CSV with columns `split`, `label`, `text` and, if it likes, `group`.
//!
//! A label is `0`, `neg` or `negative`, or `1`, `pos` or `positive`. The text is given as it
//! stands; [`plain`] removes IMDB's `<br />`. The order is that of the files (IMDB's are sorted by
//! label): shuffle before training. Unpacking and parsing run in a thread of their own, a few
//! reviews ahead of the caller.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use csv::StringRecord;
use flate2::read::GzDecoder;

use super::lines;
use super::tables::{csv_error, find_column, line_of, place};
use crate::{Error, Result};

/// No review is longer; what is longer is no review.
const LONGEST: u64 = 1 << 20;

/// How many reviews may wait for the caller.
const AHEAD: usize = 256;

/// The official part a review belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// For fitting and choosing.
    Train,
    /// For the reported number.
    Test,
}

/// One review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Train or test.
    pub split: Split,
    /// Whether the verdict is positive.
    pub positive: bool,
    /// Its words, as they stand in the file.
    pub text: String,
    /// Reviews of one group vary one idea: keep them in one part when splitting further.
    pub group: Option<String>,
}

/// The reviews of a file or folder; see [`open`].
pub struct Reviews {
    receiver: Option<Receiver<Result<Review>>>,
    producer: Option<JoinHandle<()>>,
}

/// Opens reviews in any of the forms above.
///
/// ```no_run
/// use lesson::catalogue;
/// use lesson::files::reviews;
/// let imdb = catalogue::resolve("imdb")?;
/// let mut positive = 0;
/// for review in reviews::open(&imdb.path)? {
///     positive += usize::from(review?.positive);
/// }
/// assert_eq!(positive, 25_000);
/// # Ok::<(), lesson::Error>(())
/// ```
///
/// # Errors
/// A path that is none of the forms. What is wrong further on comes as an item; it is the last.
pub fn open(path: impl AsRef<Path>) -> Result<Reviews> {
    let form = Form::of(path.as_ref())?;
    let (sender, receiver) = sync_channel(AHEAD);
    let producer = std::thread::spawn(move || {
        let give = Give { sender };
        if let Err(Stop::Failed(error)) = form.produce(&give) {
            let _ = give.sender.send(Err(error)); // nobody may be listening any more
        }
    });
    Ok(Reviews { receiver: Some(receiver), producer: Some(producer) })
}

/// The reviews of a CSV that is in memory already, in the fourth of the forms above; `name` is for
/// messages.
///
/// # Errors
/// As [`open`].
pub fn read_text(content: &str, name: &str) -> Result<Vec<Review>> {
    let mut reviews = Vec::new();
    let done = rows(Path::new(name), content.as_bytes(), None, |review| {
        reviews.push(review);
        Ok(())
    });
    match done {
        Err(Stop::Failed(error)) => Err(error),
        _ => Ok(reviews),
    }
}

/// The text with IMDB's `<br />` as line ends.
pub fn plain(text: &str) -> Cow<'_, str> {
    match text.contains("<br />") {
        true => Cow::Owned(text.replace("<br />", "\n")),
        false => Cow::Borrowed(text),
    }
}

impl Iterator for Reviews {
    type Item = Result<Review>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(review) = self.receiver.as_ref()?.recv() {
            return Some(review);
        }
        self.receiver = None;
        if let Some(Err(panic)) = self.producer.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic); // a bug: do not take it for the end of the data
        }
        None
    }
}

/// Why the producer ends early.
enum Stop {
    /// The caller wants no more.
    Unwanted,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

struct Give {
    sender: SyncSender<Result<Review>>,
}

impl Give {
    fn review(&self, review: Review) -> std::result::Result<(), Stop> {
        self.sender.send(Ok(review)).map_err(|_| Stop::Unwanted)
    }
}

enum Form {
    Archive(PathBuf),
    Unpacked(PathBuf),
    Tables(Vec<(PathBuf, Option<Split>)>),
}

impl Form {
    fn of(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            lines::open(path)?; // an error now rather than later
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            return Ok(match name.ends_with(".tar.gz") || name.ends_with(".tgz") {
                true => Form::Archive(path.to_owned()),
                false => Form::Tables(vec![(path.to_owned(), None)]),
            });
        }
        for folder in [path.to_owned(), path.join("aclImdb")] {
            if folder.join("train/pos").is_dir() {
                return Ok(Form::Unpacked(folder));
            }
        }
        let table = |name: &str, split| {
            let found = [format!("{name}.csv"), format!("{name}.csv.gz")].map(|n| path.join(n));
            found.into_iter().find(|file| file.is_file()).map(|file| (file, Some(split)))
        };
        match (table("train", Split::Train), table("test", Split::Test)) {
            (Some(train), Some(test)) => Ok(Form::Tables(vec![train, test])),
            _ => Err(Error::data(
                path,
                None,
                "no reviews in this folder. Expected train.csv and test.csv (plain or .gz, with columns label and text), or the folders train/pos, train/neg, test/pos, test/neg.",
            )),
        }
    }

    fn produce(&self, give: &Give) -> std::result::Result<(), Stop> {
        match self {
            Form::Archive(path) => archive(path, give),
            Form::Unpacked(folder) => unpacked(folder, give),
            Form::Tables(tables) => {
                tables.iter().try_for_each(|(path, split)| table(path, *split, give))
            }
        }
    }
}

/// What a path such as `aclImdb/train/pos/0_9.txt` says about a review; `None` if it is none.
fn from_path(path: &Path) -> Option<(Split, bool)> {
    let mut parts = path.iter().rev().map(|part| part.to_str().unwrap_or_default());
    let (name, label, split) = (parts.next()?, parts.next()?, parts.next()?);
    let split = match split {
        "train" => Split::Train,
        "test" => Split::Test,
        _ => return None,
    };
    match label {
        "pos" | "neg" if name.ends_with(".txt") => Some((split, label == "pos")),
        _ => None,
    }
}

fn archive(path: &Path, give: &Give) -> std::result::Result<(), Stop> {
    let damaged = |source| lines::read_error(path, None, source);
    let file = File::open(path).map_err(|source| Error::read(path, source))?;
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::with_capacity(1 << 16, file)));
    let mut found = 0;
    for entry in archive.entries().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some((split, positive)) = from_path(Path::new(&name)) else { continue };
        let text = review_text(entry, path, &name)?;
        give.review(Review { split, positive, text, group: None })?;
        found += 1;
    }
    if found == 0 {
        let what = "no review in this archive. Expected files such as aclImdb/train/pos/0_9.txt.";
        return Err(Error::data(path, None, what).into());
    }
    Ok(())
}

fn review_text(content: impl Read, path: &Path, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let read = content.take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|source| lines::read_error(path, None, source))?;
    if bytes.len() as u64 == LONGEST {
        return Err(Error::data(path, None, format!("{name} is too long to be a review.")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        Error::data(path, None, format!("{name}: byte {at} is not valid UTF-8."))
    })
}

fn unpacked(folder: &Path, give: &Give) -> std::result::Result<(), Stop> {
    for (split, part) in [(Split::Train, "train"), (Split::Test, "test")] {
        for (positive, label) in [(false, "neg"), (true, "pos")] {
            for path in files_in_order(&folder.join(part).join(label))? {
                let file = File::open(&path).map_err(|source| Error::read(&path, source))?;
                let text = review_text(file, &path, "the file")?;
                give.review(Review { split, positive, text, group: None })?;
            }
        }
    }
    Ok(())
}

/// The `.txt` files of a folder, by the number their names begin with.
fn files_in_order(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |source| Error::read(folder, source);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    files.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = name.split('_').next().and_then(|n| n.parse::<u64>().ok());
        (number.unwrap_or(u64::MAX), name)
    });
    Ok(files)
}

fn table(path: &Path, split: Option<Split>, give: &Give) -> std::result::Result<(), Stop> {
    rows(path, lines::open(path)?, split, |review| give.review(review))
}

/// The reviews of a table's content; `path` is for messages.
fn rows(
    path: &Path,
    content: impl Read,
    split: Option<Split>,
    mut give: impl FnMut(Review) -> std::result::Result<(), Stop>,
) -> std::result::Result<(), Stop> {
    let mut table = csv::Reader::from_reader(content);
    let header = table.headers().map_err(|error| csv_error(path, &[], error))?;
    let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    let label = find_column(path, &header, "label")?;
    let text = find_column(path, &header, "text")?;
    let group = header.iter().position(|name| name == "group");
    let split_column = match split {
        Some(_) => None,
        None => Some(find_column(path, &header, "split")?),
    };
    let mut record = StringRecord::new();
    while table.read_record(&mut record).map_err(|error| csv_error(path, &header, error))? {
        let wrong = |column: usize, expected: &str| {
            let what = format!(
                "{}: expected {expected}, found {:?}.",
                place(&header, column),
                record[column].chars().take(40).collect::<String>()
            );
            Error::data(path, line_of(&record), what)
        };
        let split = match (split, split_column) {
            (Some(split), _) => split,
            (None, Some(i)) => parse_split(&record[i]).ok_or_else(|| wrong(i, "train or test"))?,
            (None, None) => unreachable!("without a split there is a column for it"),
        };
        let positive =
            parse_label(&record[label]).ok_or_else(|| wrong(label, "0 or neg, 1 or pos"))?;
        if record[text].trim().is_empty() {
            return Err(wrong(text, "a review").into());
        }
        let (text, group) = (record[text].to_owned(), group.map(|i| record[i].to_owned()));
        give(Review { split, positive, text, group })?;
    }
    Ok(())
}

fn parse_split(text: &str) -> Option<Split> {
    match text.trim() {
        "train" => Some(Split::Train),
        "test" => Some(Split::Test),
        _ => None,
    }
}

fn parse_label(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "0" | "neg" | "negative" => Some(false),
        "1" | "pos" | "positive" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lines::tests::gzip;
    use super::*;

    fn read(path: &Path) -> Result<Vec<Review>> {
        open(path)?.collect()
    }

    fn review(split: Split, positive: bool, text: &str) -> Review {
        Review { split, positive, text: text.into(), group: None }
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            // Written by hand, so that names the crate would refuse can be tried.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        gzip(builder.into_inner().unwrap())
    }

    #[test]
    fn the_archive_and_its_folder_give_the_same_reviews() {
        let files: [(&str, &[u8]); 7] = [
            ("aclImdb/README", b"about"),
            ("aclImdb/train/neg/2_1.txt", b"dull"),
            ("aclImdb/train/pos/0_9.txt", "très<br />good".as_bytes()),
            ("aclImdb/train/unsup/0_0.txt", b"who knows"),
            ("aclImdb/train/labeledBow.feat", b"0:1"),
            ("aclImdb/test/neg/10_2.txt", b"ten"),
            ("aclImdb/test/neg/9_2.txt", b"nine"),
        ];
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("aclImdb_v1.tar.gz");
        std::fs::write(&archive, tar(&files)).unwrap();
        for name in ["train/pos", "train/neg", "train/unsup", "test/pos", "test/neg"] {
            std::fs::create_dir_all(folder.path().join("aclImdb").join(name)).unwrap();
        }
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let expected = [
            review(Split::Train, false, "dull"),
            review(Split::Train, true, "très<br />good"),
            review(Split::Test, false, "ten"),
            review(Split::Test, false, "nine"),
        ];
        assert_eq!(read(&archive).unwrap(), expected);
        let mut by_number = expected;
        by_number.swap(2, 3); // 9 before 10
        assert_eq!(read(folder.path()).unwrap(), by_number);
        assert_eq!(read(&folder.path().join("aclImdb")).unwrap(), by_number);
        assert_eq!(plain(&by_number[1].text), "très\ngood");
    }

    #[test]
    fn an_archive_writes_nothing_wherever_its_paths_point() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tgz");
        std::fs::write(&path, tar(&[("../../train/pos/1_9.txt", b"fine")])).unwrap();
        assert_eq!(read(&path).unwrap(), [review(Split::Train, true, "fine")]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn tables_are_read_from_a_folder_or_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        write("train.csv", b"\xEF\xBB\xBFlabel,id,text\r\n0,7,\"a, \"\"b\"\"\nc\"\r\n1,8,d\r\n");
        write("test.csv.gz", &gzip("text,label\nx,neg\ny,Positive\n"));
        let expected = [
            review(Split::Train, false, "a, \"b\"\nc"),
            review(Split::Train, true, "d"),
            review(Split::Test, false, "x"),
            review(Split::Test, true, "y"),
        ];
        assert_eq!(read(folder.path()).unwrap(), expected);

        let one = write("one.csv", b"id,group,split,label,text\n1,g,train,pos,a\n2,g,test,neg,b\n");
        let reviews = read(&one).unwrap();
        assert_eq!(reviews[1].group.as_deref(), Some("g"));
        assert_eq!((reviews[0].split, reviews[1].split), (Split::Train, Split::Test));
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        let refused = |content: &[u8]| {
            std::fs::write(&path, content).unwrap();
            read(&path).unwrap_err().to_string()
        };
        for (content, expected) in [
            (&b"split,label,text\ntrain,2,a\n"[..], "line 2: column 2 (label): expected 0 or neg"),
            (b"split,label,text\ntrain,1,\"a\nb\"\ndev,1,c\n", "line 4: column 1 (split)"),
            (b"split,label,text\ntrain,1, \n", "line 2: column 3 (text): expected a review"),
            (b"label,text\n1,a\n", "there is no column \"split\""),
            (b"split,label,text\ntrain,1\n", "expected 3 columns"),
            (b"split,label,text\ntrain,1,\xFF\n", "line 2: column 3 (text) is not valid UTF-8"),
        ] {
            let error = refused(content);
            assert!(error.contains(expected), "{expected}: {error}");
        }
        assert!(open(folder.path().join("none")).is_err());
        let error = open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("no reviews in this folder"), "{error}");

        let archive = folder.path().join("a.tar.gz");
        let whole = tar(&[("x/train/pos/1_9.txt", &[b'a'; 5000])]);
        std::fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
        let error = read(&archive).unwrap_err().to_string();
        assert!(error.contains("damaged or cut off"), "{error}");
        std::fs::write(&archive, tar(&[("x/y.txt", b"a")])).unwrap();
        assert!(read(&archive).unwrap_err().to_string().contains("no review in this archive"));
        std::fs::write(&archive, tar(&[("train/pos/1_9.txt", b"\xFF")])).unwrap();
        let error = read(&archive).unwrap_err().to_string();
        assert!(error.contains("train/pos/1_9.txt: byte 1 is not valid UTF-8"), "{error}");
    }

    #[test]
    fn a_caller_may_stop_early() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        let rows = "train,1,text\n".repeat(3 * AHEAD);
        std::fs::write(&path, format!("split,label,text\n{rows}")).unwrap();
        let mut reviews = open(&path).unwrap();
        assert!(reviews.next().unwrap().is_ok());
        drop(reviews); // the producer is not left waiting
        assert_eq!(open(&path).unwrap().count(), 3 * AHEAD);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_panic(content in prop::collection::vec(any::<u8>(), 0..1500)) {
            let folder = tempfile::tempdir().unwrap();
            for (name, bytes) in [
                ("a.csv", content.clone()),
                ("a.tar.gz", content.clone()),
                ("b.tar.gz", gzip(&content)), // arbitrary bytes as tar
                ("c.csv", [b"split,label,text\n", &content[..]].concat()),
            ] {
                let path = folder.path().join(name);
                std::fs::write(&path, bytes).unwrap();
                let _ = read(&path);
            }
        }
    }
}
