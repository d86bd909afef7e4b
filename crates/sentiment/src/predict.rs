//! A trained classifier at work: its folder, and what it says of texts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::activation::sigmoid;
use seqcore::checkpoint::Reader;
use seqcore::data::WordVocab;
use seqcore::data::buckets::by_length;
use seqcore::files::write_atomically;
use seqcore::train::MODEL_FILE;
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::corpus::numbers;
use crate::model::{Classifier, Config, Tape};
use crate::ratios::Ratios;
use crate::task::Layout;

/// The file beside the weights: the model's shape and its words.
pub const DESCRIPTION_FILE: &str = "model.json";

/// Reviews read side by side.
const BATCH: usize = 32;

/// The most words that are read of a text: its first and its last half of so many. A book would
/// take gigabytes, and no review is that long.
pub const MOST_WORDS: usize = 4000;

/// What a model's folder says of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Its shape.
    pub config: Config,
    /// Its words: id 1 first.
    pub words: WordVocab,
    /// How many networks of this shape it is.
    #[serde(default = "one")]
    pub networks: usize,
}

fn one() -> usize {
    1
}

/// Where the `k`-th network of a model's folder is, from 0: the first in the folder itself.
pub fn network_folder(folder: &Path, k: usize) -> PathBuf {
    if k == 0 { folder.to_owned() } else { folder.join(network_name(k)) }
}

/// The folder's name, from the second network on.
pub fn network_name(k: usize) -> String {
    format!("network-{}", k + 1)
}

/// One classifier, or several that decide together, with their words.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The classifiers, at least one.
    pub networks: Vec<Classifier<f32>>,
    /// Their words.
    pub words: WordVocab,
}

impl Description {
    /// Writes it to a model's folder.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_string(self).expect("plain values serialise");
        write_atomically(&folder.join(DESCRIPTION_FILE), json.as_bytes())
    }
}

impl Trained {
    /// Opens the folder of a trained model.
    ///
    /// # Errors
    /// A folder without one, or files that are damaged or do not fit each other.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(DESCRIPTION_FILE);
        if folder.is_dir() && !path.exists() {
            let what = format!(
                "there is no {DESCRIPTION_FILE}. Name a folder that `sentiment train` wrote, such as out/sentiment."
            );
            return Err(Error::checkpoint(folder, what));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| Error::read(&path, e))?;
        let damaged =
            |e| Error::checkpoint(&path, format!("this describes no model ({e}). Train again."));
        let Description { config, words, networks } =
            serde_json::from_str(&text).map_err(damaged)?;
        config.validate()?;
        if words.size() != config.vocabulary || networks == 0 {
            let what = "its words and its shape do not belong together. Train again.";
            return Err(Error::checkpoint(&path, what));
        }
        let ratios = match config.ratios {
            0 => None,
            longest => Some(Arc::new(Ratios::open(folder, &words, longest)?)),
        };
        let network = |k| {
            let mut network = Classifier::new(&config, &mut ChaCha8Rng::seed_from_u64(0));
            network.ratios = ratios.clone();
            let path = network_folder(folder, k).join(MODEL_FILE);
            Reader::open(&path)?.load_into("", &mut network)?;
            Ok(network)
        };
        Ok(Self { networks: (0..networks).map(network).collect::<Result<_>>()?, words })
    }

    /// A text as its words' numbers, at most [`MOST_WORDS`] of them.
    pub fn numbers(&self, text: &str) -> Vec<usize> {
        shorten(numbers(text, &self.words))
    }

    /// The logits of each network, of each review, given as numbers.
    pub fn logits_of_each(&self, reviews: &[Vec<usize>]) -> Vec<Vec<f64>> {
        self.networks.iter().map(|own| logits(own, reviews, Layout::Masked)).collect()
    }

    /// The logit of each review, given as numbers: the mean of the networks' logits.
    pub fn logits(&self, reviews: &[Vec<usize>]) -> Vec<f64> {
        mean(&self.logits_of_each(reviews))
    }

    /// P(positive) of each text.
    pub fn probabilities<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vec<f64> {
        let reviews: Vec<Vec<usize>> =
            texts.par_iter().map(|text| self.numbers(text.as_ref())).collect();
        self.logits(&reviews).into_iter().map(sigmoid).collect()
    }
}

