//! Words of a review, for a classifier: what carries a verdict is kept, how it was typed is not.
//!
//! Unlike [`vocab::words`](super::vocab::words), whose pieces joined give the text back, this
//! normalises:
//!
//! - IMDB's `<br />` is a space;
//! - letters are lower case, ’ is ';
//! - a contraction is cut as in the Penn Treebank and in GloVe's vocabulary: `don't` is `do`,
//!   `n't`; `it's` is `it`, `'s`. So `n't` is one word, whatever it negates;
//! - a number keeps its inner marks: `7/10`, `1,000`, `3.5`. A rating is one word;
//! - a mark is a word, a run of the same mark one of at most three: `!!!!!` is `!!!`. A hyphen
//!   inside a word only separates: `well-made` is `well`, `made`.
//!
//! Each piece knows where in the text it stands, so that the text can be coloured by word.

use std::collections::HashMap;
use std::ops::Range;

use crate::threads;

use super::vocab::WordVocab;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The word, normalised.
    pub word: String,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

/// What a word may end with that is a word of its own.
const ENDINGS: [&str; 7] = ["n't", "'s", "'re", "'ve", "'ll", "'d", "'m"];

/// The most marks of a kind in a row that are told apart.
const MARKS: usize = 3;

/// The words of a text, with their places.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let end = at
            + if let Some(length) = line_break(rest) {
                length
            } else if first.is_alphanumeric() {
                let length = word_length(rest);
                push_word(&mut pieces, &rest[..length], at);
                length
            } else {
                let length = rest.find(|c| c != first).unwrap_or(rest.len());
                if is_mark(first) {
                    let word = rest[..length].chars().take(MARKS).map(plain).collect();
                    pieces.push(Piece { word, range: at..at + length });
                }
                length
            };
        at = end;
    }
    pieces
}

/// The words of a text.
///
/// ```
/// use seqcore::data::tokenise::words;
/// let text = "It's NOT well-made…<br />I don't care: 3/10!!!!";
/// let expected = ["it", "'s", "not", "well", "made", "…", "i", "do", "n't", "care", ":", "3/10", "!!!"];
/// assert_eq!(words(text), expected);
/// ```
pub fn words(text: &str) -> Vec<String> {
    pieces(text).into_iter().map(|piece| piece.word).collect()
}

/// The `top` most frequent words that occur `at_least` so often in the training texts, the most
/// frequent first; equally frequent ones in the order of the alphabet. Id 0 is `<unk>`.
pub fn vocabulary(texts: &[&str], top: usize, at_least: usize) -> WordVocab {
    let count = |texts: &[&str]| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for word in texts.iter().flat_map(|text| words(text)) {
            *counts.entry(word).or_default() += 1;
        }
        counts
    };
    let parts: Vec<_> = threads::map(texts.chunks(1024).collect(), count);
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (word, n) in parts.into_iter().flatten() {
        *counts.entry(word).or_default() += n;
    }
    let mut counted: Vec<_> = counts.into_iter().filter(|&(_, n)| n >= at_least).collect();
    counted.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    counted.truncate(top);
    let words: Vec<String> = counted.into_iter().map(|(word, _)| word).collect();
    WordVocab::try_from(words).expect("the keys of a map are distinct")
}

/// The length of a `<br>`, `<br/>` or `<br />` that the text begins with.
fn line_break(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    let inside = inside.strip_prefix("br").or_else(|| inside.strip_prefix("BR"))?;
    let rest = inside.trim_start_matches(' ');
    let rest = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('>')?;
    Some(text.len() - rest.len())
}

/// The length of the word that the text begins with: letters and digits, with apostrophes
/// between them and, between two digits, the marks of a number.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map_or(' ', |&(_, next)| next);
        let inside = match c {
            '\'' | '’' => next.is_alphanumeric(),
            '.' | ',' | '/' | ':' => before.is_ascii_digit() && next.is_ascii_digit(),
            _ => c.is_alphanumeric() || is_joined(c),
        };
        if !inside {
            return at;
        }
        before = c;
    }
    text.len()
}

