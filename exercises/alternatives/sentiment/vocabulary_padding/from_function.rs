//! Each element by itself, through a table of ids.

use ndarray::Array2;

/// The ids of a batch of reviews and their mask, (T, B) each.
pub fn vocabulary_padding(
    reviews: &[Vec<String>],
    vocabulary: &[String],
    longest: usize,
) -> (Array2<usize>, Array2<f64>) {
    let known: std::collections::HashMap<&String, usize> = vocabulary.iter().zip(2..).collect();
    let kept: Vec<&[String]> =
        reviews.iter().map(|review| &review[..longest.min(review.len())]).collect();
    let steps = kept.iter().fold(0, |steps, review| steps.max(review.len()));
    let id = |(t, b): (usize, usize)| match kept[b].get(t) {
        None => 0,
        Some(word) => *known.get(word).unwrap_or(&1),
    };
    let ids = Array2::from_shape_fn((steps, kept.len()), id);
    let mask =
        Array2::from_shape_fn((steps, kept.len()), |(t, b)| f64::from(u8::from(t < kept[b].len())));
    (ids, mask)
}
