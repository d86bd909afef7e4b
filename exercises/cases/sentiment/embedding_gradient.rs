//! Few words, so that most occur several times.

use kit::cases::*;

fn batch(draw: &mut Draw, name: &str, [t, b, e, v]: [usize; 4]) -> Case {
    // Every word but the last occurs.
    let mut words: Vec<usize> = (0..v - 1).collect();
    words.extend(draw.ints((t * b).saturating_sub(v - 1), 0, v - 1));
    words.truncate(t * b);
    let ids = Array2::from_shape_vec((t, b), draw.shuffled(words)).unwrap();
    call!(name, embedding_gradient(ids, draw.normal((t, b, e)), v))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [t, b, e] = draw.sizes();
    let [u, c, f] = draw.sizes();
    vec![
        call!(
            "worked example",
            embedding_gradient(
                array![[1_usize], [1], [3]],
                array![[[1.0, 2.0]], [[10.0, 20.0]], [[100.0, 200.0]]],
                4
            )
        )
        .expect(array![[0.0, 0.0], [11.0, 22.0], [0.0, 0.0], [100.0, 200.0]]),
        batch(draw, "one sequence", [t + 2, 1, e, 4]),
        batch(draw, "one word all the time", [t, b, e, 2]),
        batch(draw, "a batch", [t + 1, b, e, 5]),
        batch(draw, "another batch", [u + 1, c, f, 6]).hidden(),
    ]
}
