//! Ids are shuffled, so that every position shows. Lengths with a remainder, and without.

use kit::cases::*;

fn batch(draw: &mut Draw, name: &str, [b, t, batches, rest]: [usize; 4], k: usize) -> Case {
    let n = b * t * batches + 1 + rest;
    let ids = draw.shuffled((100..100 + n).collect::<Vec<usize>>());
    call!(name, tbptt_streams(ids, b, t, k))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let ids: Vec<usize> = (10..23).collect();
    let (b, t) = draw.pick(&[(2, 3), (3, 2), (4, 3), (3, 4)]);
    vec![
        call!("worked example", tbptt_streams(ids, 2, 3, 0)).expect((
            array![[10_usize, 16], [11, 17], [12, 18]],
            array![[11_usize, 17], [12, 18], [13, 19]],
        )),
        batch(draw, "the first batch", [b, t, 3, b * t - 2], 0),
        batch(draw, "a later batch", [b, t, 3, b + 1], 2),
        batch(draw, "no token to spare", [b, t, 2, 0], 1),
        // N is a multiple of B T: one window less than it seems.
        batch(draw, "one token too few for another batch", [b, t, 2, b * t - 1], 1),
        batch(draw, "another text", [t, b, 4, b * t - 2], 2).hidden(),
    ]
}
