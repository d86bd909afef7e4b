//! What a classifier says of reviews: logits, many reviews side by side.

use rayon::prelude::*;
use seqcore::activation::sigmoid;
use seqcore::data::buckets::by_length;

use crate::layout::Layout;
use crate::model::{Classifier, Tape};

/// Reviews read side by side.
const BATCH: usize = 32;

/// The most words that are read of a text: its first and its last half of so many. A book would
/// take gigabytes, and no review is that long.
pub const MOST_WORDS: usize = 4000;

/// The first and the last half of a text that is too long.
pub fn shorten(mut words: Vec<usize>) -> Vec<usize> {
    if words.len() > MOST_WORDS {
        words.drain(MOST_WORDS / 2..words.len() - MOST_WORDS / 2);
    }
    words
}

/// P(positive) of each review, given as numbers.
pub fn probabilities(model: &Classifier<f32>, reviews: &[Vec<usize>]) -> Vec<f64> {
    logits(model, reviews, Layout::Masked).into_iter().map(sigmoid).collect()
}

/// The logit (C7) of each review.
pub fn logits(model: &Classifier<f32>, reviews: &[Vec<usize>], layout: Layout) -> Vec<f64> {
    let lengths: Vec<usize> = reviews.iter().map(Vec::len).collect();
    let batches = by_length(&lengths, BATCH);
    let parts: Vec<Vec<f32>> = batches
        .par_iter()
        .map_init(Tape::default, |tape, batch| {
            let short: Vec<Vec<usize>> =
                batch.iter().map(|&i| shorten(reviews[i].clone())).collect();
            let padded = layout.pad(short.iter().map(Vec::as_slice));
            model.forward(&model.batch(padded, None), None, tape).into_raw_vec_and_offset().0
        })
        .collect();
    let mut all = vec![0.0; reviews.len()];
    for (batch, logits) in batches.iter().zip(parts) {
        batch.iter().zip(logits).for_each(|(&i, y)| all[i] = f64::from(y));
    }
    all
}

/// The mean of the networks' logits, by review.
pub fn mean(networks: &[Vec<f64>]) -> Vec<f64> {
    let of = |i: usize| networks.iter().map(|own| own[i]).sum::<f64>() / networks.len() as f64;
    (0..networks.first().map_or(0, Vec::len)).map(of).collect()
}
