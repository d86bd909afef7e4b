//! Recurrent layers, training and reports: the library every lesson of the course stands on.

pub mod data;
pub mod decode;
pub mod error;
pub mod float;
pub mod metrics;
pub mod params;

pub use error::{Error, Result};
pub use float::Float;
