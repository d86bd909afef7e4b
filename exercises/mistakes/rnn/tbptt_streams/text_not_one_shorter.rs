//! You forget that the last input needs a target behind it: K is (N - 1) / (B T). Where N is a
//! multiple of B T you count one batch too many.

use ndarray::Array2;

/// Inputs and targets of batch k, (T, B) each.
pub fn tbptt_streams(
    ids: &[usize],
    streams: usize,
    steps: usize,
    k: usize,
) -> (Array2<usize>, Array2<usize>) {
    let batches = ids.len() / (streams * steps); // K
    let position = |t: usize, b: usize| b * batches * steps + k * steps + t;
    let inputs = Array2::from_shape_fn((steps, streams), |(t, b)| ids[position(t, b)]); // (T, B)
    let targets = Array2::from_shape_fn((steps, streams), |(t, b)| ids[position(t, b) + 1]); // (T, B)
    (inputs, targets)
}
