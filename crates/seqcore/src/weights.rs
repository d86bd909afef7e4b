//! Weights as safetensors bytes with PyTorch's names, and back.
//!
//! Bytes of ours carry the sha256 of their content: bytes that were cut off, altered or made by something
//! else give an [`Error`], never wrong numbers. Who has them in a file keeps its path beside them.

use std::collections::{BTreeMap, HashMap};

use ndarray::{ArrayD, ArrayViewD};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use crate::params::Named;
use crate::{Error, Float, Result};

/// The metadata key under which the sha256 of everything else stands.
pub const CHECKSUM: &str = "sha256";

/// Named arrays: gathered first, then written at once.
///
/// ```
/// use ndarray::array;
/// use seqcore::weights::{Weights, Writer};
///
/// let mut writer = Writer::default();
/// writer.array("bias", array![1.0_f32, 2.0].view().into_dyn());
/// let weights = Weights::from_bytes(writer.into_bytes())?;
/// assert_eq!(weights.array::<f32>("bias")?, array![1.0, 2.0].into_dyn());
/// # Ok::<(), seqcore::Error>(())
/// ```
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

    /// Adds an entry of the metadata.
    pub fn metadata(&mut self, key: &str, value: impl Into<String>) {
        self.metadata.insert(key.to_owned(), value.into());
    }

    /// The bytes of a safetensors file. The same content is the same bytes.
    pub fn into_bytes(mut self) -> Vec<u8> {
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
        content
    }
}

/// Sorts the metadata, which stand first and come in a hash map's order: the same content must be the
/// same bytes.
fn sort_metadata(content: &mut [u8]) {
    let start = size_of::<u64>() + r#"{"__metadata__":"#.len();
    let mut objects = serde_json::Deserializer::from_slice(&content[start..]).into_iter();
    let sorted: BTreeMap<String, String> =
        objects.next().expect("a header has metadata").expect("which are pairs of strings");
    let end = start + objects.byte_offset();
    let sorted = serde_json::to_vec(&sorted).expect("strings are JSON");
    content[start..end].copy_from_slice(&sorted);
}

/// The sha256 over all arrays and all metadata but the checksum itself, in order of their names. A type goes
/// in by the name that it has in a safetensors file, a shape as the JSON that stands there.
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
        add(&serde_json::to_vec(&(view.dtype(), view.shape())).expect("plain data"));
        add(view.data());
    }
    let sorted: BTreeMap<_, _> = metadata.iter().filter(|(key, _)| *key != CHECKSUM).collect();
    for (key, value) in sorted {
        add(key.as_bytes());
        add(value.as_bytes());
    }
    hex(&sha.finalize())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Safetensors bytes that were read and checked.
#[derive(Debug)]
pub struct Weights {
    content: Vec<u8>,
    metadata: HashMap<String, String>,
}

