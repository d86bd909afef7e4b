//! Typical logits within 3; large ones to see whether the answer is stable.

use kit::cases::*;

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    let [n, v] = draw.sizes();
    let mut batch = |name: &str, n: usize, v: usize| {
        let targets = draw.ints(n, 0, v);
        call!(name, softmax_cross_entropy(draw.normal((n, v)), targets))
    };
    vec![
        call!("worked example", softmax_cross_entropy(array![[0.0, 3.0_f64.ln()]], vec![0]))
            .expect((1.3863, array![[-0.75, 0.75]])),
        batch("one row", 1, v + 1),
        batch("several rows", n, v + 2),
        call!(
            "very large logits",
            softmax_cross_entropy(
                array![[1000.0, 999.0], [-998.0, -1000.0], [3.0, 1.0]],
                vec![1, 0, 1]
            )
        ),
        call!(
            "sure and wrong",
            softmax_cross_entropy(array![[0.0, 800.0, -50.0], [1.0, 2.0, 1.5]], vec![0, 2])
        ),
        batch("other rows", n + 3, v + 1).hidden(),
    ]
}
