//! Word vectors in GloVe's text form (Pennington, Socher and Manning 2014).
//!
//! A line is `word v1 v2 ... vD`, separated by single spaces, plain or gzip. The first line fixes
//! D; a first line of two whole numbers, as word2vec writes it, is skipped. A word may hold spaces
//! (a few in the larger sets do): the last D parts are the vector. Of a word that is there twice
//! the first vector counts. NaN and infinite numbers are refused.

use std::collections::HashMap;
use std::path::Path;

use ndarray::Array2;

use super::lines::Lines;
use crate::{Error, Result};

/// Vectors by word.
#[derive(Debug, Clone)]
pub struct WordVectors {
    /// The words, in the file's order (the most frequent first).
    pub words: Vec<String>,
    /// Their vectors, (V, D).
    pub vectors: Array2<f32>,
    rows: HashMap<String, usize>,
}

impl WordVectors {
    /// D, the length of a vector.
    pub fn dimensions(&self) -> usize {
        self.vectors.ncols()
    }

    /// The row of a word.
    pub fn row(&self, word: &str) -> Option<usize> {
        self.rows.get(word).copied()
    }
}

/// The vectors of a file, one at a time; see [`open`].
pub struct Vectors {
    lines: Lines,
    dimensions: usize,
    failed: bool,
}

/// Opens a file of vectors. Each item is a word with its vector, (D).
///
/// # Errors
/// A file that cannot be read. A malformed line comes as an item; it is the last.
pub fn open(path: impl AsRef<Path>) -> Result<Vectors> {
    Ok(Vectors { lines: Lines::open(path.as_ref())?, dimensions: 0, failed: false })
}

/// Reads the vectors of the words that `wanted` says yes to: a vocabulary needs few of the
/// 400,000.
///
/// # Errors
/// As [`open`], at the first malformed line; a file without any vector.
pub fn read(path: impl AsRef<Path>, wanted: impl Fn(&str) -> bool) -> Result<WordVectors> {
    let path = path.as_ref();
    let mut vectors = open(path)?;
    let (mut words, mut values) = (Vec::new(), Vec::new());
    let mut rows = HashMap::new();
    while let Some((word, vector)) = vectors.read_if(&wanted)? {
        if !rows.contains_key(&word) {
            rows.insert(word.clone(), words.len());
            words.push(word);
            values.extend(vector);
        }
    }
    if vectors.dimensions == 0 {
        return Err(Error::data(path, None, "the file holds no word vector."));
    }
    let shape = (words.len(), vectors.dimensions);
    let vectors = Array2::from_shape_vec(shape, values).expect("D numbers a word"); // (V, D)
    Ok(WordVectors { words, vectors, rows })
}

impl Vectors {
    fn read_if(&mut self, wanted: impl Fn(&str) -> bool) -> Result<Option<(String, Vec<f32>)>> {
        let (column, found) = loop {
            let Some(line) = self.lines.next_line()? else { return Ok(None) };
            let line = line.trim_end_matches([' ', '\t']);
            if self.dimensions == 0 {
                self.dimensions = match line.split(' ').skip(1).collect::<Vec<_>>()[..] {
                    [_] if is_word2vec_header(line) => continue,
                    ref numbers => numbers.len(),
                };
            }
            let mut parts = line.rsplitn(self.dimensions + 1, ' ');
            let numbers: Vec<&str> = parts.by_ref().take(self.dimensions).collect();
            let Some(word) = parts.next().filter(|word| !word.is_empty() && self.dimensions > 0)
            else {
                let what = match self.dimensions {
                    0 => "expected a word and its numbers, separated by single spaces.".to_owned(),
                    d => format!("expected a word and {d} numbers, found {}.", numbers.len()),
                };
                return Err(self.lines.error(what));
            };
            if !wanted(word) {
                continue;
            }
            let parse = |text: &&str| text.parse::<f32>().ok().filter(|x| x.is_finite());
            match numbers.iter().rev().map(parse).collect::<Option<Vec<f32>>>() {
                Some(vector) => return Ok(Some((word.to_owned(), vector))),
                None => {
                    let wrong = numbers.iter().rev().position(|n| parse(n).is_none()).unwrap_or(0);
                    let text = numbers[numbers.len() - 1 - wrong];
                    break (wrong + 2, text.chars().take(40).collect::<String>());
                }
            }
        };
        Err(self.lines.error(format!("column {column}: expected a number, found {found:?}.")))
    }
}

fn is_word2vec_header(line: &str) -> bool {
    line.split(' ').all(|part| part.parse::<u32>().is_ok())
}

impl Iterator for Vectors {
    type Item = Result<(String, Vec<f32>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let item = self.read_if(|_| true).transpose();
        self.failed = matches!(item, Some(Err(_)));
        item
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::super::lines::tests::{file, gzip};
    use super::*;

    #[test]
    fn vectors_are_read_and_filtered() {
        let text = "the 1 -2.5\n. . . 3 4e-1\nthe 7 7\ncat 5 6 \n";
        for content in [text.as_bytes().to_vec(), gzip(text)] {
            let all = read(file(content).path(), |_| true).unwrap();
            assert_eq!(all.words, ["the", ". . .", "cat"]);
            assert_eq!(all.vectors, array![[1.0, -2.5], [3.0, 0.4], [5.0, 6.0]]);
            assert_eq!((all.row("cat"), all.row("dog"), all.dimensions()), (Some(2), None, 2));
        }
        let some = read(file(text).path(), |word| word == "cat").unwrap();
        assert_eq!(some.vectors, array![[5.0, 6.0]]);
        let word2vec = read(file("2 3\na 1 2 3\nb 4 5 6\n").path(), |_| true).unwrap();
        assert_eq!(word2vec.vectors.dim(), (2, 3));
    }

    #[test]
    fn malformed_lines_are_named() {
        for (content, expected) in [
            ("a 1 2\nb 1\n", "line 2: expected a word and 2 numbers"),
            ("a 1 2\nb 1 x\n", "line 2: column 3: expected a number, found \"x\""),
            ("a 1 2\nb nan 2\n", "line 2: column 2: expected a number, found \"nan\""),
            ("a\n", "line 1: expected a word and its numbers"),
            ("", "holds no word vector"),
            ("10 20\n", "holds no word vector"),
        ] {
            let error = read(file(content).path(), |_| true).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(content in prop::collection::vec(prop_oneof![any::<u8>(), Just(b' '), Just(b'\n')], 0..99)) {
            let _ = read(file(content).path(), |_| true);
        }

        #[test]
        fn no_text_panics(content in "([ab] ?|[0-9.]+ ?|\n){0,30}") {
            let _ = read(file(&content).path(), |_| true);
            let _ = open(file(content).path()).unwrap().count();
        }
    }
}
