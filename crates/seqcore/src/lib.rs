//! Recurrent layers, training and reports: the library every lesson of the course stands on.

pub mod error;
pub mod float;
pub mod gradcheck;
pub mod init;
pub mod loss;
pub mod nn;
pub mod optim;
pub mod params;

pub use error::{Error, Result};
pub use float::Float;
pub use loss::IGNORE;
