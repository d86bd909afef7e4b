//! Vocabularies: which token has which id.
//!
//! Id 0 is always `<unk>`, the token for everything that is not in the vocabulary. A vocabulary
//! is built from the *training* text only. What a held-out text holds beyond that becomes
//! `<unk>`, and [`Encoded::unknown_share`] says how much that was: a loss over a text full of
//! `<unk>` flatters the model.
//!
//! Characters and words differ only in how a text is cut ([`Token`]); all else is shared.
//!
//! One thing to know: a character vocabulary knows every training character, so `<unk>` never
//! occurs in training and a network has no reason to expect it later. Each unknown character of
//! a held-out text is then expensive, and rightly so.

use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The id of `<unk>`.
pub const UNK: usize = 0;

/// What a text is cut into. Joined again, the tokens give the text back.
pub trait Token: Clone + Ord + Hash {
    /// The tokens of `text`, in order.
    fn split(text: &str) -> impl Iterator<Item = Self>;

    /// Appends the token's text to `out`.
    fn write(&self, out: &mut String);
}

impl Token for char {
    fn split(text: &str) -> impl Iterator<Item = Self> {
        text.chars()
    }

    fn write(&self, out: &mut String) {
        out.push(*self);
    }
}

/// Words, spaces, punctuation marks and newlines; see [`words`].
impl Token for String {
    fn split(text: &str) -> impl Iterator<Item = Self> {
        words(text).map(str::to_owned)
    }

    fn write(&self, out: &mut String) {
        out.push_str(self);
    }
}

/// Cuts a text into words, runs of spaces, single punctuation marks and single newlines.
/// Nothing is dropped or changed: the pieces joined are the text.
///
/// A word is a run of letters and digits; an apostrophe between two of them belongs to it.
///
/// ```
/// use seqcore::data::vocab::words;
/// let pieces: Vec<_> = words("Don't  stop,\nO king!").collect();
/// assert_eq!(pieces, ["Don't", "  ", "stop", ",", "\n", "O", " ", "king", "!"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(first_piece(rest)?);
        rest = after;
        Some(piece)
    })
}

/// The length in bytes of the piece that `text` begins with.
pub(super) fn first_piece(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let run = |inside: fn(char) -> bool| text.find(|c| !inside(c)).unwrap_or(text.len());
    let is_space = |c: char| c.is_whitespace() && c != '\n';
    if is_space(first) {
        return Some(run(is_space));
    }
    if !first.is_alphanumeric() {
        return Some(first.len_utf8());
    }
    let mut end = run(char::is_alphanumeric);
    loop {
        let mut next = text[end..].chars();
        match (next.next(), next.next()) {
            (Some(mark @ ('\'' | '’')), Some(c)) if c.is_alphanumeric() => {
                let tail = &text[end + mark.len_utf8()..];
                let more = tail.find(|c: char| !c.is_alphanumeric()).unwrap_or(tail.len());
                end += mark.len_utf8() + more;
            }
            _ => return Some(end),
        }
    }
}

/// How ids are given out after `<unk>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The most frequent token first; equally frequent ones in their natural order.
    Frequency,
    /// In the tokens' natural order (code points).
    Sorted,
}

/// A vocabulary of characters.
///
/// ```
/// use seqcore::data::{CharVocab, Order};
/// let vocab = CharVocab::from_text("to be or not to be", Order::Frequency);
/// assert_eq!(vocab.size(), 8); // <unk>, space, o, t, b, e, n, r
/// let encoded = vocab.encode("to bee?");
/// assert_eq!(encoded.ids, [3, 2, 1, 4, 5, 5, 0]);
/// assert_eq!(encoded.unknown, 1);
/// assert_eq!(vocab.decode(&encoded.ids), "to bee<unk>");
/// ```
pub type CharVocab = Vocab<char>;

/// A vocabulary of the most frequent words (spaces, punctuation and newlines are words here).
pub type WordVocab = Vocab<String>;

