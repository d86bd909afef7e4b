//! What can be said of each character of a text without any network: its kind, and where it
//! stands. Hidden states are compared with these.

use seqcore::data::marks::run_lengths;
pub use seqcore::data::marks::{Feature, speaker_lines};

/// The kinds of characters, in the order of [`kind`]'s numbers.
pub const KINDS: [&str; 6] = ["vowel", "consonant", "capital", "space", "newline", "punctuation"];

/// The kind of a character, as an index into [`KINDS`]. Digits count as punctuation.
pub fn kind(c: char) -> usize {
    match c {
        '\n' => 4,
        c if c.is_whitespace() => 3,
        c if c.is_uppercase() => 2,
        'a' | 'e' | 'i' | 'o' | 'u' => 0,
        c if c.is_alphabetic() => 1,
        _ => 5,
    }
}

/// What a unit might follow.
pub fn features(text: &[char]) -> Vec<Feature> {
    let truth = |b: bool| f64::from(u8::from(b));
    let names = speaker_lines(text);
    let in_name = |i: usize| names.iter().any(|line| line.contains(&i));
    vec![
        Feature {
            name: "a space was just read",
            values: text.iter().map(|&c| truth(c == ' ')).collect(),
        },
        Feature {
            name: "letters since the word began",
            values: run_lengths(text, |c| c.is_alphabetic()),
        },
        Feature { name: "position in the line", values: run_lengths(text, |c| c != '\n') },
        Feature {
            name: "inside a speaker's name",
            values: (0..text.len()).map(|i| truth(in_name(i))).collect(),
        },
    ]
}

/// A place whose next character is worth a question: the context ends before `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What is special about it.
    pub what: &'static str,
    /// Where the predicted character stands.
    pub at: usize,
}

/// Places of different kinds with at least `context` characters before them, each from another
/// stretch of the text; kinds that the text does not have are left out.
pub fn places(text: &[char], context: usize) -> Vec<Place> {
    let name_ends: Vec<_> = speaker_lines(text).into_iter().map(|name| name.end).collect();
    let letters = run_lengths(text, char::is_lowercase);
    let before = |i: usize, what: &str| {
        what.chars().rev().enumerate().all(|(k, c)| i > k && text[i - 1 - k] == c)
    };
    let word_goes_on = |i: usize| letters[i - 1] == 4.0 && letters[i] == 5.0;
    let kinds: [(&str, &dyn Fn(usize) -> bool); 4] = [
        ("the end of a speaker's name", &|i| name_ends.contains(&i)),
        ("inside a word, after four letters", &word_goes_on),
        ("after \"the \"", &|i| before(i, " the ") && text[i].is_alphabetic()),
        ("after an empty line", &|i| before(i, "\n\n") && text[i].is_alphabetic()),
    ];
    let stretch = text.len().saturating_sub(context) / kinds.len();
    let mut found = Vec::new();
    for (k, (what, fits)) in kinds.into_iter().enumerate() {
        let begin = context.max(1) + k * stretch;
        // From its own stretch on, else from the beginning.
        let at = (begin..text.len()).chain(context.max(1)..text.len()).find(|&i| fits(i));
        found.extend(at.map(|at| Place { what, at }));
    }
    found
}