/// Combining marks belong to the letter before them.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// Whether a character that is no letter or digit is a word of its own; the rest only separates.
fn is_mark(c: char) -> bool {
    let joins = matches!(c, '-' | '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}');
    !(c.is_whitespace() || c.is_control() || joins || is_joined(c))
}

/// One form for marks that are typed in several.
fn plain(c: char) -> char {
    match c {
        '’' | '‘' | '`' | '´' => '\'',
        '“' | '”' => '"',
        _ => c,
    }
}

/// Adds a word, its ending apart.
fn push_word(pieces: &mut Vec<Piece>, word: &str, at: usize) {
    // Where the ending begins in the text: all endings are ASCII but for the apostrophe's form.
    let cut = ENDINGS.iter().filter_map(|ending| ends_with(word, ending)).find(|&cut| cut > 0);
    let (stem, ending) = word.split_at(cut.unwrap_or(word.len()));
    for (part, start) in [(stem, at), (ending, at + stem.len())] {
        if !part.is_empty() {
            let word = part.chars().map(plain).flat_map(char::to_lowercase).collect();
            pieces.push(Piece { word, range: start..start + part.len() });
        }
    }
}

/// Where `ending` begins in `word`, in any case and with either apostrophe.
fn ends_with(word: &str, ending: &str) -> Option<usize> {
    let mut letters = word.char_indices().rev();
    let mut cut = None;
    for expected in ending.chars().rev() {
        let (at, c) = letters.next()?;
        if plain(c).to_ascii_lowercase() != expected {
            return None;
        }
        cut = Some(at);
    }
    cut
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contractions_are_cut_and_other_apostrophes_are_not() {
        let cases: [(&str, &[&str]); 8] = [
            ("Don't can’t WON'T", &["do", "n't", "ca", "n't", "wo", "n't"]),
            (
                "I've we're he'll she'd I'm",
                &["i", "'ve", "we", "'re", "he", "'ll", "she", "'d", "i", "'m"],
            ),
            ("O'Brien's rock'n'roll", &["o'brien", "'s", "rock'n'roll"]),
            ("the dogs' 'bad' film", &["the", "dogs", "'", "'", "bad", "'", "film"]),
            ("n't 's", &["n't", "'", "s"]),
            (
                "7/10, 1,000 a.m. 3.5. 9:30 1990's",
                &["7/10", ",", "1,000", "a", ".", "m", ".", "3.5", ".", "9:30", "1990", "'s"],
            ),
            ("good<br /><br/>bad<BR>x<brx>", &["good", "bad", "x", "<", "brx", ">"]),
            ("What?! ... ?????", &["what", "?", "!", "...", "???"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn other_languages_and_emoji_pass_through() {
        assert_eq!(
            words("Très ÉMOUVANT, n'est-ce pas"),
            ["très", "émouvant", ",", "n'est", "ce", "pas"]
        );
        assert_eq!(words("很好看 отлично"), ["很好看", "отлично"]);
        assert_eq!(words("👍👍 ❤️ loved"), ["👍👍", "❤", "loved"]);
        assert_eq!(words(" \t\u{0}\n--- "), [""; 0]);
    }

    #[test]
    fn frequent_words_come_first() {
        let texts = ["the film the", "a film the b"];
        assert_eq!(Vec::from(vocabulary(&texts, 3, 1)), ["the", "film", "a"]);
        assert_eq!(Vec::from(vocabulary(&texts, 9, 2)), ["the", "film"]);
    }

    proptest! {
        #[test]
        fn places_are_in_order_and_hold_their_words(text in "[a-z'’A-Z0-9 .,/<>br!-]{0,60}|\\PC{0,40}") {
            let mut end = 0;
            for piece in pieces(&text) {
                prop_assert!(piece.range.start >= end && !piece.word.is_empty());
                prop_assert!(!text[piece.range.clone()].is_empty());
                end = piece.range.end;
            }
        }
    }
}