/// Tokens and their ids. As JSON it is the list of tokens from id 1 on, so that it can stand in
/// a checkpoint's configuration; a list that names a token twice is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(serialize = "T: Token + Serialize", deserialize = "T: Token + Deserialize<'de>"))]
pub struct Vocab<T: Token> {
    tokens: Vec<T>, // token of id i + 1
    ids: HashMap<T, usize>,
}

/// A text as ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// One id for each token.
    pub ids: Vec<usize>,
    /// How many of them are `<unk>`.
    pub unknown: usize,
}

impl Encoded {
    /// The share of `<unk>`, 0 to 1 (0 for an empty text).
    pub fn unknown_share(&self) -> f64 {
        self.unknown as f64 / self.ids.len().max(1) as f64
    }
}

impl CharVocab {
    /// Every character of the training text.
    pub fn from_text(training_text: &str, order: Order) -> Self {
        Self::build(training_text, order, usize::MAX)
    }
}

impl WordVocab {
    /// The `top` most frequent words of the training text; the vocabulary has one more token,
    /// `<unk>`.
    pub fn from_text(training_text: &str, top: usize) -> Self {
        Self::build(training_text, Order::Frequency, top)
    }
}

impl<T: Token> Vocab<T> {
    fn build(training_text: &str, order: Order, top: usize) -> Self {
        let mut counts: HashMap<T, usize> = HashMap::new();
        for token in T::split(training_text) {
            *counts.entry(token).or_default() += 1;
        }
        let mut counted: Vec<_> = counts.into_iter().collect();
        counted.sort_by(|(a, m), (b, n)| match order {
            Order::Frequency => n.cmp(m).then_with(|| a.cmp(b)),
            Order::Sorted => a.cmp(b),
        });
        counted.truncate(top);
        let tokens = counted.into_iter().map(|(token, _)| token).collect::<Vec<_>>();
        Self::try_from(tokens).expect("the keys of a map are distinct")
    }

    /// V: the number of tokens, `<unk>` included.
    pub fn size(&self) -> usize {
        self.tokens.len() + 1
    }

    /// The id of a token, [`UNK`] where it is not in the vocabulary.
    pub fn id(&self, token: &T) -> usize {
        self.ids.get(token).copied().unwrap_or(UNK)
    }

    /// The token of an id; `None` for `<unk>`. Panics where `id` is not below [`Self::size`].
    pub fn token(&self, id: usize) -> Option<&T> {
        assert!(id < self.size(), "id {id} in a vocabulary of {} tokens", self.size());
        id.checked_sub(1).map(|i| &self.tokens[i])
    }

    /// A text as ids, with the number of tokens that are unknown.
    pub fn encode(&self, text: &str) -> Encoded {
        let ids: Vec<usize> = T::split(text).map(|token| self.id(&token)).collect();
        let unknown = ids.iter().filter(|&&id| id == UNK).count();
        Encoded { ids, unknown }
    }

    /// Ids as text; id 0 becomes `<unk>`. Panics where an id is not below [`Self::size`].
    pub fn decode(&self, ids: &[usize]) -> String {
        let mut text = String::new();
        for &id in ids {
            match self.token(id) {
                Some(token) => token.write(&mut text),
                None => text.push_str("<unk>"),
            }
        }
        text
    }

    /// The token of an id as it can stand in a table: a space is drawn as `␣`, a newline is
    /// written `\n`. Panics as [`Self::token`].
    pub fn label(&self, id: usize) -> String {
        let visible = |c: char| match c {
            ' ' => "␣".to_owned(),
            c if c.is_control() => c.escape_default().to_string(),
            c => c.to_string(),
        };
        self.decode(&[id]).chars().map(visible).collect()
    }
}

impl<T: Token> TryFrom<Vec<T>> for Vocab<T> {
    type Error = Error;

    /// The tokens get the ids 1, 2, 3, ...; an error where one is there twice.
    fn try_from(tokens: Vec<T>) -> Result<Self> {
        let ids: HashMap<T, usize> =
            tokens.iter().enumerate().map(|(i, token)| (token.clone(), i + 1)).collect();
        if ids.len() < tokens.len() {
            return Err(Error::config("a vocabulary holds a token twice: it has been altered"));
        }
        Ok(Self { tokens, ids })
    }
}

