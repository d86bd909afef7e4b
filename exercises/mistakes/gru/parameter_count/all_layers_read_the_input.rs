//! Every layer of yours reads I numbers. From the second on, a layer reads the H numbers of the layer below.

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
    }
    (parameters, flops)
}
