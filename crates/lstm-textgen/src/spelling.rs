//! What an unknown word costs in characters.
//!
//! A word model that says `<unk>` has not yet said *which* word. To compare it with a character
//! model it must also pay for the spelling:
//!
//! ```text
//! -ln p(word | context) = -ln p(<unk> | context) - sum_i ln q(c_i | c_<i) - ln q(end | c)
//! ```
//!
//! q is a character n-gram (R20) fitted on the training words that are `<unk>` themselves. It gives
//! some probability to words that are known, which is never used, so the cost is slightly too
//! high: a bound that errs against the word model.

use seqcore::data::vocab::words;
use seqcore::data::{CharVocab, Order, UNK, WordVocab};
use seqcore::metrics::NGram;

/// The order of the spelling model.
const ORDER: usize = 5;

/// All Unicode characters: an unknown character is one of them, and none is more likely.
const UNICODE: f64 = 1_112_064.0;

/// A model of how unknown words are spelled.
#[derive(Debug, Clone)]
pub struct Spelling {
    characters: CharVocab,
    model: NGram,
}

impl Spelling {
    /// Fits it on the words of `training_text` that `vocabulary` does not hold.
    pub fn fit(training_text: &str, vocabulary: &WordVocab) -> Self {
        let characters = CharVocab::from_text(training_text, Order::Frequency);
        let end = characters.size();
        let mut ids = vec![end];
        for word in unknown(training_text, vocabulary) {
            ids.extend(word.chars().map(|c| characters.id(&c)));
            ids.push(end);
        }
        let model = NGram::fit(&ids, end + 1, ORDER);
        Self { characters, model }
    }

    /// −ln q of one word, its end included, in nats.
    pub fn nats(&self, word: &str) -> f64 {
        let end = self.characters.size();
        let mut context = vec![end];
        let mut nats = 0.0;
        for id in word.chars().map(|c| self.characters.id(&c)).chain([end]) {
            nats -= self.model.prob(&context, id).ln();
            if id == UNK {
                nats += UNICODE.ln();
            }
            context.push(id);
        }
        nats
    }

    /// The cost of all unknown words of a text, in nats.
    pub fn nats_of_unknown(&self, text: &str, vocabulary: &WordVocab) -> f64 {
        unknown(text, vocabulary).map(|word| self.nats(word)).sum()
    }
}

fn unknown<'a>(text: &'a str, vocabulary: &'a WordVocab) -> impl Iterator<Item = &'a str> {
    words(text).filter(|&word| vocabulary.id(&word.to_owned()) == UNK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_seen_in_training_is_cheaper() {
        let text = "the cat and the dog and the cog and the log and the bog";
        let vocabulary = WordVocab::from_text(text, 3); // the space, the, and
        let spelling = Spelling::fit(text, &vocabulary);
        assert!(spelling.nats("log") < spelling.nats("gol"));
        assert!(spelling.nats("cat") < 3.0);
        let sum = spelling.nats("cat") + spelling.nats("fog");
        assert!((spelling.nats_of_unknown("the cat and fog", &vocabulary) - sum).abs() < 1e-12);
        // f costs more than any known letter: it is one of all characters of Unicode.
        assert!(spelling.nats("fog") > UNICODE.ln());
    }

    #[test]
    fn the_spellings_of_all_short_words_sum_to_less_than_one() {
        let text = "ab ba aab bab abb";
        let spelling = Spelling::fit(text, &WordVocab::from_text(text, 1));
        let mut words = vec![String::new()];
        let mut sum = 0.0;
        for _ in 0..8 {
            words = words.iter().flat_map(|w| ["a", "b"].map(|c| format!("{w}{c}"))).collect();
            sum += words.iter().map(|w| (-spelling.nats(w)).exp()).sum::<f64>();
        }
        assert!(sum > 0.5 && sum < 1.0, "{sum}");
    }
}
