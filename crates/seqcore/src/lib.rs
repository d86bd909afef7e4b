//! Recurrent layers, training and reports: the library every lesson of the course stands on.

pub mod activation;
pub mod cells;
pub mod checkpoint;
pub mod data;
pub mod decode;
pub mod error;
pub mod files;
pub mod float;
pub mod fused;
pub mod gemm;
pub mod gradcheck;
pub mod init;
mod kernels;
pub mod lesson;
pub mod loss;
pub mod metrics;
pub mod models;
pub mod nn;
pub mod optim;
pub mod params;
pub mod plot;
pub mod report;
pub mod sequence;
pub mod simd;
pub mod train;

pub use error::{Error, Result};
pub use float::Float;
pub use loss::IGNORE;
