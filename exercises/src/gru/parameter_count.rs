//! # What a layer costs: parameters and FLOPs
//!
//! "A GRU is a quarter cheaper than an LSTM." Check it. Count, for a stack of layers of one kind of
//! cell, the parameters and the floating-point operations of one forward step of one sequence.
//! Section 3.9 of `theory/03_gru_architecture.md`, with the shapes of (R1), (L1) and (G1):
//!
//! - every block has rows in `weight_ih`, `weight_hh` and **both** biases: the RNN has one block,
//!   the GRU three (r, z, n), the LSTM four (i, f, g, o);
//! - FLOPs are those of the products with the two matrices, where a multiply-add counts as 2;
//!   biases and what goes element by element are left out;
//! - layer 1 reads I numbers, every other layer the H numbers of the layer below it.
//!
//! | | |
//! |---|---|
//! | `cell` | `"rnn"`, `"gru"` or `"lstm"` |
//! | `inputs`, `hidden`, `layers` | I, H and the number of layers, at least 1 |
//! | the answer | (parameters, FLOPs) |
//!
//! Example: one GRU layer with I = 65 and H = 128. Each block has 128 rows of 65 + 128 weights and
//! 2 biases: 128 * 195 = 24,960; three blocks, 74,880 parameters. FLOPs: 2 * 3 * 128 * 193 =
//! 148,224.

/// The number of parameters, and the FLOPs of one step of one sequence.
pub fn parameter_count(cell: &str, inputs: usize, hidden: usize, layers: usize) -> (usize, usize) {
    // TODO: the blocks of the cell; then layer by layer.
    todo!()
}
