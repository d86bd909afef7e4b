//! Reviews put together from pieces, each with one of the decisions in it.

use kit::cases::*;

fn some(draw: &mut Draw, pieces: &[&str]) -> String {
    draw.shuffled(pieces.to_vec()).join(" ")
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let list =
        |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.to_owned()).collect() };
    let capitals = some(draw, &["GREAT", "Film", "I", "saw it"]);
    let marks = some(draw, &["good,", "bad!", "(so-so)", "what?"]);
    let ratings = some(draw, &["8/10", "in 1999", "no 2"]);
    let negations = some(draw, &["isn't", "wasn't it", "Don't", "n't"]);
    let layout = some(draw, &["end.<br /><br />Next", "one<br />two", "it's"]);
    let all = some(draw, &["Couldn't", "care<br />less", "3/10", "OK;", "that's"]);
    vec![
        call!("worked example", tokenise("Didn't LIKE it!<br />2/10".to_owned()))
            .expect(list(&["did", "n't", "like", "it", "!", "2/10"])),
        call!("capitals", tokenise(capitals)),
        call!("marks", tokenise(marks)),
        call!("digits", tokenise(ratings)),
        call!("negations", tokenise(negations)),
        call!("layout", tokenise(layout)),
        call!("another review", tokenise(all)).hidden(),
    ]
}
