//! Recurrent layers, training and reports: the library every lesson of the course stands on.

pub mod error;
pub mod float;
pub mod lesson;
pub mod params;
pub mod plot;
pub mod report;

pub use error::{Error, Result};
pub use float::Float;
