//! A text read by a model in one pass: every gate of every layer, and its losses.
//!
//! Shapes: N characters; gates (N, G·H), states (N, H).

use ndarray::{Array2, ArrayView2, Axis};
use seqcore::cells::Cell;
use seqcore::data::Evaluation;
use seqcore::loss::cross_entropy;
use seqcore::models::language::{LanguageModel, LanguageTape};
use seqcore::sequence::Input;

/// What one layer did at each character.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The gates, blocks in the cell's order, (N, G·H).
    pub gates: Array2<f64>,
    /// The hidden state, (N, H).
    pub h: Array2<f64>,
    /// The cell state of an LSTM, the hidden state of other cells, (N, H).
    pub memory: Array2<f64>,
}

impl Reading {
    /// Reads `ids` from an empty state; one reading for each layer.
    pub fn of(model: &LanguageModel<f32>, ids: &[usize]) -> Vec<Self> {
        let column = Array2::from_shape_vec((ids.len(), 1), ids.to_vec()).expect("one column"); // (N, 1)
        let input = || Input::Tokens { ids: column.view(), table: model.embedding.weight.view() };
        let mut tape = LanguageTape::<f32>::default();
        model.rnn.forward(input(), None, &model.zero_state(1), None, &mut tape.rnn);
        let layer = |k: usize| {
            let record = model.rnn.record(k, input(), &tape.rnn);
            let flat = |a: ndarray::Array3<f32>| a.index_axis_move(Axis(1), 0).mapv(f64::from);
            let (gates, h) = (flat(record.gates), flat(record.h));
            let memory = record.c.map_or_else(|| h.clone(), flat);
            Self { gates, h, memory }
        };
        (0..model.rnn.config.layers).map(layer).collect()
    }

    /// All that there is to see of one unit: a name and a value for each character.
    pub fn rows_of(&self, unit: usize, cell: Cell) -> Vec<(&'static str, Vec<f64>)> {
        let hidden = self.h.ncols();
        let names: &[&str] = match cell {
            Cell::Lstm => &["i", "f", "g", "o"],
            Cell::Gru => &["r", "z", "n"],
            Cell::RnnTanh | Cell::RnnRelu => &[],
        };
        let column = |a: ArrayView2<f64>, k: usize| a.column(k).to_vec();
        let mut rows: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(block, &name)| (name, column(self.gates.view(), block * hidden + unit)))
            .collect();
        if cell.has_cell_state() {
            rows.push(("c", column(self.memory.view(), unit)));
        }
        rows.push(("h", column(self.h.view(), unit)));
        rows
    }
}

/// Streams that a text is read in when only its losses matter.
const STREAMS: usize = 8;

/// −ln p of each token but the first, given those before it, (N − 1): in a few streams, each of
/// which begins with an empty state.
pub fn losses(model: &LanguageModel<f32>, ids: &[usize]) -> Vec<f64> {
    let (&first, rest) = ids.split_first().expect("a text has a first token");
    let streams = STREAMS.min(rest.len());
    let text = Evaluation::new(first, rest.to_vec(), streams, rest.len()).expect("a text");
    let batch = text.batch(0); // all of it: (T, B)
    let mut tape = LanguageTape::<f32>::default();
    let logits = model.forward(batch.inputs.view(), &model.zero_state(streams), None, &mut tape);
    let (steps, _) = batch.targets.dim();
    let mut losses = Vec::with_capacity(rest.len());
    for b in 0..streams {
        for t in 0..steps {
            let target = batch.targets[[t, b]];
            if target != seqcore::IGNORE {
                let row = logits.slice(ndarray::s![t * streams + b..t * streams + b + 1, ..]);
                losses.push(cross_entropy(row.to_owned(), &[target], 1).sum);
            }
        }
    }
    losses
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::models::language::LanguageConfig;
    use seqcore::train::language::nats_per_token;

    use super::*;

    #[test]
    fn losses_are_in_the_order_of_the_text() {
        let config = LanguageConfig {
            vocabulary: 7,
            embedding: 5,
            cell: Cell::Lstm,
            hidden: 6,
            layers: 2,
            dropout: 0.0,
        };
        let model = LanguageModel::new(&config, &mut ChaCha8Rng::seed_from_u64(3));
        let ids: Vec<usize> = (0..60).map(|k| k * k % 7).collect();
        let found = losses(&model, &ids);
        assert_eq!(found.len(), 59);
        // The first stream holds the first eight targets; it reads ids 0 to 7.
        for n in [1, 4, 8] {
            let start = Evaluation::new(ids[0], ids[1..=n].to_vec(), 1, 64).unwrap();
            let mean = found[..n].iter().sum::<f64>() / n as f64;
            assert!((mean - nats_per_token(&model, &start)).abs() < 1e-6);
        }
    }
}
