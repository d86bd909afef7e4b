//! Weights on disk: safetensors files with PyTorch's names.
//!
//! A file is written to a temporary name in the same folder and renamed, so that there is always
//! either the old file or the new one. Files of ours carry the sha256 of their content; a file
//! that was truncated, altered or made by something else gives an [`Error`], never
//! wrong numbers.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use ndarray::{ArrayD, ArrayViewD};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use crate::files::{hex, write_atomically};
use crate::params::Named;
use crate::{Error, Float, Result};

/// The metadata key under which the sha256 of everything else in the file stands.
pub(crate) const CHECKSUM: &str = "sha256";

/// Named arrays for one file: gathered first, then written at once.
#[derive(Debug, Default)]
pub struct Writer {
    tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
    metadata: HashMap<String, String>,
}

impl Writer {
    /// Adds an array.
    pub fn array<A: Float>(&mut self, name: impl Into<String>, array: ArrayViewD<A>) {
        let mut bytes = Vec::with_capacity(array.len() * size_of::<A>());
        array.iter().for_each(|value| value.push_le_bytes(&mut bytes));
        self.tensors.insert(name.into(), (A::DTYPE, array.shape().to_vec(), bytes));
    }

    /// Adds all arrays of `part`, their names behind `prefix`.
    pub fn named<A: Float>(&mut self, prefix: &str, part: &impl Named<A>) {
        for (name, slot) in part.named() {
            self.array(format!("{prefix}{name}"), slot.dense());
        }
    }

    /// Adds an entry of the file's metadata.
    pub fn metadata(&mut self, key: &str, value: impl Into<String>) {
        self.metadata.insert(key.to_owned(), value.into());
    }

    /// Writes the file; see [`write_atomically`].
    pub fn write(mut self, path: &Path) -> Result<()> {
        let mut views = BTreeMap::new();
        for (name, (dtype, shape, bytes)) in &self.tensors {
            let view = TensorView::new(*dtype, shape.clone(), bytes)
                .expect("as many bytes as the shape asks for");
            views.insert(name, view);
        }
        let sum = checksum(&views, &self.metadata);
        self.metadata.insert(CHECKSUM.to_owned(), sum);
        let mut content = safetensors::serialize(views, Some(self.metadata))
            .expect("views of whole arrays serialise");
        sort_metadata(&mut content);
        write_atomically(path, &content)
    }
}

/// Sorts the metadata, which stand first in a file and come in a hash map's order: the same content
/// must be the same bytes.
fn sort_metadata(content: &mut [u8]) {
    let start = size_of::<u64>() + r#"{"__metadata__":"#.len();
    let mut objects = serde_json::Deserializer::from_slice(&content[start..]).into_iter();
    let sorted: BTreeMap<String, String> =
        objects.next().expect("a header has metadata").expect("which are pairs of strings");
    let end = start + objects.byte_offset();
    let sorted = serde_json::to_vec(&sorted).expect("strings are JSON");
    content[start..end].copy_from_slice(&sorted);
}

/// The sha256 over all arrays and all metadata but the checksum itself, in order of their names.
fn checksum(
    tensors: &BTreeMap<impl AsRef<str>, TensorView<'_>>,
    metadata: &HashMap<String, String>,
) -> String {
    let mut sha = Sha256::new();
    // Each piece behind its length, so that no two contents give the same bytes.
    let mut add = |piece: &[u8]| {
        sha.update((piece.len() as u64).to_le_bytes());
        sha.update(piece);
    };
    for (name, view) in tensors {
        add(name.as_ref().as_bytes());
        add(format!("{:?} {:?}", view.dtype(), view.shape()).as_bytes());
        add(view.data());
    }
    let sorted: BTreeMap<_, _> = metadata.iter().filter(|(key, _)| *key != CHECKSUM).collect();
    for (key, value) in sorted {
        add(key.as_bytes());
        add(value.as_bytes());
    }
    hex(&sha.finalize())
}

/// A safetensors file that was read and checked.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    content: Vec<u8>,
    metadata: HashMap<String, String>,
}

