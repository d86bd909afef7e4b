//! How text becomes numbers and back.
//!
//! Sums and dates are read character by character. Sentences are read as words or as subwords.
//!
//! Words are cut so that they can be joined again without being told where the spaces were:
//! punctuation stands alone; an apostrophe stays with the shorter part, `l'` + `été` in French, `I` +
//! `'m` in English. The capital of a sentence's first word says nothing, so the word is written as it
//! is inside sentences, where the training text has it there ([`Words::fit`]).

use std::collections::{HashMap, HashSet};

use lesson::Result;
use seqcore::data::{CharVocab, Order, Subwords, UNK, WordVocab};
use serde::{Deserialize, Serialize};

/// A vocabulary of one of three kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokens {
    /// One token a character.
    Characters(CharVocab),
    /// One token a word or a mark; rare words are `<unk>`.
    Words(Words),
    /// Frequent words whole, others in parts (byte-pair encoding).
    Subwords(Subwords),
}

impl Tokens {
    /// The characters of some texts.
    pub fn characters<'a>(training: impl IntoIterator<Item = &'a str>) -> Self {
        let all: Vec<&str> = training.into_iter().collect();
        Self::Characters(CharVocab::from_text(&all.concat(), Order::Sorted))
    }

    /// How many distinct tokens there are.
    pub fn size(&self) -> usize {
        match self {
            Self::Characters(vocab) => vocab.size(),
            Self::Words(words) => words.vocab.size(),
            Self::Subwords(subwords) => subwords.size(),
        }
    }

    /// A text as ids.
    pub fn encode(&self, text: &str) -> Vec<usize> {
        match self {
            Self::Characters(vocab) => vocab.encode(text).ids,
            Self::Words(words) => words.encode(text),
            Self::Subwords(subwords) => subwords.encode(text),
        }
    }

    /// Ids as text.
    pub fn decode(&self, ids: &[usize]) -> String {
        match self {
            Self::Characters(vocab) => vocab.decode(ids),
            Self::Words(words) => words.decode(ids),
            Self::Subwords(subwords) => subwords.decode(ids).trim().to_owned(),
        }
    }

    /// A token as it can stand in a figure.
    pub fn label(&self, id: usize) -> String {
        match self {
            Self::Characters(vocab) => vocab.label(id),
            Self::Words(words) => words.vocab.label(id),
            Self::Subwords(subwords) => subwords.label(id),
        }
    }

    /// How many of the ids are `<unk>`; subwords know every text.
    pub fn unknown(&self, ids: &[usize]) -> usize {
        match self {
            Self::Subwords(_) => 0,
            _ => ids.iter().filter(|&&id| id == UNK).count(),
        }
    }
}

/// The ids in the order in which an encoder reads them.
pub(crate) fn read_order(mut ids: Vec<usize>, reversed: bool) -> Vec<usize> {
    if reversed {
        ids.reverse();
    }
    ids
}

/// Which part of a word an apostrophe stays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// `l'` + `été`
    French,
    /// `I` + `'m`
    English,
}

/// The most frequent words of a language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Words {
    language: Language,
    vocab: WordVocab,
    /// Words that begin a sentence with a capital and are written small inside sentences.
    lowered: HashSet<String>,
}

impl Words {
    /// The `most` most frequent words of training sentences.
    ///
    /// # Errors
    /// None with any sentences; the vocabulary's own check is passed on.
    pub fn fit<'a>(
        language: Language,
        training: impl IntoIterator<Item = &'a str> + Clone,
        most: usize,
    ) -> Result<Self> {
        // (small, large) occurrences of a word that is not the first of its sentence.
        let mut inside: HashMap<String, (usize, usize)> = HashMap::new();
        let mut first: HashSet<String> = HashSet::new();
        for sentence in training.clone() {
            let words = cut(language, sentence);
            first.extend(words.first().cloned());
            for word in words.into_iter().skip(1) {
                let small = word.to_lowercase();
                let count = inside.entry(small.clone()).or_default();
                if word == small { count.0 += 1 } else { count.1 += 1 }
            }
        }
        let is_small = |word: &String| inside.get(&word.to_lowercase()).is_some_and(|(s, l)| s > l);
        let lowered: HashSet<String> = first.into_iter().filter(is_small).collect();
        let vocab = WordVocab::try_from(Vec::new())?;
        let mut words = Self { language, vocab, lowered };
        let mut counts: HashMap<String, usize> = HashMap::new();
        for sentence in training {
            words.cut(sentence).into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
        }
        let mut counted: Vec<_> = counts.into_iter().collect();
        counted.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
        counted.truncate(most);
        words.vocab = WordVocab::try_from(counted.into_iter().map(|(w, _)| w).collect::<Vec<_>>())?;
        Ok(words)
    }

    /// A sentence as words, the first one small where that is how it is written inside.
    fn cut(&self, sentence: &str) -> Vec<String> {
        let mut words = cut(self.language, sentence);
        if let Some(first) = words.first_mut()
            && self.lowered.contains(first)
        {
            *first = first.to_lowercase();
        }
        words
    }

    fn encode(&self, sentence: &str) -> Vec<usize> {
        self.cut(sentence).iter().map(|word| self.vocab.id(word)).collect()
    }

    fn decode(&self, ids: &[usize]) -> String {
        let words: Vec<String> = ids
            .iter()
            .map(|&id| self.vocab.token(id).cloned().unwrap_or_else(|| "<unk>".to_owned()))
            .collect();
        join(self.language, &words)
    }
}

