//! A trained classifier at work: what it says of texts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lesson::{Error, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use seqcore::activation::sigmoid;
use seqcore::data::WordVocab;

use crate::corpus::numbers;
use crate::description::ClassifierDescription;
use crate::layout::Layout;
use crate::logits::{logits, mean, shorten};
use crate::model::Classifier;
use crate::ratios::Ratios;

/// One classifier, or several that decide together, with their words.
#[derive(Debug, Clone)]
pub struct TrainedClassifier {
    /// The classifiers, at least one.
    pub networks: Vec<Classifier<f32>>,
    /// Their words.
    pub words: WordVocab,
}

impl TrainedClassifier {
    /// Opens a trained classifier: a folder that `train` or the tour wrote, or a file.
    ///
    /// # Errors
    /// No classifier there, or one that is damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let (description, reader) = ClassifierDescription::open(path)?;
        let ClassifierDescription { config, words, networks, ratios } = &description;
        let ratios = ratios.as_ref().map(|counts| Ratios::from_csv(counts, words, config.ratios));
        let damaged = |what| reader.error(format!("its counts of n-grams, {what}. Train again."));
        let ratios = ratios.transpose().map_err(damaged)?.map(Arc::new);
        let network = |k| {
            let mut network = Classifier::new(config, &mut ChaCha8Rng::seed_from_u64(0));
            network.ratios.clone_from(&ratios);
            reader.load_into(&description.prefix(k), &mut network)?;
            Ok(network)
        };
        let networks = (0..*networks).map(network).collect::<Result<_>>()?;
        Ok(Self { networks, words: words.clone() })
    }

    /// A text as its words' numbers, at most [`MOST_WORDS`](crate::logits::MOST_WORDS) of them.
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
    use seqcore::data::tokenise::vocabulary;

    use super::*;
    use crate::layout::Layout;
    use crate::logits::{MOST_WORDS, logits};
    use crate::model::tests::config;

    fn trained() -> TrainedClassifier {
        let words = vocabulary(&["a b c d e f g h"], 8, 1);
        let network = |seed| Classifier::new(&config(), &mut ChaCha8Rng::seed_from_u64(seed));
        TrainedClassifier { networks: vec![network(3), network(4)], words }
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
