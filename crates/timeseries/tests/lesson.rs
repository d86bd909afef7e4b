//! The lesson's numbers and its binary: what is printed is asserted here, against independent figures or within stated
//! ranges.

#[path = "lesson/cli.rs"]
mod cli;
#[path = "lesson/parts.rs"]
mod parts;