/// Cuts a sentence into words and marks. Typographic apostrophes become plain ones.
pub fn cut(language: Language, sentence: &str) -> Vec<String> {
    let text: Vec<char> = sentence.replace('’', "'").chars().collect();
    let inside = |i: usize| {
        let letter = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        let joint = matches!(text[i], '\'' | '-') && i > 0 && letter(text.get(i - 1));
        text[i].is_alphanumeric() || (joint && letter(text.get(i + 1)))
    };
    let mut words: Vec<String> = Vec::new();
    let mut open = false; // whether the last word goes on
    for (i, &c) in text.iter().enumerate() {
        if c.is_whitespace() {
            open = false;
            continue;
        }
        let goes_on = inside(i);
        let apostrophe = goes_on && c == '\'';
        match words.last_mut() {
            Some(word) if open && goes_on && !(apostrophe && language == Language::English) => {
                word.push(c);
            }
            _ => words.push(c.to_string()),
        }
        open = goes_on && !(apostrophe && language == Language::French);
    }
    words
}

/// Words and marks as a sentence that begins with a capital: the opposite of [`cut`], as far as the
/// marks say where spaces were.
pub fn join(language: Language, words: &[String]) -> String {
    let mut text = String::new();
    let mut quotes = 0;
    let mut glued = true; // whether the next word follows without a space
    for word in words {
        let closes = matches!(word.as_str(), "." | "," | ")" | "…" | "%" | "°")
            || (language == Language::English && matches!(word.as_str(), "!" | "?" | ";" | ":"));
        let ends_quote = word == "\"" && quotes % 2 == 1;
        let clitic = language == Language::English && word.len() > 1 && word.starts_with('\'');
        if !(glued || closes || ends_quote || clitic) {
            text.push(' ');
        }
        text += word;
        quotes += usize::from(word == "\"");
        glued = matches!(word.as_str(), "(" | "$" | "£")
            || (word == "\"" && quotes % 2 == 1)
            || (language == Language::French && word.len() > 1 && word.ends_with('\''));
    }
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_and_joined_again() {
        for (language, sentence, words) in [
            (
                Language::English,
                "I'm not Tom's well-known uncle.",
                "I|'m|not|Tom|'s|well-known|uncle|.",
            ),
            (Language::English, "He said, \"Go (now)!\"", "He|said|,|\"|Go|(|now|)|!|\""),
            (Language::English, "It costs $5, or 10%: ok?", "It|costs|$|5|,|or|10|%|:|ok|?"),
            (Language::French, "L'été, j'ai dit qu'il aide.", "L'|été|,|j'|ai|dit|qu'|il|aide|."),
            (Language::French, "Où vas-tu ?", "Où|vas-tu|?"),
            (Language::English, "", ""),
        ] {
            let found = cut(language, sentence);
            assert_eq!(found.join("|"), words);
            assert_eq!(join(language, &found), sentence);
        }
        // A narrow no-break space is a space, a typographic apostrophe an apostrophe.
        assert_eq!(cut(Language::French, "C’est\u{202f}!"), ["C'", "est", "!"]);
        assert_eq!(cut(Language::English, "-- 'tis"), ["-", "-", "'", "tis"]);
    }

    #[test]
    fn the_first_word_is_small_where_it_is_so_inside() {
        let training =
            ["The cat saw Tom.", "Tom saw the dog.", "I saw the cat, I think.", "Paris!"];
        let words = Words::fit(Language::English, training, 100).unwrap();
        assert_eq!(words.cut("The cat"), ["the", "cat"]);
        assert_eq!(words.cut("Tom"), ["Tom"]);
        assert_eq!(words.cut("I think"), ["I", "think"]);
        assert_eq!(words.cut("Paris"), ["Paris"]); // never seen inside
        let tokens = Tokens::Words(words);
        for sentence in ["The cat saw Tom.", "I think the dog saw Tom."] {
            assert_eq!(tokens.decode(&tokens.encode(sentence)), sentence);
        }
        let ids = tokens.encode("The horse saw Tom.");
        assert_eq!(tokens.unknown(&ids), 1);
        assert_eq!(tokens.decode(&ids), "The <unk> saw Tom.");
    }

    #[test]
    fn vocabularies_survive_a_file() {
        let training = ["the cat", "the dog"];
        let all = [
            Tokens::characters(training),
            Tokens::Words(Words::fit(Language::French, training, 2).unwrap()),
            Tokens::Subwords(Subwords::train(training, 260, &[]).unwrap()),
        ];
        for tokens in all {
            let json = serde_json::to_string(&tokens).unwrap();
            assert_eq!(serde_json::from_str::<Tokens>(&json).unwrap(), tokens);
        }
    }
}
