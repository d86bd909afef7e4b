//! Files, plain or gzip, as bytes and as numbered lines.
//!
//! What is compressed is recognised by its first two bytes, not by its name. Nothing is held in
//! memory but a buffer and one line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

/// No line of a text we read is longer; what is longer is another kind of file.
const LONGEST_LINE: u64 = 1 << 20;

/// A reader over the content of a file, decompressed where it is gzip.
pub(crate) type Content = Box<dyn BufRead + Send>;

/// Opens a file, plain or gzip.
pub(crate) fn open(path: &Path) -> Result<Content> {
    if path.is_dir() {
        // Without this, systems disagree about what is wrong.
        return Err(Error::read(path, io::Error::new(ErrorKind::IsADirectory, "it is a folder")));
    }
    let file = File::open(path).map_err(|source| Error::read(path, source))?;
    let mut plain = BufReader::with_capacity(1 << 16, file);
    let start = plain.fill_buf().map_err(|source| Error::read(path, source))?;
    Ok(match start {
        [0x1F, 0x8B, ..] => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain))),
        _ => Box::new(plain),
    })
}

/// What a reading error means: a damaged gzip file is the content's fault, anything else the
/// system's.
pub(crate) fn read_error(path: &Path, line: Option<usize>, source: io::Error) -> Error {
    match source.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => Error::data(
            path,
            line,
            format!(
                "the file is damaged or cut off ({source}). Fetch it or copy it again from where it came."
            ),
        ),
        _ => Error::read(path, source),
    }
}

/// The lines of a UTF-8 text, one at a time. A byte order mark and the line ends, `\n` or `\r\n`,
/// are dropped.
pub(crate) struct Lines {
    path: PathBuf,
    content: Content,
    number: usize,
    line: Vec<u8>,
}

impl Lines {
    /// Opens a file, plain or gzip.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), content: open(path)?, number: 0, line: Vec::new() })
    }

    /// An error at the line read last.
    pub(crate) fn error(&self, what: impl Into<String>) -> Error {
        Error::data(&self.path, self.number, what)
    }

    /// The next line; `None` at the end.
    pub(crate) fn next_line(&mut self) -> Result<Option<&str>> {
        self.line.clear();
        self.number += 1;
        let mut limited = self.content.by_ref().take(LONGEST_LINE);
        let read = limited
            .read_until(b'\n', &mut self.line)
            .map_err(|source| read_error(&self.path, Some(self.number), source))?;
        if read as u64 == LONGEST_LINE {
            return Err(self.error("this line is longer than a mebibyte. Is it a text file?"));
        }
        if read == 0 {
            return Ok(None);
        }
        let mut line = self.line.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(line);
        }
        match str::from_utf8(line) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(self.error(format!(
                "byte {} of the line (0x{:02X}) is not valid UTF-8. Save the file as UTF-8.",
                error.valid_up_to() + 1,
                line[error.valid_up_to()],
            ))),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;

    /// A file with this content in a folder that is deleted with the value.
    pub(crate) fn file(content: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content.as_ref()).unwrap();
        file
    }

    /// The content as gzip.
    pub(crate) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content.as_ref()).unwrap();
        encoder.finish().unwrap()
    }

    fn lines(path: &Path) -> Result<Vec<String>> {
        let mut lines = Lines::open(path)?;
        let mut all = Vec::new();
        while let Some(line) = lines.next_line()? {
            all.push(line.to_owned());
        }
        Ok(all)
    }

    #[test]
    fn plain_and_gzip_give_the_same_lines() {
        let text = "\u{FEFF}one\r\ntwo\n\nfour";
        let expected = ["one", "two", "", "four"];
        assert_eq!(lines(file(text).path()).unwrap(), expected);
        assert_eq!(lines(file(gzip(text)).path()).unwrap(), expected);
        let two_members = [gzip("one\r\ntwo\n"), gzip("\nfour\n")].concat();
        assert_eq!(lines(file(two_members).path()).unwrap(), expected);
        assert!(lines(file("").path()).unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let error = lines(file(b"good\nna\xEFve\n").path()).unwrap_err().to_string();
        assert!(error.contains("line 2: byte 3 of the line (0xEF)"), "{error}");
        let whole = gzip("one\ntwo\nthree\n");
        let error = lines(file(&whole[..whole.len() - 9]).path()).unwrap_err().to_string();
        assert!(error.contains("damaged or cut off"), "{error}");
        let error = lines(file(vec![b'x'; 2 << 20]).path()).unwrap_err().to_string();
        assert!(error.contains("line 1: this line is longer"), "{error}");
        let error = lines(&std::env::temp_dir()).unwrap_err().to_string();
        assert!(error.contains("folder"), "{error}");
    }
}
