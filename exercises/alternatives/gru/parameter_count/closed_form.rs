//! No loop: the first layer, and the others together.

/// The number of parameters, and the FLOPs of one step of one sequence.
pub fn parameter_count(cell: &str, inputs: usize, hidden: usize, layers: usize) -> (usize, usize) {
    let blocks = [("rnn", 1), ("gru", 3), ("lstm", 4)]
        .into_iter()
        .find(|(name, _)| *name == cell)
        .map_or(0, |(_, n)| n);
    let rows = blocks * hidden;
    let weights = rows * (inputs + hidden) + (layers - 1) * rows * 2 * hidden;
    (weights + 2 * rows * layers, 2 * weights)
}
