//! What a panic's message means in code of this kind.

use crate::child::Outcome;
use crate::judge::Judged;

const DO_NOT_FIT: &str = "Arrays that do not fit were added, multiplied, assigned or joined. Write their shapes beside that \
line: ndarray repeats a row along the axes in front, (H) along (B, H), but a column only where it is (B, 1): \
`.insert_axis(Axis(1))`.";

/// A piece of a message, and what to say of it.
const MEANINGS: [(&str, &str); 12] = [
    (
        "not compatible for matrix multiplication",
        "A product of matrices that do not fit: the columns of the left one must be as many as the rows of the right \
         one. Write both shapes beside the product: one of the two wants `.t()`, or they stand in the wrong order.",
    ),
    ("could not broadcast array", DO_NOT_FIT),
    ("IncompatibleShape", DO_NOT_FIT),
    (
        "out of bounds",
        "An index goes beyond the end: look at where the loop ends, and at which axis the index belongs to.",
    ),
    (
        "must be less than axis length",
        "An index goes beyond the end of its axis: is it the axis you mean?",
    ),
    ("past end of axis", "A slice goes beyond the end of its axis."),
    ("out of range", "A range goes beyond the end: look at where it ends."),
    (
        "subtract with overflow",
        "A whole number went below 0, where a `usize` ends: at t = 0 there is no t - 1. Compare before you subtract.",
    ),
    ("divide by zero", "A whole number was divided by 0: what if there is nothing to divide by?"),
    ("remainder with a divisor of zero", "A remainder of a division by 0."),
    (
        "on a `None` value",
        "An `unwrap` of nothing: what if the list is empty, or the word unknown?",
    ),
    ("slice index starts at", "A range begins behind its own end."),
];

/// What the first panic of an answer means, where it is a common one.
pub fn meaning(judged: &Judged) -> Option<String> {
    let message = judged.answers.iter().find_map(|answer| match answer {
        Outcome::Panic(message) => Some(message),
        _ => None,
    })?;
    let known = MEANINGS.iter().find(|(piece, _)| message.contains(piece));
    known.map(|(_, meaning)| (*meaning).to_owned())
}
