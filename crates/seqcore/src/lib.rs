//! Recurrent networks: cells, layers, training and metrics. Numbers only: no file, no terminal, no clock.
//!
//! # Where to begin
//!
//! [`cells`] holds one time step of each cell, forward with its backward right below it. They are the
//! readable reference: each line carries the number of its equation, such as (L6), from `theory/`.
//! [`fused`] computes the same over whole sequences, fast; its first page lists what separates the two.
//!
//! # How it fits together
//!
//! ```text
//! data -> nn (cells | fused) -> loss -> optim -> train -> metrics
//! ```
//!
//! - [`params::Named`] is the one way in which optimisers, clipping and weights see a model: a list
//!   of named arrays. A layer is a plain struct of arrays; its gradient is another.
//! - [`sequence::Unroll`] is one cell unrolled over one batch in one direction; a [`sequence::Engine`] computes
//!   it. [`nn::Recurrent`] stacks them into layers and directions, as `torch.nn.LSTM` does.
//! - [`train::Trainer`] is the loop: what a step does depends on the model, the carried state and the step's
//!   number, so the same steps give the same bits on any number of threads and after any stop.
//! - Functions take data and return data. Whatever touches the disk or the screen is in the crate `lesson`.
//!
//! # Features
//!
//! `threads` (on by default) computes the shards of a batch side by side. Without it the crate builds for
//! `wasm32-unknown-unknown` and gives the same numbers.
//!
//! # Letters of shapes
//!
//! T time steps, B sequences in a batch, I input size, H hidden size, V vocabulary, E embedding size, L layers,
//! D directions, G gate blocks, N rows of all steps together. Input is (T, B, I), output (T, B, D·H), a final
//! state (L·D, B, H).
//!
//! # An example
//!
//! ```
//! use ndarray::Array3;
//! use rand::SeedableRng;
//! use seqcore::cells::Cell;
//! use seqcore::nn::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
//! use seqcore::sequence::Input;
//!
//! let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
//! let config = RecurrentConfig { layers: 2, ..RecurrentConfig::new(Cell::Lstm, 3, 8) };
//! let layers = Recurrent::<f32>::new(config, &mut rng);
//! let x = Array3::ones((5, 4, 3)); // (T, B, I)
//! let mut tape: RecurrentTape<f32> = RecurrentTape::default();
//! layers.forward(Input::Dense(x.view()), None, &LayerState::zeros(&config, 4), None, &mut tape);
//! assert_eq!(tape.output().dim(), (5, 4, 8)); // (T, B, H)
//! assert_eq!(tape.last().h.dim(), (2, 4, 8)); // (L, B, H)
//! ```

pub mod activation;
pub mod cells;
pub mod data;
pub mod decode;
pub mod error;
pub mod float;
pub mod fused;
pub mod gemm;
pub mod gradcheck;
pub mod init;
mod kernels;
pub mod loss;
pub mod metrics;
pub mod models;
pub mod nn;
pub mod optim;
pub mod params;
pub mod random;
pub mod sequence;
pub mod simd;
pub mod threads;
pub mod train;
pub mod weights;

pub use error::{Error, Result};
pub use float::Float;
pub use loss::IGNORE;
