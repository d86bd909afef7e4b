//! Lengths differ within each batch, so that every wrong divisor shows.

use kit::cases::*;

/// The log-softmax of random logits, (T, B, V), and random targets.
fn predictions(draw: &mut Draw, [t, b, v]: [usize; 3]) -> (Array3<f64>, Array2<usize>) {
    let mut log_p = draw.normal((t, b, v));
    for mut row in log_p.rows_mut() {
        let total: f64 = row.iter().map(|y| y.exp()).sum();
        row -= total.ln();
    }
    let targets = Array2::from_shape_vec((t, b), draw.ints(t * b, 0, v)).unwrap();
    (log_p, targets)
}

fn batch(draw: &mut Draw, name: &str, v: usize, lengths: &[usize]) -> Case {
    let t = lengths.iter().copied().max().unwrap();
    let (log_p, targets) = predictions(draw, [t, lengths.len(), v]);
    let mask = Array2::from_shape_fn((t, lengths.len()), |(t, b)| t < lengths[b]);
    call!(name, masked_loss(log_p, targets, mask))
}

pub fn cases(draw: &mut Draw) -> Vec<Case> {
    // The other symbol of V = 2 has the rest.
    let p = array![[0.5, 0.8], [0.25, 0.1], [0.5, 0.1]];
    let log_p = Array3::from_shape_fn((3, 2, 2), |(t, b, v)| {
        let share: f64 = if v == 0 { p[[t, b]] } else { 1.0 - p[[t, b]] };
        share.ln()
    });
    let mask = array![[true, true], [true, false], [true, false]];
    let d = Array3::from_shape_fn((3, 2, 2), |(t, b, v)| {
        let d = if mask[[t, b]] { (p[[t, b]] - 1.0) / 4.0 } else { 0.0 };
        if v == 0 { d } else { -d }
    });
    let example = call!("worked example", masked_loss(log_p, Array2::<usize>::zeros((3, 2)), mask))
        .expect((0.74893, d));
    let v = draw.int(3, 6);
    let long = draw.int(4, 6);
    vec![
        example,
        batch(draw, "two sentences", v, &[2, 4]),
        batch(draw, "three sentences", v + 1, &[long, 1, 3]),
        batch(draw, "a sentence that is all padding", v, &[3, 0, 1, 4]),
        batch(draw, "another batch", v + 2, &[1, long + 1, 2]).hidden(),
    ]
}