impl Reader {
    /// Reads a file. It may come from us or from PyTorch; a checksum is verified where there is
    /// one.
    pub fn open(path: &Path) -> Result<Self> {
        let content = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        let broken = |why: String| {
            let advice = "It may be cut off, or no safetensors file: train again, or copy it again from where it came.";
            Error::checkpoint(
                path,
                format!("this is not a whole safetensors file ({why}). {advice}"),
            )
        };
        let (_, header) =
            SafeTensors::read_metadata(&content).map_err(|e| broken(e.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(&content).map_err(|e| broken(e.to_string()))?;
        if let Some(expected) = metadata.get(CHECKSUM)
            && checksum(&tensors.iter().collect(), &metadata) != *expected
        {
            return Err(broken("its content differs from its own checksum".to_owned()));
        }
        Ok(Self { path: path.to_owned(), content, metadata })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An entry of the metadata.
    pub fn metadata(&self, key: &str) -> Result<&str> {
        let missing = || {
            self.error(format!("its metadata has no {key:?}. It was not written for this purpose."))
        };
        self.metadata.get(key).map(String::as_str).ok_or_else(missing)
    }

    /// An entry of the metadata as a number, or whatever else it parses to.
    pub fn parse<T: std::str::FromStr>(&self, key: &str) -> Result<T> {
        let value = self.metadata(key)?;
        value.parse().map_err(|_| {
            self.error(format!("its metadata says {key} = {value:?}, which cannot be."))
        })
    }

    /// The names of all arrays, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.tensors().names().into_iter().map(String::from).collect();
        names.sort();
        names
    }

    /// Whether there is an array `name`.
    pub fn has(&self, name: &str) -> bool {
        self.tensors().tensor(name).is_ok()
    }

    /// An array of floats.
    pub fn array<A: Float>(&self, name: &str) -> Result<ArrayD<A>> {
        let (shape, bytes) = self.bytes(name, A::DTYPE)?;
        let values = bytes.chunks_exact(size_of::<A>()).map(A::from_le_bytes).collect();
        Ok(ArrayD::from_shape_vec(shape, values).expect("safetensors checked the size"))
    }

    /// An array of whole numbers (int64) that are not negative.
    pub fn indices(&self, name: &str) -> Result<ArrayD<usize>> {
        let (shape, bytes) = self.bytes(name, Dtype::I64)?;
        let number = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        let values: std::result::Result<Vec<usize>, _> =
            bytes.chunks_exact(8).map(|b| number(b).try_into()).collect();
        let values = values.map_err(|_| self.error(format!("{name} holds a negative index.")))?;
        Ok(ArrayD::from_shape_vec(shape, values).expect("safetensors checked the size"))
    }

    /// Fills every array of `part` from the array of the same name behind `prefix`. All must be
    /// there, in the right shape; nothing is changed unless all fit.
    pub fn load_into<A: Float>(&self, prefix: &str, part: &mut impl Named<A>) -> Result<()> {
        let mut loaded = Vec::new();
        for (name, slot) in part.named() {
            let name = format!("{prefix}{name}");
            let array = self.array::<A>(&name)?;
            let (found, expected) = (array.shape().to_vec(), slot.dense().shape().to_vec());
            if found != expected {
                return Err(self.error(format!(
                    "{name} has the shape {found:?}, but the configuration asks for {expected:?}. The two do not belong together."
                )));
            }
            loaded.push(array);
        }
        for ((_, slot), array) in part.named_mut().into_iter().zip(loaded) {
            slot.dense().assign(&array);
        }
        Ok(())
    }

    /// An error about this file.
    pub fn error(&self, what: impl Into<String>) -> Error {
        Error::checkpoint(&self.path, what)
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.content).expect("checked when it was opened")
    }

    fn bytes(&self, name: &str, dtype: Dtype) -> Result<(Vec<usize>, &[u8])> {
        let tensors = self.tensors();
        let view = tensors.tensor(name).map_err(|_| {
            self.error(format!("there is no array {name:?} in it. It belongs to another model."))
        })?;
        if view.dtype() != dtype {
            return Err(self
                .error(format!("{name} is of type {:?}, but {dtype:?} is needed.", view.dtype())));
        }
        Ok((view.shape().to_vec(), view.data()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("model.safetensors");
        let mut writer = Writer::default();
        writer.named::<f32>(
            "",
            &crate::cells::State { h: array![[1.0, 2.0]], c: Some(array![[3.0, -4.0]]) },
        );
        writer.metadata("format", "test");
        writer.write(&path).unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let reader = Reader::open(&written(folder.path())).unwrap();
        assert_eq!(reader.names(), ["c", "h"]);
        assert_eq!(reader.metadata("format").unwrap(), "test");
        let mut state =
            crate::cells::State { h: Array2::<f32>::zeros((1, 2)), c: Some(Array2::zeros((1, 2))) };
        reader.load_into("", &mut state).unwrap();
        assert_eq!(state.c.unwrap(), array![[3.0, -4.0]]);
    }

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let bytes = || {
            let mut writer = Writer::default();
            writer.array("h", array![[1.0_f32, 2.0]].view().into_dyn());
            for key in ["format", "a \"quoted\" key", "größe", "steps", "seed", "cell"] {
                writer.metadata(key, format!("{key}\n1"));
            }
            writer.write(&path).unwrap();
            assert_eq!(Reader::open(&path).unwrap().metadata("steps").unwrap(), "steps\n1");
            std::fs::read(&path).unwrap()
        };
        let first = bytes();
        assert!((0..20).all(|_| bytes() == first));
    }

    #[test]
    fn broken_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let good = std::fs::read(&path).unwrap();
        let message = |content: &[u8]| {
            std::fs::write(&path, content).unwrap();
            Reader::open(&path).unwrap_err().to_string()
        };
        assert!(message(&good[..good.len() - 3]).contains("not a whole safetensors file"));
        assert!(message(b"hello").contains("not a whole safetensors file"));
        assert!(message(b"").contains("not a whole safetensors file"));
        let mut altered = good.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert!(message(&altered).contains("checksum"));
        let at = good.windows(8).position(|w| w == b"\"format\"").unwrap() + 11; // "format":"test"
        let mut altered = good.clone();
        altered[at] ^= 1;
        assert!(message(&altered).contains("checksum"));
    }

    #[test]
    fn a_file_of_another_shape_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let reader = Reader::open(&written(folder.path())).unwrap();
        let mut state =
            crate::cells::State { h: Array2::<f32>::ones((1, 2)), c: Some(Array2::ones((1, 3))) };
        let message = reader.load_into("", &mut state).unwrap_err().to_string();
        assert!(message.contains("[1, 2]") && message.contains("[1, 3]"), "{message}");
        assert_eq!(state.h, array![[1.0, 1.0]]);
    }
}
