//! Every cell is in every typical case, so that one wrong block count fails it.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let mut cases = vec![
        call!("worked example", parameter_count("gru".to_owned(), 65_usize, 128_usize, 1_usize))
            .expect((74_880_usize, 148_224_usize)),
    ];
    for (name, layers, hidden) in [
        ("one layer", 1, false),
        ("several layers", draw.int(2, 5), false),
        ("another stack", draw.int(3, 7), true),
    ] {
        let (i, h) = (draw.int(3, 40), draw.int(41, 90));
        for cell in ["rnn", "gru", "lstm"] {
            let case = call!(name, parameter_count(cell.to_owned(), i, h, layers));
            cases.push(if hidden { case.hidden() } else { case });
        }
    }
    cases
}
