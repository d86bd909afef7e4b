//! Reviews of different lengths, with known and unknown words.

use kit::cases::*;

const KNOWN: [&str; 5] = ["bad", "film", "good", "plot", "the"];

fn list(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Reviews of these lengths, of which one word is unknown.
fn reviews(draw: &mut Draw, lengths: &[usize]) -> Vec<Vec<String>> {
    let review = |draw: &mut Draw, n: usize| -> Vec<String> {
        (0..n).map(|_| draw.pick(&KNOWN).to_owned()).collect()
    };
    let mut all: Vec<Vec<String>> = lengths.iter().map(|&n| review(draw, n)).collect();
    for review in &mut all {
        let at = draw.int(0, review.len());
        review[at] = draw.word(6);
    }
    all
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let example = vec![list(&["good", "film"]), list(&["dull"])];
    let [a, b, c] = draw.sizes();
    let some = reviews(draw, &[a, b, c, a + 1]);
    let long = reviews(draw, &[a + 6, 2, b + 7]);
    let one = reviews(draw, &[c]);
    let other = reviews(draw, &[b + 3, 1, c + 4, a, 2]);
    let vocabulary = draw.shuffled(list(&KNOWN));
    vec![
        call!("worked example", vocabulary_padding(example, list(&["film", "good"]), 100))
            .expect((array![[3_usize, 1], [2, 0]], array![[1.0, 1.0], [1.0, 0.0]])),
        call!("reviews of different length", vocabulary_padding(some, vocabulary.clone(), 20)),
        call!("long reviews are cut", vocabulary_padding(long, vocabulary.clone(), 4)),
        call!("one review", vocabulary_padding(one, vocabulary.clone(), c + 3)),
        call!("another batch", vocabulary_padding(other, vocabulary, 5)).hidden(),
    ]
}