impl Weights {
    /// Reads bytes from us or from PyTorch; a checksum is verified where there is one.
    ///
    /// # Errors
    /// Bytes that are no whole safetensors file, or differ from their own checksum.
    pub fn from_bytes(content: Vec<u8>) -> Result<Self> {
        let broken = |why: String| {
            Error::weights(format!(
                "this is not a whole safetensors file ({why}). It may be cut off, or something else: train again, or \
                 copy it again from where it came."
            ))
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
        Ok(Self { content, metadata })
    }

    /// An entry of the metadata.
    ///
    /// # Errors
    /// If there is none.
    pub fn metadata(&self, key: &str) -> Result<&str> {
        let missing = || {
            let what = format!("its metadata has no {key:?}. It was not written for this purpose.");
            Error::weights(what)
        };
        self.metadata.get(key).map(String::as_str).ok_or_else(missing)
    }

    /// An entry of the metadata as a number, or whatever else it parses to.
    ///
    /// # Errors
    /// If there is none, or it does not parse.
    pub fn parse<T: std::str::FromStr>(&self, key: &str) -> Result<T> {
        let value = self.metadata(key)?;
        let wrong =
            |_| Error::weights(format!("its metadata says {key} = {value:?}, which cannot be."));
        value.parse().map_err(wrong)
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
    ///
    /// # Errors
    /// If there is none, or it is of another type.
    pub fn array<A: Float>(&self, name: &str) -> Result<ArrayD<A>> {
        let (shape, bytes) = self.bytes(name, A::DTYPE)?;
        let values = bytes.chunks_exact(size_of::<A>()).map(A::from_le_bytes).collect();
        Ok(ArrayD::from_shape_vec(shape, values).expect("safetensors checked the size"))
    }

    /// An array of whole numbers (int64) that are not negative.
    ///
    /// # Errors
    /// If there is none, it is of another type, or a number is negative.
    pub fn indices(&self, name: &str) -> Result<ArrayD<usize>> {
        let (shape, bytes) = self.bytes(name, Dtype::I64)?;
        let number = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        let values: std::result::Result<Vec<usize>, _> =
            bytes.chunks_exact(8).map(|b| number(b).try_into()).collect();
        let values =
            values.map_err(|_| Error::weights(format!("{name} holds a negative index.")))?;
        Ok(ArrayD::from_shape_vec(shape, values).expect("safetensors checked the size"))
    }

    /// Fills every array of `part` from the array of the same name behind `prefix`. All must be there, in
    /// the right shape; nothing is changed unless all fit.
    ///
    /// # Errors
    /// An array that is not there, or has another shape.
    pub fn load_into<A: Float>(&self, prefix: &str, part: &mut impl Named<A>) -> Result<()> {
        let mut loaded = Vec::new();
        for (name, slot) in part.named() {
            let name = format!("{prefix}{name}");
            let array = self.array::<A>(&name)?;
            let (found, expected) = (array.shape().to_vec(), slot.dense().shape().to_vec());
            if found != expected {
                return Err(Error::weights(format!(
                    "{name} has the shape {found:?}, but the configuration asks for {expected:?}. The two do not \
                     belong together."
                )));
            }
            loaded.push(array);
        }
        for ((_, slot), array) in part.named_mut().into_iter().zip(loaded) {
            slot.dense().assign(&array);
        }
        Ok(())
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.content).expect("checked when it was opened")
    }

    fn bytes(&self, name: &str, dtype: Dtype) -> Result<(Vec<usize>, &[u8])> {
        let missing = |_| {
            let what = format!("there is no array {name:?} in it. It belongs to another model.");
            Error::weights(what)
        };
        let tensors = self.tensors();
        let view = tensors.tensor(name).map_err(missing)?;
        if view.dtype() != dtype {
            let found = view.dtype();
            return Err(Error::weights(format!(
                "{name} is of type {found:?}, but {dtype:?} is needed."
            )));
        }
        Ok((view.shape().to_vec(), view.data()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::State;
    use ndarray::{Array2, array};

    fn written() -> Vec<u8> {
        let mut writer = Writer::default();
        let state = State { h: array![[1.0, 2.0]], c: Some(array![[3.0, -4.0]]) };
        writer.named::<f32>("", &state);
        writer.metadata("format", "test");
        writer.into_bytes()
    }

    #[test]
    fn what_was_written_is_read() {
        let weights = Weights::from_bytes(written()).unwrap();
        assert_eq!(weights.names(), ["c", "h"]);
        assert_eq!(weights.metadata("format").unwrap(), "test");
        let mut state = State { h: Array2::<f32>::zeros((1, 2)), c: Some(Array2::zeros((1, 2))) };
        weights.load_into("", &mut state).unwrap();
        assert_eq!(state.c.unwrap(), array![[3.0, -4.0]]);
    }

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let bytes = || {
            let mut writer = Writer::default();
            writer.array("h", array![[1.0_f32, 2.0]].view().into_dyn());
            for key in ["format", "a \"quoted\" key", "größe", "steps", "seed", "cell"] {
                writer.metadata(key, format!("{key}\n1"));
            }
            writer.into_bytes()
        };
        let first = bytes();
        assert!((0..20).all(|_| bytes() == first));
        assert_eq!(Weights::from_bytes(first).unwrap().metadata("steps").unwrap(), "steps\n1");
    }

    #[test]
    fn broken_bytes_are_refused() {
        let good = written();
        let message =
            |content: &[u8]| Weights::from_bytes(content.to_vec()).unwrap_err().to_string();
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
    fn the_checksum_is_of_what_stands_in_the_file_and_of_no_debug_text() {
        // python: sha256 over b"h", b'["F32",[1,2]]' and the eight bytes of the array, each behind its
        // length as eight bytes, little-endian.
        let mut writer = Writer::default();
        writer.array("h", array![[1.0_f32, 2.0]].view().into_dyn());
        let weights = Weights::from_bytes(writer.into_bytes()).unwrap();
        assert_eq!(
            weights.metadata(CHECKSUM).unwrap(),
            "327d8676642f888d7e1b2d300aac9422f799ccb23967a0171cb3882f5ad8e6a7"
        );
    }

    #[test]
    fn weights_of_another_shape_change_nothing() {
        let weights = Weights::from_bytes(written()).unwrap();
        let mut state = State { h: Array2::<f32>::ones((1, 2)), c: Some(Array2::ones((1, 3))) };
        let message = weights.load_into("", &mut state).unwrap_err().to_string();
        assert!(message.contains("[1, 2]") && message.contains("[1, 3]"), "{message}");
        assert_eq!(state.h, array![[1.0, 1.0]]);
    }
}