/// The mean of the networks' logits, by review.
pub fn mean(networks: &[Vec<f64>]) -> Vec<f64> {
    let of = |i: usize| networks.iter().map(|own| own[i]).sum::<f64>() / networks.len() as f64;
    (0..networks.first().map_or(0, Vec::len)).map(of).collect()
}

/// The first and the last half of a text that is too long.
fn shorten(mut words: Vec<usize>) -> Vec<usize> {
    if words.len() > MOST_WORDS {
        words.drain(MOST_WORDS / 2..words.len() - MOST_WORDS / 2);
    }
    words
}

/// P(positive) of each review, given as numbers.
pub fn probabilities(model: &Classifier<f32>, reviews: &[Vec<usize>]) -> Vec<f64> {
    logits(model, reviews, Layout::Masked).into_iter().map(sigmoid).collect()
}

/// The logit (C7) of each review.
pub fn logits(model: &Classifier<f32>, reviews: &[Vec<usize>], layout: Layout) -> Vec<f64> {
    let lengths: Vec<usize> = reviews.iter().map(Vec::len).collect();
    let batches = by_length(&lengths, BATCH);
    let parts: Vec<Vec<f32>> = batches
        .par_iter()
        .map_init(Tape::default, |tape, batch| {
            let short: Vec<Vec<usize>> =
                batch.iter().map(|&i| shorten(reviews[i].clone())).collect();
            let padded = layout.pad(short.iter().map(Vec::as_slice));
            model.forward(&model.batch(padded, None), None, tape).into_raw_vec_and_offset().0
        })
        .collect();
    let mut all = vec![0.0; reviews.len()];
    for (batch, logits) in batches.iter().zip(parts) {
        batch.iter().zip(logits).for_each(|(&i, y)| all[i] = f64::from(y));
    }
    all
}

/// The texts of a stream, one a line; what is not UTF-8 becomes `�`.
///
/// # Errors
/// A stream that cannot be read.
pub fn lines(mut input: impl std::io::Read) -> Result<Vec<String>> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|e| Error::read(&PathBuf::from("standard input"), e))?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::config;
    use seqcore::data::tokenise::vocabulary;

    fn trained() -> Trained {
        let words = vocabulary(&["a b c d e f g h"], 8, 1);
        let network = |seed| Classifier::new(&config(), &mut ChaCha8Rng::seed_from_u64(seed));
        Trained { networks: vec![network(3), network(4)], words }
    }

    #[test]
    fn several_networks_decide_by_the_mean_of_their_logits() {
        let both = trained();
        let reviews = [vec![1, 2, 3], vec![4]];
        let alone = |k: usize| logits(&both.networks[k], &reviews, Layout::Masked);
        for (mean, (a, b)) in both.logits(&reviews).iter().zip(alone(0).iter().zip(alone(1))) {
            assert!((mean - (a + b) / 2.0).abs() < 1e-12 && *a != b);
        }
    }

    #[test]
    fn any_text_has_a_probability() {
        let trained = trained();
        let long = "a b ".repeat(50_000);
        let texts = ["", "a", &long, "什么 это 👍", "\u{0}\u{FFFD}"];
        let probabilities = trained.probabilities(&texts);
        assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{probabilities:?}");
        // Side by side or alone: the same.
        for (text, p) in texts.iter().zip(&probabilities) {
            assert!((trained.probabilities(&[text])[0] - p).abs() < 1e-5);
        }
        assert_eq!(trained.numbers(&long).len(), MOST_WORDS);
    }

    #[test]
    fn bytes_that_are_no_text_are_read() {
        assert_eq!(lines(&b"good\r\nb\xE4d\n"[..]).unwrap(), ["good", "b\u{FFFD}d"]);
        assert!(lines(&b""[..]).unwrap().is_empty());
    }
}
