//! Four sizes, all different. In the case of large scores they are near 800, where e^x overflows,
//! but close together.

use kit::cases::*;

fn attend(draw: &mut Draw, name: &str, [t, s, d, m]: [usize; 4], real: &[bool]) -> Case {
    let (queries, keys) = (draw.normal((t, d)), draw.normal((s, d)));
    let mask = Array1::from_shape_fn(s, |s| real[s % real.len()]);
    call!(name, attention(queries, keys, draw.normal((s, m)), mask))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let states = array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 2.0]];
    let mask = array![true, true, true, false];
    let example =
        call!("worked example", attention(array![[1.0, 0.5]], states.clone(), states, mask))
            .expect((array![[0.31987, 0.22461, 0.45553, 0.0]], array![[0.77539, 0.68013]]));
    let [t, s, d, m] = draw.sizes();
    let other = draw.sizes();
    // Multiples of 1/64 and d = 4: the scores, near 800, are exact in f32 too.
    let mut large = |rows: usize| {
        let mut numbers = draw.uniform(-1.0, 1.0, (rows, 4)).mapv(|x| (64.0 * x).round() / 64.0);
        numbers.column_mut(0).fill(40.0);
        numbers
    };
    let large = (large(t), large(s));
    let mask = Array1::from_shape_fn(s, |s| s != 1);
    vec![
        example,
        attend(draw, "all positions are real", [t, s, d, m], &[true]),
        attend(draw, "padding at the end", [t, s + 2, d, m], &[true, true, true, false]),
        attend(draw, "padding in between", [t + 1, s + 3, d, m], &[false, true, true]),
        call!("large scores", attention(large.0, large.1, draw.normal((s, m)), mask)),
        attend(draw, "other sizes", other, &[true, false]).hidden(),
    ]
}
