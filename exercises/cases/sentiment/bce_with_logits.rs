//! Both targets in every typical case; large logits, right and wrong.

use kit::cases::*;

/// Both kinds of targets, shuffled.
fn targets(draw: &mut Draw, n: usize) -> Array1<f64> {
    let both = (0..n).map(|k| if k % 2 == 0 { 1.0 } else { 0.0 }).collect();
    Array1::from(draw.shuffled::<f64>(both))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [n, other] = draw.sizes();
    vec![
        call!("worked example", bce_with_logits(array![0.85, -1.025], array![1.0, 0.0]))
            .expect((0.3312, array![-0.1497, 0.1320])),
        call!("one friendly, one hostile", bce_with_logits(draw.normal(1), array![1.0])),
        call!("one friendly, one hostile", bce_with_logits(draw.normal(1), array![0.0])),
        call!("a batch", bce_with_logits(draw.normal(n + 2), targets(draw, n + 2))),
        call!(
            "very large logits",
            bce_with_logits(array![800.0, 0.5, -900.0], array![1.0, 0.0, 0.0])
        ),
        call!(
            "very large logits, and wrong",
            bce_with_logits(array![-800.0, 1.5, 700.0], array![1.0, 1.0, 0.0])
        ),
        call!(
            "another batch",
            bce_with_logits(draw.normal(other + 3) * 2.0, targets(draw, other + 3))
        )
        .hidden(),
    ]
}
