//! Whole slices with a negative step; rows put together.

use ndarray::{Array2, Array3, s};

/// Each sequence reversed within its own length, (T, B, I).
pub fn reverse(x: &Array3<f64>, lengths: &[usize]) -> Array3<f64> {
    let mut reversed = x.clone();
    for (b, &n) in lengths.iter().enumerate() {
        reversed.slice_mut(s![..n, b, ..]).assign(&x.slice(s![..n;-1, b, ..]));
    }
    reversed
}

/// Both directions' final states side by side, (B, 2H).
pub fn last_states(
    forward: &Array3<f64>,
    backward: &Array3<f64>,
    lengths: &[usize],
) -> Array2<f64> {
    let hidden = forward.dim().2;
    Array2::from_shape_fn((lengths.len(), 2 * hidden), |(b, j)| match j.checked_sub(hidden) {
        None => forward[[lengths[b] - 1, b, j]],
        Some(j) => backward[[0, b, j]],
    })
}
