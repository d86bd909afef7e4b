//! `max` keeps away from the norm itself.

use kit::cases::*;

fn arrays(draw: &mut Draw) -> Vec<Array2<f64>> {
    let [h, i, v] = draw.sizes();
    vec![draw.normal((h, i)), draw.normal((h, h)), draw.normal((1, h)), draw.normal((v, h))]
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let (some, others) = (arrays(draw), arrays(draw));
    let exploded: Vec<_> = arrays(draw).into_iter().map(|g| g * 300.0).collect();
    let few = vec![draw.uniform(0.1, 0.4, (2, 3)), draw.uniform(-0.4, -0.1, (1, 2))];
    vec![
        call!("worked example", clip_global_norm(vec![array![[3.0, 0.0]], array![[4.0]]], 1.0))
            .expect((5.0, vec![array![[0.6, 0.0]], array![[0.8]]])),
        call!("too long", clip_global_norm(some, draw.number(0.5, 1.0))),
        call!("exploded", clip_global_norm(exploded, 5.0)),
        call!("short enough", clip_global_norm(few, draw.number(3.0, 5.0))),
        call!(
            "all zero, and one array",
            clip_global_norm(vec![array![[0.0, 0.0]], array![[0.0]]], 1.0)
        ),
        call!(
            "all zero, and one array",
            clip_global_norm(vec![draw.uniform(1.0, 2.0, (2, 3))], 1.5)
        ),
        call!("other arrays", clip_global_norm(others, draw.number(0.5, 1.0))).hidden(),
    ]
}
