//! The embedding: a table with one learned vector for each token of the vocabulary.
//!
//! ```text
//! forward    y = W[id]              W (V, E), ids (T, B), y (T, B, E)
//! backward   dW[id] += dy           for every occurrence of id
//! ```
//!
//! A batch touches few rows of a large table, so its gradient may be kept as *rows*: only those that
//! occurred, with repeated tokens summed; see [`EmbeddingGradient`].

use ndarray::{Array2, Array3, ArrayRef2, ArrayRef3};
use rand::Rng;

pub use crate::params::EmbeddingGradient;
use crate::{Float, init, named};

/// The table of vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding<A> {
    /// (V, E)
    pub weight: Array2<A>,
}

named!(Embedding { weight });

impl<A: Float> Embedding<A> {
    /// A new table with PyTorch's default, N(0, 1).
    pub fn new(vocabulary: usize, width: usize, rng: &mut (impl Rng + ?Sized)) -> Self {
        Self { weight: init::normal((vocabulary, width), rng) }
    }

    /// The vectors (T, B, E) of tokens `ids` (T, B). Panics on an id that the table does not have.
    pub fn forward(&self, ids: &ArrayRef2<usize>) -> Array3<A> {
        let ((vocabulary, width), (time, batch)) = (self.weight.dim(), ids.dim());
        let mut y = Array3::zeros((time, batch, width)); // (T, B, E)
        for (mut into, &id) in y.lanes_mut(ndarray::Axis(2)).into_iter().zip(ids) {
            assert!(id < vocabulary, "token {id} of a vocabulary of {vocabulary}");
            into.assign(&self.weight.row(id));
        }
        y
    }

    /// Adds the gradient `dy` (T, B, E) of the vectors to the rows of their tokens.
    ///
    /// Tokens have no gradient, so nothing goes further down.
    pub fn backward(
        &self,
        ids: &ArrayRef2<usize>,
        dy: &ArrayRef3<A>,
        gradient: &mut EmbeddingGradient<A>,
    ) {
        let ((vocabulary, width), (time, batch)) = (self.weight.dim(), ids.dim());
        assert_eq!(dy.dim(), (time, batch, width), "gradient for ids {:?}", ids.dim());
        let tokens: Vec<usize> = ids.iter().copied().collect();
        let dy = dy.as_standard_layout();
        let rows = dy.view().into_shape_with_order((tokens.len(), width)).expect("standard layout");
        gradient.add_tokens(&tokens, rows, vocabulary);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::gradcheck::check;

    #[test]
    fn forward_looks_up() {
        let table = Embedding { weight: array![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]] };
        let y = table.forward(&array![[2, 0], [0, 1]]);
        assert_eq!(y, array![[[4.0, 5.0], [0.0, 1.0]], [[0.0, 1.0], [2.0, 3.0]]]);
    }

    #[test]
    fn both_forms_agree_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(4);
        let mut table = Embedding::<f64>::new(6, 3, rng);
        let ids = array![[1, 4], [4, 4], [0, 1]];
        let dy: Array3<f64> = init::normal((3, 2, 3), rng);
        for mut gradient in [EmbeddingGradient::dense(6, 3), EmbeddingGradient::rows(3)] {
            table.backward(&ids, &dy, &mut gradient);
            let loss = |table: &Embedding<f64>| (table.forward(&ids) * &dy).sum();
            check(&mut table, &gradient, loss).assert_below(1e-7);
        }
    }

    #[test]
    #[should_panic(expected = "token 3 of a vocabulary of 3")]
    fn a_token_that_is_not_in_the_table_is_named() {
        Embedding { weight: Array2::<f32>::zeros((3, 2)) }.forward(&array![[0, 3]]);
    }
}
