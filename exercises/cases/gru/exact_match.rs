//! Each batch has every kind of row: right, one digit wrong, the digits in another order, too
//! short, too long, cut off, and something behind the end.

use kit::cases::*;

const END: usize = 0;

/// Rows of each kind; all targets have `digits` different digits, the end mark and two more places.
fn batch(draw: &mut Draw, name: &str, digits: usize, kinds: &[&str]) -> Case {
    let (mut written, mut targets) = (Vec::new(), Vec::new());
    for &kind in kinds {
        let mut answer: Vec<usize> =
            draw.shuffled((1..10).collect()).into_iter().take(digits).collect();
        targets.push([answer.clone(), vec![END; 3]].concat());
        let mut behind = vec![END; 3];
        match kind {
            "right" => {}
            "behind" => behind = vec![END, 7, END],
            "wrong" => answer[1] = 10,
            "order" => answer.swap(0, 1),
            "short" => {
                answer.pop();
                behind.push(END);
            }
            "long" => {
                answer.push(draw.int(1, 10));
                behind.pop();
            }
            _ => behind.clear(),
        }
        written.push([answer, behind].concat());
    }
    call!(name, exact_match(written, targets, END))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let written = vec![vec![3_usize, 6, 1, 0], vec![3, 6, 2, 0], vec![5, 0, 7, 7], vec![4, 2]];
    let targets =
        vec![vec![3_usize, 6, 1, 0], vec![3, 6, 1, 0], vec![5, 0, 0, 0], vec![4, 2, 0, 0]];
    let mut mixed = |name: &str, digits: usize, kinds: &[&str]| {
        let kinds = draw.shuffled(kinds.to_vec());
        batch(draw, name, digits, &kinds)
    };
    vec![
        call!("worked example", exact_match(written, targets, END)).expect(0.5),
        mixed("right and wrong", 3, &["right", "wrong", "right"]),
        mixed("something behind the end", 4, &["right", "behind", "behind", "wrong", "order"]),
        mixed("too short or too long", 3, &["short", "right", "long", "short", "right"]),
        mixed("cut off", 4, &["cut", "right", "right", "cut", "behind", "wrong"]),
        mixed("digits in another order", 3, &["order", "right", "order", "order"]),
        mixed(
            "everything",
            5,
            &["right", "wrong", "order", "short", "long", "cut", "behind", "right", "right"],
        )
        .hidden(),
    ]
}
