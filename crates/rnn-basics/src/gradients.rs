//! Part 3, **gradients**: how far a gradient reaches, why, and what to do when it explodes.
//!
//! 1. [`distance`]: ‖dL/dh_{T−k}‖ over k for RNN, GRU and LSTM, new and trained.
//! 2. [`jacobians`]: the product behind it (R14), beside its bound and its asymptote (R15), for
//!    spectral radii from 0.5 to 1.5.
//! 3. [`clipping`]: training with a gradient that explodes, with and without (R16).

pub mod clipping;
pub mod distance;
pub mod jacobians;

use lesson::{Lesson, Result};

use crate::text::{PLAY, PLAY_NAME, Play};

/// Runs the part.
///
/// # Errors
/// None with the embedded text.
pub fn run(lesson: &mut Lesson, seed: u64, full: bool) -> Result<()> {
    lesson.heading("3 · Gradients that vanish and gradients that explode");
    lesson.data(PLAY_NAME, PLAY.as_bytes());
    let play = Play::new()?;
    let (reach, products, training) = if full {
        (distance::Size::FULL, jacobians::Size::FULL, clipping::Size::FULL)
    } else {
        (distance::Size::TOUR, jacobians::Size::TOUR, clipping::Size::TOUR)
    };
    distance::run(lesson, &play, reach, seed)?;
    jacobians::run(lesson, products, seed);
    clipping::run(lesson, &play, training, seed)
}
