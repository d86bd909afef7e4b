//! Few letters, so that they repeat; the first is never the smallest.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let letters = |draw: &mut Draw, from: &[char], n: usize| -> String {
        (0..n).map(|_| draw.pick(from)).collect()
    };
    let some = letters(draw, &['d', 'b', 'a', 'c', ' '], 7);
    let new = letters(draw, &['b', 'c', 'd'], 3);
    let more = letters(draw, &['r', 'n', '\n', 'T', 'e'], 12);
    let hidden = letters(draw, &['x', 'z', 'y', 'w'], 6);
    vec![
        call!("worked example: vocabulary", vocabulary("noon".to_owned())).expect(vec!['n', 'o']),
        call!("worked example: one-hot", one_hot("on!".to_owned(), vec!['n', 'o'])).expect(array![
            [0.0, 0.0, 1.0],
            [0.0, 1.0, 0.0],
            [1.0, 0.0, 0.0]
        ]),
        call!("a vocabulary", vocabulary(format!("dad{some}"))),
        call!("capitals, spaces, line ends", vocabulary(format!("to{more}!"))),
        call!("one-hot", one_hot(format!("a{new}d"), vec!['a', 'b', 'c', 'd'])),
        call!("unknown characters", one_hot(format!("{new}?b"), vec!['b', 'c', 'd'])),
        call!("letters of two bytes", one_hot(format!("é{new}ü"), vec!['b', 'c', 'd', 'é'])),
        call!("another text", one_hot(hidden.clone(), vec!['w', 'y', 'z'])).hidden(),
        call!("another text", vocabulary(format!("zy{hidden}"))).hidden(),
    ]
}
