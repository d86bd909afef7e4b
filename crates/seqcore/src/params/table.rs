//! The gradient of a table of vectors: the whole table, or the rows that a batch touched.

use ndarray::{Array2, ArrayRef2, ArrayView2};

use super::{Named, Scope, Slot, SlotMut};
use crate::Float;

/// The gradient of an [`Embedding`](crate::nn::Embedding); its array is called `weight`, like the table.
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
    /// An empty gradient in the form that suits a table (V, E) of this size.
    pub fn suited_to(table: &ArrayRef2<A>) -> Self {
        let (vocabulary, width) = table.dim();
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
    /// use seqcore::params::EmbeddingGradient;
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
    use proptest::prelude::*;

    use super::*;

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
}
