//! Spaces around marks, then splitting at white space.

/// The words of a review.
pub fn tokenise(text: &str) -> Vec<String> {
    let spaced: String = text
        .replace("<br />", " ")
        .chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || c.is_whitespace() || "'/".contains(c) => c.to_string(),
            mark => format!(" {mark} "),
        })
        .collect();
    let mut words = Vec::new();
    for word in spaced.to_lowercase().split_whitespace() {
        if word.len() > 3 && word.ends_with("n't") {
            words.push(word[..word.len() - 3].to_owned());
            words.push("n't".to_owned());
        } else {
            words.push(word.to_owned());
        }
    }
    words
}
