//! The weights are a softmax of the scores, as a forward pass leaves them; padding has the weight
//! 0.

use kit::cases::*;

fn back(draw: &mut Draw, name: &str, [t, s, d, m]: [usize; 4], real: usize) -> Case {
    let (queries, keys) = (draw.normal((t, d)), draw.normal((s, d)));
    let mut weights = queries.dot(&keys.t()) / (d as f64).sqrt();
    for mut row in weights.rows_mut() {
        for (place, e) in row.iter_mut().enumerate() {
            *e = if place < real { e.exp() } else { 0.0 };
        }
        let total = row.sum();
        row /= total;
    }
    call!(
        name,
        attention_backward(queries, keys, draw.normal((s, m)), weights, draw.normal((t, m)))
    )
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let states = array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    let weights = array![[0.31987, 0.22461, 0.45552]];
    let example = call!(
        "worked example",
        attention_backward(
            array![[1.0, 0.5]],
            states.clone(),
            states,
            weights,
            array![[1.0, -1.0]]
        )
    )
    .expect(record! {
        dq: array![[0.17395, -0.20464]],
        dk: array![[0.20463, 0.10232], [-0.17395, -0.08698], [-0.03068, -0.01534]],
        dv: array![[0.31987, -0.31987], [0.22461, -0.22461], [0.45552, -0.45552]],
    });
    let [t, s, d, m] = draw.sizes();
    let other = draw.sizes();
    vec![
        example,
        back(draw, "one query", [1, s, d, m], s),
        back(draw, "several queries", [t, s, d, m], s),
        back(draw, "with padding", [t, s + 2, d, m], s),
        back(draw, "other sizes", other, other[1]).hidden(),
    ]
}
