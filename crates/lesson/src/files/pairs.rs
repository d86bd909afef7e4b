//! Sentence pairs for translation, one at a time.
//!
//! A line is `source TAB target`, plain or gzip, and may have a third part (the authors), which is
//! not used. Line ends `\r\n` and a byte order mark are dropped; empty lines are skipped; spaces at
//! the ends are cut. No-break spaces, which French sets before `! ? : ;`, stay as they are.

use std::path::Path;

use super::lines::Lines;
use crate::Result;

/// A sentence and its translation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// In the language to translate from.
    pub source: String,
    /// In the language to translate into.
    pub target: String,
}

/// The pairs of a file; see [`open`].
pub struct Pairs {
    lines: Lines,
    failed: bool,
}

/// Opens a file of pairs.
///
/// # Errors
/// A file that cannot be read. A malformed line comes as an item; it is the last.
pub fn open(path: impl AsRef<Path>) -> Result<Pairs> {
    Ok(Pairs { lines: Lines::open(path.as_ref())?, failed: false })
}

impl Pairs {
    fn read(&mut self) -> Result<Option<Pair>> {
        let what = loop {
            let Some(line) = self.lines.next_line()? else { return Ok(None) };
            if line.trim().is_empty() {
                continue;
            }
            let mut parts = line.split('\t').map(str::trim_ascii);
            // No-break spaces alone are no sentence.
            let is_blank = |part: &str| part.trim().is_empty();
            match (parts.next(), parts.next(), parts.nth(1)) {
                (Some(source), ..) if is_blank(source) => {
                    break "column 1: expected a sentence, found nothing.";
                }
                (_, None, _) => {
                    break "expected two sentences with a tab between them, found no tab.";
                }
                (_, Some(target), _) if is_blank(target) => {
                    break "column 2: expected a translation, found nothing.";
                }
                (.., Some(_)) => break "expected two or three columns, found more.",
                (Some(source), Some(target), None) => {
                    return Ok(Some(Pair { source: source.to_owned(), target: target.to_owned() }));
                }
                (None, ..) => unreachable!("splitting gives at least one part"),
            }
        };
        Err(self.lines.error(what))
    }
}

impl Iterator for Pairs {
    type Item = Result<Pair>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let pair = self.read().transpose();
        self.failed = matches!(pair, Some(Err(_)));
        pair
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lines::tests::{file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<Vec<Pair>> {
        open(file(content).path())?.collect()
    }

    #[test]
    fn pairs_with_and_without_authors() {
        let text = "\u{FEFF}Go.\tVa\u{202F}!\r\n\r\nHi. \t Salut !\tCC-BY 2.0 (France): by CM\r\n";
        let pair =
            |source: &str, target: &str| Pair { source: source.into(), target: target.into() };
        let expected = [pair("Go.", "Va\u{202F}!"), pair("Hi.", "Salut !")];
        assert_eq!(read(text).unwrap(), expected);
        assert_eq!(read(gzip(text)).unwrap(), expected);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn malformed_lines_are_named() {
        for (content, expected) in [
            (&b"a\tb\nonly\n"[..], "line 2: expected two sentences with a tab"),
            (b"a\t \n", "line 1: column 2"),
            ("a\t\u{A0}\n".as_bytes(), "line 1: column 2"),
            ("\u{3000}\tb\n".as_bytes(), "line 1: column 1"),
            (b"\tb\n", "line 1: column 1"),
            (b"a\tb\tc\td\n", "line 1: expected two or three columns"),
            (b"a\t\xFF\n", "line 1: byte 3 of the line"),
        ] {
            let error = read(content).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
        let file = file("x\ny\tz\n");
        assert_eq!(open(file.path()).unwrap().count(), 1); // nothing after an error
    }

    proptest! {
        #[test]
        fn no_bytes_panic(content in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\t')], 0..99)) {
            let _ = read(content);
        }
    }
}
