//! Few different words, so that counts tie.

use kit::cases::*;

const WORDS: [&str; 6] = ["plot", "a", "film", "good", "the", "of"];

/// A text in which word k occurs `counts[k]` times, shuffled.
fn text(draw: &mut Draw, counts: &[usize]) -> String {
    let words = draw.shuffled(WORDS.to_vec());
    let all = words.iter().zip(counts).flat_map(|(word, &n)| vec![*word; n]).collect();
    draw.shuffled::<&str>(all).join(" ")
}

fn list(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let (clear, ties, few) =
        (text(draw, &[5, 4, 3, 2, 1]), text(draw, &[2, 3, 2, 1, 2, 1]), text(draw, &[2, 1, 1]));
    let new = format!("dull {} dull plot film", text(draw, &[2, 1, 1, 2, 1, 1]));
    let other = format!("the {} poor of poor poor", text(draw, &[1, 1, 2, 1, 1, 2]));
    vec![
        call!("worked example: vocabulary", word_vocabulary("to be or not to be".to_owned(), 3))
            .expect(list(&["be", "to", "not"])),
        call!("worked example: ids", encode("to be wise".to_owned(), list(&["be", "to", "not"])))
            .expect((vec![2_usize, 1, 0], 0.33333)),
        call!("different counts", word_vocabulary(clear, 3)),
        call!("equal counts", word_vocabulary(ties, 4)),
        call!("fewer words than asked for", word_vocabulary(few, 10)),
        call!("a new text", encode(new, list(&["film", "good", "plot"]))),
        call!(
            "line ends and several spaces",
            encode("good  film\nof the\n\nthe plot".to_owned(), list(&["the", "plot"]))
        ),
        call!("another text", encode(other, list(&["of", "the", "film", "a"]))).hidden(),
    ]
}
