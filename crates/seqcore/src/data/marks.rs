//! What can be said of each character of a play without any network, to compare a network's units
//! with.

/// A number for each character of a text, such as its position in the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// What is counted.
    pub name: &'static str,
    /// One value for each character: what is true *once this character was read*.
    pub values: Vec<f64>,
}

/// How many characters in a row, up to and with each one, are `inside`.
pub fn run_lengths(text: &[char], inside: impl Fn(char) -> bool) -> Vec<f64> {
    let mut length = 0.0;
    let step = |&c: &char| {
        length = if inside(c) { length + 1.0 } else { 0.0 };
        length
    };
    text.iter().map(step).collect()
}

/// Where the speakers' names stand: lines after an empty line that are short and end with a
/// colon. The colon does not belong to the name.
pub fn speaker_lines(text: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut names = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(|&c| c == '\n') {
        let after_empty = start >= 2 && text[start - 1] == '\n' && text[start - 2] == '\n';
        if let [name @ .., ':', '\n'] = line
            && after_empty
            && (2..=30).contains(&name.len())
        {
            names.push(start..start + name.len());
        }
        start += line.len();
    }
    names
}
