//! A text file, read whole.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::lines;
use crate::files::sha256;
use crate::{Error, Result, catalogue};

/// A text, and what it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text itself.
    pub content: String,
    /// The data set's id, or the name of the file.
    pub name: String,
    /// The size of the file.
    pub bytes: u64,
    /// The sha256 of the file, 64 hexadecimal digits: what tells whether it is still the same.
    pub sha256: String,
}

impl Text {
    /// A text that is part of the program.
    pub fn embedded(name: &str, content: &str) -> Self {
        let (bytes, sha256) = (content.len() as u64, sha256(content.as_bytes()));
        Self { content: content.to_owned(), name: name.to_owned(), bytes, sha256 }
    }

    /// The text that `--data ID|PATH` names; see [`catalogue::find`], also for `fetch`.
    ///
    /// # Errors
    /// As [`catalogue::find`] and [`Self::read`].
    pub fn find(data: &str, fetch: bool) -> Result<Self> {
        let found = catalogue::find(data, fetch)?;
        Ok(Self { name: found.name, ..Self::read(found.path)? })
    }

    /// Reads a UTF-8 text, plain or gzip. A byte order mark at its beginning is dropped and line
    /// ends `\r\n` become `\n`; nothing else is changed.
    ///
    /// # Errors
    /// A file that is missing, a folder, empty, binary (it holds NUL bytes), or not UTF-8; for the
    /// last two with the line and the byte offset, counted from 1 and from 0.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if path.is_dir() {
            // Without this, systems disagree about what is wrong.
            let error = io::Error::new(ErrorKind::IsADirectory, "it is a folder");
            return Err(Error::read(path, error));
        }
        let file = fs::read(path).map_err(|source| Error::read(path, source))?;
        let content = match file.starts_with(&[0x1F, 0x8B]) {
            true => {
                let mut unpacked = Vec::new();
                let read = MultiGzDecoder::new(file.as_slice()).read_to_end(&mut unpacked);
                read.map_err(|source| lines::read_error(path, None, source))?;
                decode(path, &unpacked)?
            }
            false => decode(path, &file)?,
        };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { content, name, bytes: file.len() as u64, sha256: sha256(&file) })
    }
}

/// The content of [`Text::read`].
///
/// # Errors
/// As [`Text::read`].
pub fn read_text(path: impl AsRef<Path>) -> Result<String> {
    Text::read(path).map(|text| text.content)
}

fn decode(path: &Path, bytes: &[u8]) -> Result<String> {
    let line_of = |offset: usize| bytes[..offset].iter().filter(|&&b| b == b'\n').count() + 1;

    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let what = "this is UTF-16 text, not UTF-8. Save it as UTF-8.";
        return Err(Error::data(path, None, what));
    }
    if let Some(offset) = bytes.iter().position(|&b| b == 0) {
        let what = format!(
            "this is a binary file (NUL at byte offset {offset}), not text. Give a UTF-8 text file."
        );
        return Err(Error::data(path, line_of(offset), what));
    }
    let text = str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let what = format!(
            "byte 0x{:02X} at byte offset {offset} is not valid UTF-8. Save the file as UTF-8.",
            bytes[offset]
        );
        Error::data(path, line_of(offset), what)
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n");
    if text.is_empty() {
        return Err(Error::data(path, None, "the file is empty. Give a file with some text."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lines::tests::{file, gzip};
    use super::*;

    fn read(bytes: &[u8]) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("play.txt");
        fs::write(&path, bytes).unwrap();
        read_text(path)
    }

    #[test]
    fn text_is_read_without_mark_and_carriage_returns() {
        assert_eq!(read("\u{FEFF}Né\r\nto\nbe\r".as_bytes()).unwrap(), "Né\nto\nbe\r");
    }

    #[test]
    fn a_text_is_noted_as_its_file_is() {
        let file = file("\u{FEFF}abc\r\n");
        let text = Text::read(file.path()).unwrap();
        assert_eq!((text.content.as_str(), text.bytes), ("abc\n", 8));
        // printf '\xEF\xBB\xBFabc\r\n' | sha256sum
        assert!(text.sha256.starts_with("c3199f17595c"), "{}", text.sha256);
        let embedded = Text::embedded("a.txt", "abc");
        assert!(embedded.sha256.starts_with("ba7816bf") && embedded.name == "a.txt");
    }

    #[test]
    fn gzip_is_unpacked_and_a_damaged_file_refused() {
        let whole = gzip("\u{FEFF}Né\r\nto");
        let text = Text::read(file(&whole).path()).unwrap();
        assert_eq!((text.content.as_str(), text.bytes), ("Né\nto", whole.len() as u64));
        assert_eq!(text.sha256, sha256(&whole));
        for cut in [2, 12, whole.len() - 1] {
            let error = read(&whole[..cut]).unwrap_err().to_string();
            assert!(error.contains("damaged or cut off"), "{error}");
        }
        assert!(read(&gzip(b"ab\0")).unwrap_err().to_string().contains("binary"));
    }

    #[test]
    fn an_id_or_a_path_is_found() {
        let play = Text::find("the-tongueless-bell", false).unwrap();
        assert_eq!((play.name.as_str(), play.bytes), ("the-tongueless-bell", 101_954));
        let file = file("abc");
        let text = Text::find(file.path().to_str().unwrap(), true).unwrap();
        assert_eq!(text.content, "abc");
        assert_eq!(text.name, file.path().file_name().unwrap().to_string_lossy());
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "the file is empty"),
            (b"\xEF\xBB\xBF", "the file is empty"),
            (b"ab\ncd\0ef", "line 2: this is a binary file (NUL at byte offset 5)"),
            (b"a\n\nb\xE9c", "line 3: byte 0xE9 at byte offset 4 is not valid UTF-8"),
            (b"a\xC3", "line 1: byte 0xC3 at byte offset 1 is not valid UTF-8"),
            (b"\xFF\xFEa\0", "UTF-16"),
        ];
        for (bytes, expected) in cases {
            let message = read(bytes).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(message.contains("play.txt"), "{message}");
        }
    }

    #[test]
    fn a_missing_file_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = read_text(folder.path()).unwrap_err().to_string();
        assert!(message.contains("Name a file, not a folder"), "{message}");
        let message = read_text(folder.path().join("none.txt")).unwrap_err().to_string();
        assert!(message.contains("none.txt") && message.contains("Check the path"), "{message}");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..99), cut in 0..50_usize) {
            let _ = read(&bytes);
            let packed = gzip(&bytes);
            let _ = read(&packed[..packed.len().saturating_sub(cut)]);
        }
    }
}
