//! Both engines against what PyTorch computed: every file of `parity/fixtures`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::torch_parity::check;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

/// `parity/fixtures` in the project's root.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../parity/fixtures")
}

fn fixtures() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the project has its fixtures");
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "safetensors"));
    files.sort();
    files
}

#[test]
fn every_fixture_is_met_by_both_engines() {
    let files = fixtures();
    for path in &files {
        let results = check(fs::read(path).unwrap()).unwrap();
        assert_eq!(results.iter().map(|r| r.engine).collect::<Vec<_>>(), ["reference", "fused"]);
        for result in results {
            assert!(result.passed(), "{}: {result}", path.display());
        }
    }
    // An empty folder proves nothing.
    assert_eq!(files.len(), 25, "make_fixtures.py --small writes so many");
    let named = |part: &str| files.iter().filter(|f| f.to_string_lossy().contains(part)).count();
    for cell in ["layer_rnn_tanh", "layer_rnn_relu", "layer_lstm", "layer_gru"] {
        assert!(named(cell) >= 5, "{cell}");
    }
    for kind in
        ["bidirectional", "nobias", "saturated", "_lengths", "lengths_ties", "_f32", "trace_"]
    {
        assert!(named(kind) >= 1, "{kind}");
    }
}

/// A copy of the fixture `name` in which the first number of `tensor` is `change`d.
fn altered(name: &str, tensor: &str, change: impl Fn(f64) -> f64) -> Vec<u8> {
    let content = fs::read(folder().join(name)).unwrap();
    let (_, header) = SafeTensors::read_metadata(&content).unwrap();
    let metadata: HashMap<String, String> = header.metadata().clone().unwrap();
    let tensors = SafeTensors::deserialize(&content).unwrap();
    let view = tensors.tensor(tensor).unwrap();
    let mut bytes = view.data().to_vec();
    match view.dtype() {
        Dtype::F64 => {
            let value = f64::from_le_bytes(bytes[..8].try_into().unwrap());
            bytes[..8].copy_from_slice(&change(value).to_le_bytes());
        }
        Dtype::F32 => {
            let value = f32::from_le_bytes(bytes[..4].try_into().unwrap());
            bytes[..4].copy_from_slice(&(change(f64::from(value)) as f32).to_le_bytes());
        }
        other => panic!("{other:?}"),
    }
    let changed = TensorView::new(view.dtype(), view.shape().to_vec(), &bytes).unwrap();
    let all = tensors.iter().map(|(n, view)| (n, if n == tensor { changed.clone() } else { view }));
    safetensors::serialize(all, Some(metadata)).unwrap()
}

#[test]
fn a_wrong_expected_value_is_reported_and_named() {
    let lengths = "layer_lstm_lengths_ties.safetensors";
    let single = "layer_gru_single_f32.safetensors";
    let trace = "trace_lstm_stacked_adam.safetensors";
    for (name, tensor, by) in [
        (lengths, "output", 1e-8),
        (lengths, "h_n", 1e-8),
        (lengths, "c_n", f64::NAN),
        (lengths, "grad.input", 1e-8),
        (lengths, "grad.c0", 1e-8),
        (lengths, "grad.weight_hh_l0_reverse", 1e-8),
        (lengths, "grad.bias_ih_l0", f64::INFINITY),
        (single, "output", 1e-4),
        (single, "grad.weight_ih_l0", f64::NAN),
        (trace, "losses", 1e-8),
        (trace, "grad_norms", 1e-8),
        (trace, "final.embedding.weight", 1e-8),
        (trace, "final.rnn.weight_hh_l1", f64::NAN),
    ] {
        let file = altered(name, tensor, |value| value + by);
        for result in check(file).unwrap() {
            assert!(!result.passed(), "{name}, {tensor} + {by}: {result}");
            let blamed = [&result.outputs.tensor, &result.gradients.tensor];
            let tensor = tensor.trim_start_matches("final.").trim_start_matches("grad.");
            assert!(blamed.iter().any(|b| b.trim_start_matches("grad.") == tensor), "{result}");
        }
        let same = altered(name, tensor, |value| value);
        assert!(check(same).unwrap().iter().all(|result| result.passed()));
    }
}

#[test]
fn what_is_no_fixture_is_an_error() {
    let check_text = |content: &[u8]| check(content.to_vec()).unwrap_err().to_string();
    let whole = fs::read(folder().join("layer_gru_nobias.safetensors")).unwrap();
    assert!(check_text(b"").contains("not a whole safetensors file"));
    assert!(check_text(&whole[..whole.len() / 2]).contains("not a whole safetensors file"));
    let other = safetensors::serialize(Vec::<(String, TensorView<'_>)>::new(), None).unwrap();
    assert!(check_text(&other).contains("dtype"));
    // The sizes in the metadata do not fit the arrays.
    let smaller = |from: &str, to: &str| {
        let at = whole.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        let mut content = whole.clone();
        content[at..at + to.len()].copy_from_slice(to.as_bytes());
        check_text(&content)
    };
    assert!(smaller(r#""hidden_size":"6""#, r#""hidden_size":"5""#).contains("shape"));
    assert!(smaller(r#""hidden_size":"6""#, r#""hidden_size":"x""#).contains("hidden_size"));
    assert!(smaller(r#""num_layers":"1""#, r#""num_layers":"0""#).contains("layers"));
    assert!(smaller(r#""shape":[5,1,3]"#, r#""shape":[1,5,3]"#).contains("shape"));
}
