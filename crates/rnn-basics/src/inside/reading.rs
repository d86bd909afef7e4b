//! A text read by a model in one pass: its hidden states and its losses.
//!
//! Shapes: N characters in one stream; states (N, H).

use ndarray::Array2;
use seqcore::models::language::{LanguageModel, LanguageTape};
use seqcore::sequence::Input;

use super::attribution::log_softmax;

/// The last layer's hidden state after each character, (N, H), in one pass from an empty state.
pub fn states(model: &LanguageModel<f32>, ids: &[usize]) -> Array2<f64> {
    let column = Array2::from_shape_vec((ids.len(), 1), ids.to_vec()).expect("one column"); // (N, 1)
    let mut tape = LanguageTape::<f32>::default();
    let input = Input::Tokens { ids: column.view(), table: model.embedding.weight.view() };
    model.rnn.forward(input, None, &model.zero_state(1), None, &mut tape.rnn);
    tape.rnn.output().index_axis(ndarray::Axis(1), 0).mapv(f64::from)
}

/// −ln p of each character but the first, read in one pass from an empty state, (N − 1).
pub fn losses(model: &LanguageModel<f32>, ids: &[usize]) -> Vec<f64> {
    let read = &ids[..ids.len() - 1];
    let column = Array2::from_shape_vec((read.len(), 1), read.to_vec()).expect("one column"); // (N - 1, 1)
    let mut tape = LanguageTape::<f32>::default();
    let logits = model.forward(column.view(), &model.zero_state(1), None, &mut tape); // (N - 1, V)
    logits.rows().into_iter().zip(&ids[1..]).map(|(row, &next)| -log_softmax(row, next)).collect()
}
