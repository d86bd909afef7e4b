//! You do not cut off `n't`. With `didn't` and `isn't` as words of their own each must learn for
//! itself that it negates.

/// The words of a review.
pub fn tokenise(text: &str) -> Vec<String> {
    let text = text.replace("<br />", " ").to_lowercase();
    let mut words = vec![String::new()];
    for c in text.chars() {
        if c.is_alphanumeric() || c == '\'' || c == '/' {
            words.last_mut().unwrap().push(c);
            continue;
        }
        if !c.is_whitespace() {
            words.push(c.to_string());
        }
        words.push(String::new()); // a new word begins
    }
    words.retain(|word| !word.is_empty());
    words
}
