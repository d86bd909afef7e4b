//! Subwords: byte-pair encoding (Sennrich, Haddow & Birch 2016, *Neural machine translation of
//! rare words with subword units*).
//!
//! Frequent words become one token, rare ones a few: `␣the`, but `␣tongue less`. A few thousand
//! tokens are then enough for any text. Learning begins with single bytes and joins, again and
//! again, the pair of neighbours that is most frequent in the training text:
//!
//! ```text
//! (a, b) = argmax over pairs of  sum over words of  count(word) · occurrences of (a, b) in word
//! ```
//!
//! - Pairs are joined inside *pieces* only ([`pieces`]): a word with the one space before it, a
//!   run of punctuation likewise, a run of spaces, a newline. The space belongs to the word that
//!   follows, so it marks where words begin, and nothing is lost when tokens are joined again.
//!   A text is read as if a space stood before it: its first word is the same token as elsewhere.
//! - The units below are bytes, as in GPT-2 (Radford et al. 2019). So there is no unknown
//!   character and no `<unk>`: a character that training never saw is a few tokens, one a byte.
//! - The ids: special tokens of the caller's first (`<pad>`, `<s>`, ...), then the 256 bytes, then
//!   the joined pairs in the order in which they were learned. A text never contains a special
//!   token: `<s>` in a text is three characters like any others.

mod train;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::vocab::first_piece;
use crate::{Error, Result};

/// Ids of single bytes, which every vocabulary has.
const BYTES: usize = 256;

/// A piece is cut after this many bytes, so that no input makes joining slow.
const LONGEST_PIECE: usize = 64;

/// Two neighbouring tokens.
type Pair = (u32, u32);

/// A vocabulary of subwords. As JSON, `{"specials": [...], "merges": [[a, b], ...]}`, it can
/// stand in a model's folder; what contradicts itself is refused.
///
/// ```
/// use seqcore::data::Subwords;
/// let training = ["low low low low low lower lower", "newest newest newest newest widest widest"];
/// let subwords = Subwords::train(training, 3 + 256 + 8, &["<pad>", "<s>", "</s>"])?;
/// let ids = subwords.encode("lowest, naïve");
/// let labels: Vec<_> = ids.iter().map(|&id| subwords.label(id)).collect();
/// assert_eq!(labels, ["␣low", "est", ",", "␣n", "a", "0xC3", "0xAF", "v", "e"]);
/// assert_eq!(subwords.decode(&ids), "lowest, naïve");
/// assert_eq!(subwords.special("</s>"), Some(2));
/// # Ok::<(), seqcore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct Subwords {
    specials: Vec<String>,
    merges: Vec<Pair>, // those of token specials + BYTES + i
    ranks: HashMap<Pair, u32>,
    tokens: Vec<Vec<u8>>, // the text of each token; of specials empty
}

/// What is saved; the rest follows from it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    specials: Vec<String>,
    merges: Vec<Pair>,
}

impl Subwords {
    /// Learns a vocabulary of at most `size` tokens, `specials` included, from training text. It
    /// stays smaller where no pair is left that occurs twice. The order of the texts does not
    /// matter; of pairs that are equally frequent the one with the smaller ids is joined.
    ///
    /// # Errors
    /// A size below the number of special tokens and 256; a special token given twice.
    pub fn train<T: AsRef<str>>(
        texts: impl IntoIterator<Item = T>,
        size: usize,
        specials: &[&str],
    ) -> Result<Self> {
        let least = specials.len() + BYTES;
        if size < least {
            return Err(Error::config(format!(
                "{size} subwords are too few: the single bytes and special tokens alone are {least}."
            )));
        }
        let mut counts: HashMap<String, u64> = HashMap::new();
        for text in texts {
            let text = begun(text.as_ref());
            for piece in pieces(&text) {
                match counts.get_mut(piece) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(piece.to_owned(), 1)),
                }
            }
        }
        let specials: Vec<String> = specials.iter().map(|&name| name.to_owned()).collect();
        let merges = train::merges(counts, specials.len() as u32, size - least);
        Self::try_from(Saved { specials, merges })
    }

    /// V: the number of tokens, special ones included.
    pub fn size(&self) -> usize {
        self.tokens.len()
    }

    /// The id of a special token.
    pub fn special(&self, name: &str) -> Option<usize> {
        self.specials.iter().position(|special| special == name)
    }

    /// A text as ids; of an empty text none. Every text can be encoded, and [`Self::decode`] gives
    /// it back exactly.
    pub fn encode(&self, text: &str) -> Vec<usize> {
        let text = begun(text);
        let mut ids = Vec::with_capacity(text.len() / 3);
        let mut seen: HashMap<&str, std::ops::Range<usize>> = HashMap::new();
        for piece in pieces(&text) {
            let start = ids.len();
            match seen.get(piece) {
                Some(earlier) => ids.extend_from_within(earlier.clone()),
                None => {
                    ids.extend(self.join(piece).iter().map(|&id| id as usize));
                    seen.insert(piece, start..ids.len());
                }
            }
        }
        ids
    }

    /// Ids as text. Special tokens are left out. Ids that are no text's encoding (a model may write
    /// half a character) give `U+FFFD` for what is no UTF-8. Panics where an id is not below
    /// [`Self::size`].
    pub fn decode(&self, ids: &[usize]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.bytes(id)).copied().collect();
        let text = String::from_utf8_lossy(bytes.strip_prefix(b" ").unwrap_or(&bytes));
        text.into_owned()
    }

    /// The token's text in bytes, with the space before it where it begins a word; of a special
    /// token empty. Panics where `id` is not below [`Self::size`].
    pub fn bytes(&self, id: usize) -> &[u8] {
        assert!(id < self.size(), "id {id} in a vocabulary of {} tokens", self.size());
        &self.tokens[id]
    }

    /// The token as it can stand in a table: a space is drawn as `␣`, control characters are
    /// escaped, and part of a character is given in hexadecimal. Panics as [`Self::bytes`].
    pub fn label(&self, id: usize) -> String {
        if let Some(special) = self.specials.get(id) {
            return special.clone();
        }
        let visible = |c: char| match c {
            ' ' => "␣".to_owned(),
            c if c.is_control() => c.escape_default().to_string(),
            c => c.to_string(),
        };
        let bytes = self.bytes(id);
        match str::from_utf8(bytes) {
            Ok(text) => text.chars().map(visible).collect(),
            Err(_) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
                format!("0x{hex}")
            }
        }
    }

    /// Joins the bytes of a piece as training did: always the pair that was learned first.
    fn join(&self, piece: &str) -> Vec<u32> {
        let first_byte = self.specials.len() as u32;
        let mut ids: Vec<u32> = piece.bytes().map(|byte| first_byte + u32::from(byte)).collect();
        let rank = |pair: &[u32]| self.ranks.get(&(pair[0], pair[1])).copied();
        while let Some(rank) = ids.windows(2).filter_map(rank).min() {
            let pair = self.merges[rank as usize];
            train::replace(&mut ids, pair, first_byte + BYTES as u32 + rank);
        }
        ids
    }
}

