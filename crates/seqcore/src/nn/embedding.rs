//! The embedding: a table with one learned vector for each token of the vocabulary.
//!
//! ```text
//! forward    y = W[id]              W (V, E), ids (T, B), y (T, B, E)
//! backward   dW[id] += dy           for every occurrence of id
//! ```
//!
//! A batch touches few rows of a large table, so its gradient may be kept as *rows*: only those that
//! occurred, with repeated tokens summed.

use ndarray::{Array2, Array3, ArrayRef2, ArrayRef3, ArrayView2};
use rand::Rng;

use crate::params::{Named, Scope, Slot, SlotMut};
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

/// The gradient of an [`Embedding`]; its array is called `weight`, like the table.
///
/// Which form it has is decided where it is made. *Dense* suits a small vocabulary, of which each
/// batch uses most; under Adam it means what PyTorch's default does. *Rows* suits a large one; most
/// optimisers then leave the other rows alone (see [`optim`](crate::optim)).
#[derive(Debug, Clone, PartialEq)]
pub enum EmbeddingGradient<A> {
    /// The whole table, (V, E).
    Dense(Array2<A>),
    /// Some of its rows; the others are zero.
    Rows {
        /// Which: distinct and ascending.
        ids: Vec<usize>,
        /// Their gradients, (ids, E).
        values: Array2<A>,
    },
}

/// Up to so many tokens the embedding's gradient is a whole table. A batch touches most of a
/// small vocabulary anyway; of a large one only the rows it touches are kept.
const DENSE_ROWS: usize = 1024;

impl<A: Float> EmbeddingGradient<A> {
    /// An empty gradient in the form that suits the table's size.
    pub fn suited_to(table: &Embedding<A>) -> Self {
        let (vocabulary, width) = table.weight.dim();
        if vocabulary <= DENSE_ROWS { Self::dense(vocabulary, width) } else { Self::rows(width) }
    }

    /// An empty gradient of the whole table.
    pub fn dense(vocabulary: usize, width: usize) -> Self {
        Self::Dense(Array2::zeros((vocabulary, width)))
    }

    /// An empty gradient of rows.
    pub fn rows(width: usize) -> Self {
        Self::Rows { ids: Vec::new(), values: Array2::zeros((0, width)) }
    }

    /// Rows from one vector (N, E) for each of N tokens; those of a repeated token are summed.
    ///
    /// ```
    /// use ndarray::array;
    /// use seqcore::nn::EmbeddingGradient;
    ///
    /// let dy = array![[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]];
    /// let gradient = EmbeddingGradient::from_tokens(&[7, 2, 7], dy.view(), 10);
    /// let values = array![[2.0, 2.0], [4.0, 4.0]];
    /// assert_eq!(gradient, EmbeddingGradient::Rows { ids: vec![2, 7], values });
    /// ```
    pub fn from_tokens(tokens: &[usize], dvalues: ArrayView2<'_, A>, vocabulary: usize) -> Self {
        assert_eq!(tokens.len(), dvalues.nrows(), "one vector a token");
        let mut ids = tokens.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let last = ids.last().copied();
        assert!(last < Some(vocabulary), "token {last:?} of a vocabulary of {vocabulary}");
        let mut values = Array2::zeros((ids.len(), dvalues.ncols())); // (ids, E)
        for (token, row) in tokens.iter().zip(dvalues.rows()) {
            let position = ids.binary_search(token).expect("every token is among the ids");
            let mut into = values.row_mut(position);
            into += &row;
        }
        Self::Rows { ids, values }
    }

    /// Adds one vector (N, E) for each of N tokens, in their order.
    pub fn add_tokens(&mut self, tokens: &[usize], dvalues: ArrayView2<'_, A>, vocabulary: usize) {
        match self {
            Self::Dense(table) => {
                assert_eq!(tokens.len(), dvalues.nrows(), "one vector a token");
                add_rows(table, tokens, dvalues);
            }
            Self::Rows { .. } => {
                self.add(&Self::from_tokens(tokens, dvalues, vocabulary));
            }
        }
    }

