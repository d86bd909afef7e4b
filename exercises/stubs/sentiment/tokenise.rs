//! # From a review to words
//!
//! Small decisions that matter for sentiment (section 6.1 of `theory/06_text_classification.md`).
//! Cut a review into words:
//!
//! 1. `<br />` is layout: a space. All letters become lower case.
//! 2. A word is a run of letters, digits, apostrophes `'` and slashes `/`. So `10/10` stays one
//!    word: it is the most telling one.
//! 3. Any other character that is not white space is a word by itself: `!`, `,`, `-`.
//! 4. A word that ends in `n't`, with something before it, becomes two: `didn't` is `did`, `n't`.
//!    So all negations share a word.
//!
//! | | |
//! |---|---|
//! | `text` | any text |
//! | the answer | its words, in order |
//!
//! Example: "Didn't LIKE it!<br />2/10" is ["did", "n't", "like", "it", "!", "2/10"].

/// The words of a review.
pub fn tokenise(text: &str) -> Vec<String> {
    // TODO: layout away, lower case, then words and marks; at last cut off n't.
    todo!()
}
