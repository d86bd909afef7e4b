//! The proof that the foundation works: the layers against PyTorch, against finite differences
//! and against each other.

#[path = "proof/batch.rs"]
mod batch;
#[path = "proof/chapters.rs"]
mod chapters;
#[path = "proof/engines.rs"]
mod engines;
#[path = "proof/gradients.rs"]
mod gradients;
#[path = "proof/parity.rs"]
mod parity;
#[path = "proof/sources.rs"]
mod sources;
#[path = "proof/theory.rs"]
mod theory;
#[path = "../examples/torch_parity/parity.rs"]
mod torch_parity;
