//! What the lesson's parts compute, a module for each.

#[path = "lesson/amount.rs"]
mod amount;
#[path = "lesson/inside.rs"]
mod inside;
