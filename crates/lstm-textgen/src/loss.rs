//! What a model's loss is, in one unit for both levels: nats per character.

use rayon::prelude::*;
use seqcore::data::vocab::words;
use seqcore::data::{Evaluation, UNK};
use seqcore::models::language::LanguageModel;
use seqcore::train::language::nats_per_token;

use crate::spelling::Spelling;
use crate::text::{Material, Vocabulary};

/// A model's loss on a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextLoss {
    /// In nats per token.
    pub nats_per_token: f64,
    /// In nats per character, spelling of unknown words included.
    pub nats_per_char: f64,
    /// The part of it that goes to spelling.
    pub spelling: f64,
    /// Tokens in the text.
    pub tokens: usize,
    /// Characters in the text.
    pub characters: usize,
    /// The share of the tokens that are `<unk>`.
    pub unknown_share: f64,
}

impl TextLoss {
    /// A loss per token as one per character of `text`.
    pub fn new(nats_per_token: f64, ids: &[usize], text: &str, material: &Material) -> Self {
        let (tokens, characters) = (ids.len(), text.chars().count());
        let spelling = match &material.vocabulary {
            Vocabulary::Char(_) => 0.0,
            Vocabulary::Word(vocabulary) => {
                let spelling = Spelling::fit(&material.before_test_text, vocabulary);
                spelling.nats_of_unknown(text, vocabulary) / characters as f64
            }
        };
        let unknown = ids.iter().filter(|&&id| id == UNK).count();
        Self {
            nats_per_token,
            nats_per_char: nats_per_token * tokens as f64 / characters as f64 + spelling,
            spelling,
            tokens,
            characters,
            unknown_share: unknown as f64 / tokens as f64,
        }
    }

    /// The loss on dev.
    pub fn on_dev(model: &LanguageModel<f32>, material: &Material) -> Self {
        let evaluation = material.dev_evaluation().expect("dev is never empty");
        let nats = nats_per_token(model, &evaluation);
        Self::new(nats, material.dev(), material.dev_text(), material)
    }

    /// The loss on test.
    pub fn on_test(model: &LanguageModel<f32>, material: &Material) -> Self {
        let evaluation: Evaluation = material.test_evaluation().expect("test is never empty");
        let nats = nats_per_token(model, &evaluation);
        Self::new(nats, &material.test, &material.test_text, material)
    }
}

/// The character of `text` at which each of its tokens begins.
pub fn starts(text: &str, vocabulary: &Vocabulary) -> Vec<usize> {
    match vocabulary {
        Vocabulary::Char(_) => (0..text.chars().count()).collect(),
        Vocabulary::Word(_) => {
            let mut at = 0;
            let start = |word: &str| {
                at += word.chars().count();
                at - word.chars().count()
            };
            words(text).map(start).collect()
        }
    }
}

/// Calls `f` for each item side by side and keeps their order.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter().map(f).collect()
}
