//! # Streams for truncated backpropagation
//!
//! A text is too long for one tape, so it is read in windows of T steps, and the state is carried
//! from window to window (section 1.8 of `theory/01_rnn_fundamentals.md`). For that, row b of a
//! batch must **continue** row b of the batch before. So cut the text into B streams of equal
//! length and walk along all of them side by side. With N tokens there are
//!
//! ```text
//! K = (N - 1) / (B T)  batches, rounded down            a stream has K T tokens
//! position(t, b) = b K T + k T + t                      in batch k (from 0)
//! input = ids[position]      target = ids[position + 1]
//! ```
//!
//! The - 1: the last input needs a target behind it. What fills no whole batch is left out at the
//! end.
//!
//! | | shape |
//! |---|---|
//! | `ids` | N, at least B T + 1 |
//! | `streams`, `steps`, `k` | B, T, below K |
//! | the answer: inputs and targets | (T, B) each |
//!
//! Example: ids 10, 11, ..., 22 (N = 13), B = 2, T = 3. K = 2, a stream has 6 tokens. Batch 0 has
//! the inputs [[10, 16], [11, 17], [12, 18]]; its targets are those plus 1. Batch 1 goes on with
//! [[13, 19], ...].

use ndarray::Array2;

/// Inputs and targets of batch k, (T, B) each.
pub fn tbptt_streams(
    ids: &[usize],
    streams: usize,
    steps: usize,
    k: usize,
) -> (Array2<usize>, Array2<usize>) {
    // TODO: K, then the position of each (t, b).
    todo!()
}
