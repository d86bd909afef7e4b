//! Your targets are the inputs. A language model predicts the *next* token: position + 1.

use ndarray::Array2;

/// Inputs and targets of batch k, (T, B) each.
pub fn tbptt_streams(
    ids: &[usize],
    streams: usize,
    steps: usize,
    k: usize,
) -> (Array2<usize>, Array2<usize>) {
    let batches = (ids.len() - 1) / (streams * steps); // K
    let position = |t: usize, b: usize| b * batches * steps + k * steps + t;
    let inputs = Array2::from_shape_fn((steps, streams), |(t, b)| ids[position(t, b)]); // (T, B)
    let targets = Array2::from_shape_fn((steps, streams), |(t, b)| ids[position(t, b)]); // (T, B)
    (inputs, targets)
}