    /// Adds another gradient of the same table. Rows grow by those they do not have; where either is
    /// dense, so is the sum.
    pub fn add(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Dense(into), Self::Dense(from)) => *into += from,
            (Self::Dense(into), Self::Rows { ids, values }) => add_rows(into, ids, values.view()),
            (Self::Rows { ids, values }, Self::Dense(from)) => {
                let mut sum = from.clone();
                add_rows(&mut sum, ids, values.view());
                *self = Self::Dense(sum);
            }
            (Self::Rows { ids, values }, Self::Rows { ids: more, values: from }) => {
                if ids.is_empty() {
                    other.clone_into(self);
                } else if !more.is_empty() {
                    (*ids, *values) = merge(ids, values, more, from);
                }
            }
        }
    }

    /// The whole table (V, E), rows that are not stored as zeros.
    pub fn to_dense(&self, vocabulary: usize) -> Array2<A> {
        match self {
            Self::Dense(table) => table.clone(),
            Self::Rows { ids, values } => {
                let mut table = Array2::zeros((vocabulary, values.ncols())); // (V, E)
                add_rows(&mut table, ids, values.view());
                table
            }
        }
    }
}

/// Adds each row of `values` to the row of `table` that `ids` names.
fn add_rows<A: Float>(table: &mut Array2<A>, ids: &[usize], values: ArrayView2<'_, A>) {
    for (&id, row) in ids.iter().zip(values.rows()) {
        let mut into = table.row_mut(id);
        into += &row;
    }
}

/// The union of two sets of rows, those of both summed.
fn merge<A: Float>(
    ids: &[usize],
    values: &Array2<A>,
    more: &[usize],
    from: &Array2<A>,
) -> (Vec<usize>, Array2<A>) {
    assert_eq!(values.ncols(), from.ncols(), "gradients of one table");
    let mut union = [ids, more].concat();
    union.sort_unstable();
    union.dedup();
    let mut sum = Array2::zeros((union.len(), values.ncols())); // (ids, E)
    for (ids, values) in [(ids, values), (more, from)] {
        // Both are ascending: the position only moves forward.
        let mut position = 0;
        for (id, row) in ids.iter().zip(values.rows()) {
            while union[position] != *id {
                position += 1;
            }
            let mut into = sum.row_mut(position);
            into += &row;
        }
    }
    (union, sum)
}

impl<A: Float> EmbeddingGradient<A> {
    /// Back to zero; a table keeps its memory, rows are forgotten.
    pub fn set_zero(&mut self) {
        match self {
            Self::Dense(table) => table.fill(A::zero()),
            Self::Rows { ids, values } => {
                ids.clear();
                *values = Array2::zeros((0, values.ncols()));
            }
        }
    }
}

impl<A: Float> Named<A> for EmbeddingGradient<A> {
    fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, A>)) {
        let slot = match self {
            Self::Dense(table) => Slot::Dense(table.view().into_dyn()),
            Self::Rows { ids, values } => Slot::Rows { ids, values: values.view() },
        };
        f(scope.inside("weight").name(), slot);
    }

    fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, A>)) {
        let slot = match self {
            Self::Dense(table) => SlotMut::Dense(table.view_mut().into_dyn()),
            Self::Rows { ids, values } => SlotMut::Rows { ids, values: values.view_mut() },
        };
        f(scope.inside("weight").name(), slot);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;
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

    /// Up to 12 tokens below 8, each with a vector of small whole numbers, whose sums are exact.
    fn tokens() -> impl Strategy<Value = (Vec<usize>, Array2<f64>)> {
        proptest::collection::vec((0..8_usize, -9..9_i32), 0..12).prop_map(|list| {
            let ids = list.iter().map(|(id, _)| *id).collect();
            let values = Array2::from_shape_fn((list.len(), 2), |(i, j)| {
                f64::from(list[i].1) * (j + 1) as f64
            });
            (ids, values)
        })
    }

    proptest! {
        #[test]
        fn rows_mean_the_same_as_the_table((a, da) in tokens(), (b, db) in tokens()) {
            let mut dense = EmbeddingGradient::dense(8, 2);
            dense.add_tokens(&a, da.view(), 8);
            dense.add_tokens(&b, db.view(), 8);

            let mut rows = EmbeddingGradient::from_tokens(&a, da.view(), 8);
            let other = EmbeddingGradient::from_tokens(&b, db.view(), 8);
            let mut mixed = rows.clone();
            rows.add(&other);
            prop_assert_eq!(EmbeddingGradient::Dense(rows.to_dense(8)), dense.clone());
            let EmbeddingGradient::Rows { ids, .. } = &rows else { panic!("rows stay rows") };
            prop_assert!(ids.is_sorted_by(|a, b| a < b), "distinct and ascending: {:?}", ids);

            mixed.add(&EmbeddingGradient::Dense(other.to_dense(8)));
            prop_assert_eq!(mixed, dense);
        }
    }

    #[test]
    #[should_panic(expected = "token 3 of a vocabulary of 3")]
    fn a_token_that_is_not_in_the_table_is_named() {
        Embedding { weight: Array2::<f32>::zeros((3, 2)) }.forward(&array![[0, 3]]);
    }
}
