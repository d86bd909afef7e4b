//! Sizes all differ. There is room for one test part more before the first.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let fold =
        |end: usize, start: usize| record! { train: (0_usize, end), test: (start, start + 10) };
    let [folds, embargo, more, rest] = draw.sizes();
    let test = embargo + more;
    let walk = |name: &str, folds: usize, test: usize, embargo: usize| {
        call!(name, walk_forward((folds + 2) * test + embargo + rest, folds, test, embargo))
    };
    vec![
        call!("worked example", walk_forward(100_usize, 3_usize, 10_usize, 2_usize)).expect(vec![
            fold(68, 70),
            fold(78, 80),
            fold(88, 90),
        ]),
        walk("two folds", 2, test, embargo),
        walk("several folds", folds + 1, test, embargo),
        walk("without an embargo", folds, test, 0),
        walk("one item at a time", folds, 1, embargo),
        walk("another series", folds + 2, test + rest, embargo + 1).hidden(),
    ]
}
