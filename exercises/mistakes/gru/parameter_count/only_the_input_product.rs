//! Your FLOPs have the product with W_ih only. The state goes through W_hh at every step: H more columns.

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
        flops += 2 * blocks * hidden * reads;
        reads = hidden; // the layer above reads this one
    }
    (parameters, flops)
}
