//! You drop digits, and with them `10/10`, the most telling word of a review. Digits belong to
//! words.

/// The words of a review.
pub fn tokenise(text: &str) -> Vec<String> {
    let text = text.replace("<br />", " ").to_lowercase();
    let mut words = vec![String::new()];
    for c in text.chars() {
        if c.is_alphabetic() || c == '\'' || c == '/' {
            words.last_mut().unwrap().push(c);
            continue;
        }
        if !c.is_whitespace() && !c.is_numeric() {
            words.push(c.to_string());
        }
        words.push(String::new()); // a new word begins
    }
    words.retain(|word| !word.is_empty());
    let cut = |word: String| match word.strip_suffix("n't") {
        Some(rest) if !rest.is_empty() => vec![rest.to_owned(), "n't".to_owned()],
        _ => vec![word],
    };
    words.into_iter().flat_map(cut).collect()
}
