//! You put neighbouring windows side by side in one batch. Then row b of the next batch does not
//! continue row b of this one, and the carried state belongs to another place of the text. Stream b
//! begins at b K T.

use ndarray::Array2;

/// Inputs and targets of batch k, (T, B) each.
pub fn tbptt_streams(
    ids: &[usize],
    streams: usize,
    steps: usize,
    k: usize,
) -> (Array2<usize>, Array2<usize>) {
    let batches = (ids.len() - 1) / (streams * steps); // K
    let position = |t: usize, b: usize| k * streams * steps + b * steps + t;
    let inputs = Array2::from_shape_fn((steps, streams), |(t, b)| ids[position(t, b)]); // (T, B)
    let targets = Array2::from_shape_fn((steps, streams), |(t, b)| ids[position(t, b) + 1]); // (T, B)
    (inputs, targets)
}
