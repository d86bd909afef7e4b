//! Each stream as a slice of the text, each window as a slice of the stream.

use ndarray::Array2;

/// Inputs and targets of batch k, (T, B) each.
pub fn tbptt_streams(
    ids: &[usize],
    streams: usize,
    steps: usize,
    k: usize,
) -> (Array2<usize>, Array2<usize>) {
    let batches = (ids.len() - 1) / (streams * steps);
    let length = batches * steps;
    let (mut inputs, mut targets) =
        (Array2::zeros((steps, streams)), Array2::zeros((steps, streams)));
    for b in 0..streams {
        let stream = &ids[b * length..][..length + 1];
        let window = &stream[k * steps..][..steps + 1];
        for t in 0..steps {
            inputs[[t, b]] = window[t];
            targets[[t, b]] = window[t + 1];
        }
    }
    (inputs, targets)
}
