//! Models that PyTorch made (tests/torch/make.py), and files that are none.

use std::path::{Path, PathBuf};

use lesson::files::weights::{self, Reader, Writer};
use lstm_textgen::exchange::read;
use lstm_textgen::explore::Page;
use ndarray::ArrayD;

fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch").join(name)
}

#[test]
fn a_model_of_pytorch_gives_what_pytorch_says() {
    for (name, unknown_added) in [("lstm.safetensors", true), ("gru.safetensors", false)] {
        let reader = Reader::open(&made(name)).unwrap();
        let (about, model, note) = read(&reader).unwrap();
        assert_eq!(note.is_some(), unknown_added);
        assert_eq!(about.vocabulary.size(), 8);
        let text = reader.metadata("text").unwrap();
        let page = Page::new(&model.untied(), &about.vocabulary, text).unwrap();
        let costs: Vec<f64> = page.surprise.iter().flatten().copied().collect();
        let nats = costs.iter().sum::<f64>() / costs.len() as f64;
        let expected: f64 = reader.parse("nats").unwrap();
        assert!((nats - expected).abs() < 2e-6, "{name}: {nats} {expected}");
    }
}

/// What is said of PyTorch's LSTM when its arrays and metadata have been changed.
fn refusal(
    change: impl Fn(&str, ArrayD<f32>) -> Option<ArrayD<f32>>,
    vocabulary: Option<&str>,
) -> String {
    let reader = Reader::open(&made("lstm.safetensors")).unwrap();
    let mut writer = Writer::default();
    for name in reader.names() {
        if let Some(array) = change(&name, reader.array(&name).unwrap()) {
            writer.array(name, array.view());
        }
    }
    if let Some(vocabulary) = vocabulary {
        writer.metadata("vocabulary", vocabulary);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.safetensors");
    weights::write(&path, writer).unwrap();
    let said = read(&Reader::open(&path).unwrap()).unwrap_err().to_string();
    assert!(said.contains("changed.safetensors"), "{said}");
    said
}

#[test]
fn what_is_no_language_model_is_refused_and_the_array_named() {
    let tokens = Some(r#"["a","b","c","d","e"," ",","]"#);
    let same = |_: &str, array: ArrayD<f32>| Some(array);
    let without = |name: &'static str| move |n: &str, array| (n != name).then_some(array);
    let with = |name: &'static str, shape: &'static [usize]| {
        move |n: &str, array| Some(if n == name { ArrayD::zeros(shape) } else { array })
    };
    let check = |said: String, expected: &[&str]| {
        assert!(expected.iter().all(|word| said.contains(word)), "{said}");
    };
    check(refusal(same, None), &["json.dumps(tokens)"]);
    check(refusal(same, Some("{}")), &["no list of tokens"]);
    check(refusal(same, Some(r#"["a","a","c","d","e"," ",","]"#)), &["no list of tokens"]);
    check(refusal(same, Some(r#"["a","b"]"#)), &["7 rows", "2 tokens"]);
    check(refusal(without("embedding.weight"), tokens), &["embedding.weight"]);
    check(refusal(without("rnn.bias_hh_l1"), tokens), &["rnn.bias_hh_l1"]);
    check(refusal(with("linear.weight", &[7, 4]), tokens), &["linear.weight", "[7, 4]", "[7, 5]"]);
    check(refusal(with("rnn.weight_hh_l0", &[10, 5]), tokens), &["[10, 5]", "4 times"]);
    check(refusal(with("rnn.weight_ih_l1", &[20, 9]), tokens), &["rnn.weight_ih_l1", "[20, 5]"]);
    check(refusal(with("embedding.weight", &[7]), tokens), &["a matrix is needed"]);
    check(refusal(|_, array| Some(array * f32::NAN), tokens), &["no numbers"]);
}

#[test]
fn an_array_that_has_no_place_is_named() {
    let reader = Reader::open(&made("lstm.safetensors")).unwrap();
    let mut writer = Writer::default();
    for name in reader.names() {
        writer.array(name.clone(), reader.array::<f32>(&name).unwrap().view());
    }
    writer.array("rnn.weight_ih_l0_reverse", ArrayD::<f32>::zeros(vec![20, 3]).view());
    writer.metadata("vocabulary", reader.metadata("vocabulary").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("both_ways.safetensors");
    weights::write(&path, writer).unwrap();
    let said = read(&Reader::open(&path).unwrap()).unwrap_err().to_string();
    assert!(said.contains("rnn.weight_ih_l0_reverse") && said.contains("one direction"), "{said}");
}
