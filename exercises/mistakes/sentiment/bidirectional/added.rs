//! You add the two states. (C6) puts them side by side, 2H numbers: later layers can then weigh
//! them differently.

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
        last.slice_mut(s![b, ..hidden]).assign(&forward.slice(s![n - 1, b, ..])); // (C6)
        let mut sum = last.slice_mut(s![b, ..hidden]);
        sum += &backward.slice(s![0, b, ..]);
    }
    last.slice(s![.., ..hidden]).to_owned()
}
