//! Parameters and FLOPs of a stack of recurrent layers, section 3.9.

/// The number of parameters, and the FLOPs of one step of one sequence.
pub fn parameter_count(cell: &str, inputs: usize, hidden: usize, layers: usize) -> (usize, usize) {
    let blocks = match cell {
        "rnn" => 1,
        "gru" => 3,
        _ => 4,
    };
    let (mut parameters, mut flops) = (0, 0);
    let mut reads = inputs;
    for _ in 0..layers {
        parameters += blocks * hidden * (reads + hidden + 2); // (G1): two matrices, two biases
        flops += 2 * blocks * hidden * (reads + hidden);
        reads = hidden; // the layer above reads this one
    }
    (parameters, flops)
}