impl<T: Token> From<Vocab<T>> for Vec<T> {
    fn from(vocab: Vocab<T>) -> Self {
        vocab.tokens
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_in_either_order() {
        let tokens = |order| Vec::from(CharVocab::from_text("cabbac b", order));
        assert_eq!(tokens(Order::Frequency), ['b', 'a', 'c', ' ']); // 3, 2, 2, 1 times
        assert_eq!(tokens(Order::Sorted), [' ', 'a', 'b', 'c']);
    }

    #[test]
    fn what_training_did_not_hold_is_unknown() {
        let vocab = CharVocab::from_text("abc", Order::Sorted);
        let encoded = vocab.encode("abxcé");
        assert_eq!(encoded.ids, [1, 2, UNK, 3, UNK]);
        assert_eq!(encoded.unknown_share(), 0.4);
        assert_eq!(vocab.decode(&encoded.ids), "ab<unk>c<unk>");
        assert_eq!(vocab.encode("").unknown_share(), 0.0);
        assert_eq!(CharVocab::from_text("", Order::Sorted).encode("a").ids, [UNK]);
    }

    #[test]
    fn only_the_top_words_are_known() {
        let vocab = WordVocab::from_text("the cat, the dog and the cat", 3);
        assert_eq!(vocab.size(), 4);
        let encoded = vocab.encode("the dog sat"); // known: " ", "the", "cat"
        assert_eq!(encoded.ids, [2, 1, UNK, 1, UNK]);
        assert_eq!(vocab.decode(&encoded.ids), "the <unk> <unk>");
    }

    #[test]
    fn apostrophes_belong_to_words_only_inside_them() {
        let pieces = |text| words(text).collect::<Vec<_>>();
        assert_eq!(pieces("'tis o’er rock'n'roll"), ["'", "tis", " ", "o’er", " ", "rock'n'roll"]);
        assert_eq!(pieces("dogs' \t x\n\n"), ["dogs", "'", " \t ", "x", "\n", "\n"]);
        assert_eq!(pieces(""), [""; 0]);
    }

    #[test]
    fn labels_are_visible() {
        let vocab = CharVocab::from_text(" \n\ta", Order::Sorted); // \t \n space a
        let labels: Vec<_> = (0..vocab.size()).map(|id| vocab.label(id)).collect();
        assert_eq!(labels, ["<unk>", "\\t", "\\n", "␣", "a"]);
    }

    #[test]
    fn a_vocabulary_survives_json_and_an_altered_one_is_refused() {
        let vocab = CharVocab::from_text("né \"\n", Order::Sorted);
        let json = serde_json::to_string(&vocab).unwrap();
        assert_eq!(json, r#"["\n"," ","\"","n","é"]"#);
        assert_eq!(serde_json::from_str::<CharVocab>(&json).unwrap(), vocab);
        let error = serde_json::from_str::<CharVocab>(r#"["a","b","a"]"#).unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
        assert!(serde_json::from_str::<CharVocab>(r#"["ab"]"#).is_err());
        let words = WordVocab::from_text("to be", 9);
        let json = serde_json::to_string(&words).unwrap();
        assert_eq!(serde_json::from_str::<WordVocab>(&json).unwrap(), words);
    }

    proptest! {
        #[test]
        fn words_joined_are_the_text(text in "[a-c'’ \n\t,.é0-9]{0,40}|\\PC{0,40}") {
            let pieces: Vec<_> = words(&text).collect();
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
            prop_assert_eq!(pieces.concat(), text);
        }

        #[test]
        fn known_text_survives_encoding(text in "(\\PC|\n){0,60}") {
            let characters = CharVocab::from_text(&text, Order::Frequency);
            let encoded = characters.encode(&text);
            prop_assert_eq!(encoded.unknown, 0);
            prop_assert_eq!(characters.decode(&encoded.ids), text.clone());
            let words = WordVocab::from_text(&text, usize::MAX);
            prop_assert_eq!(words.decode(&words.encode(&text).ids), text);
        }
    }
}
