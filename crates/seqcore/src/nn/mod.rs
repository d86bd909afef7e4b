//! Layers: structs of named arrays with a forward pass and, right below it, its backward pass.
//!
//! Every layer follows one pattern. `forward` borrows the weights immutably. `backward` takes the
//! gradient of the output, returns that of the input, and *adds* to a separate gradient value: a
//! batch in shards then needs no locks, and a layer used twice collects both parts.

pub mod attention;
pub mod dropout;
pub mod embedding;
pub mod linear;
pub mod pooling;
pub mod recurrent;

pub use attention::{Attention, AttentionTape, Score};
pub use dropout::{Dropout, DropoutMask};
pub use embedding::{Embedding, EmbeddingGradient};
pub use linear::Linear;
pub use pooling::{AttentionPooling, Pool, PoolTape, Pooling};
pub use recurrent::{LayerState, Recurrent, RecurrentConfig, RecurrentTape};