/// The text with the space that makes its first word a word like any other; empty if it is empty.
fn begun(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// Cuts a text into the pieces within which pairs are joined: a word, or a run of punctuation,
/// each with one space before it where there is one; a run of (other) spaces; a newline. No
/// piece is longer than 64 bytes. The pieces joined are the text.
///
/// ```
/// use seqcore::data::subword::pieces;
/// let pieces: Vec<_> = pieces("Don't stop... \n  O king!").collect();
/// assert_eq!(pieces, ["Don't", " stop", "...", " ", "\n", " ", " O", " king", "!"]);
/// ```
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        // Two characters more than a piece has tell where it ends; a line without spaces may be
        // a megabyte long, and is not read to its end for each piece.
        let length = piece_length(at_most(rest, LONGEST_PIECE + 8))?;
        let (piece, after) = rest.split_at(at_most(rest, length.min(LONGEST_PIECE)).len());
        rest = after;
        Some(piece)
    })
}

/// The whole characters in the first `bytes` bytes.
fn at_most(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The length in bytes of the piece that `text` begins with, however long.
fn piece_length(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if !first.is_whitespace() {
        let mark = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
        return match mark(first) {
            true => Some(text.find(|c| !mark(c)).unwrap_or(text.len())),
            false => first_piece(text),
        };
    }
    let spaces = first_piece(text)?;
    let after = &text[spaces..];
    let glues = text[..spaces].ends_with(' ') && !after.is_empty() && !after.starts_with('\n');
    match (glues, spaces) {
        (true, 1) => Some(1 + piece_length(after)?),
        (true, _) => Some(spaces - 1),
        (false, _) => Some(spaces),
    }
}

impl TryFrom<Saved> for Subwords {
    type Error = Error;

    fn try_from(Saved { specials, merges }: Saved) -> Result<Self> {
        let altered = |what: &str| Error::config(format!("a vocabulary of subwords {what}."));
        if (1..specials.len()).any(|i| specials[..i].contains(&specials[i])) {
            return Err(altered("has a special token twice"));
        }
        let mut tokens = vec![Vec::new(); specials.len()];
        tokens.extend((0..=u8::MAX).map(|byte| vec![byte]));
        for &(a, b) in &merges {
            let part = |id: u32| match tokens.get(id as usize) {
                Some(token) if !token.is_empty() => Ok(token.as_slice()),
                _ => Err(altered("joins a token that it does not have: it has been altered")),
            };
            let joined = [part(a)?, part(b)?].concat();
            if joined.len() > LONGEST_PIECE {
                return Err(altered("has a token of over 64 bytes: it has been altered"));
            }
            tokens.push(joined);
        }
        let ranks: HashMap<Pair, u32> = merges.iter().copied().zip(0..).collect();
        if ranks.len() < merges.len() {
            return Err(altered("joins the same pair twice: it has been altered"));
        }
        Ok(Self { specials, merges, ranks, tokens })
    }
}

impl From<Subwords> for Saved {
    fn from(subwords: Subwords) -> Self {
        Self { specials: subwords.specials, merges: subwords.merges }
    }
}

#[cfg(test)]
mod tests;
