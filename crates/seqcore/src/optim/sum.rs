//! Adding the gradients of a batch's shards.

use ndarray::{ArrayView2, ArrayViewMutD, Ix2};

use super::side_by_side;
use crate::Float;
use crate::params::{Named, Slot, SlotMut};

/// Adds the gradients `from` one shard to those in `into`. Called in the order of the shards, it
/// gives the same bits however many threads computed them.
///
/// A dense gradient takes up dense ones and rows. A gradient of rows can only take up rows that it
/// has, because an array cannot grow through a borrow: where shards touch different rows,
/// use [`EmbeddingGradient::add`](crate::nn::EmbeddingGradient::add).
///
/// Panics where the two do not list the same names and shapes in the same order.
pub fn add<A: Float>(into: &mut impl Named<A>, from: &impl Named<A>) {
    let numbers = from.count();
    let (into, from) = (into.named_mut(), from.named());
    assert_eq!(into.len(), from.len(), "as many gradients in both");
    let pairs = into.into_iter().zip(from).collect();
    side_by_side(pairs, numbers, |((name, into), (other, from))| {
        assert_eq!(name, other, "gradients in the same order");
        add_array(&name, into, from);
    });
}

/// Adds one array of a gradient.
fn add_array<A: Float>(name: &str, into: SlotMut<'_, A>, from: Slot<'_, A>) {
    match (into, from) {
        (SlotMut::Dense(mut into), Slot::Dense(from)) => {
            assert_eq!(into.shape(), from.shape(), "{name}: gradients of one shape");
            into += &from;
        }
        (SlotMut::Dense(into), Slot::Rows { ids, values }) => add_rows(into, ids, values),
        (SlotMut::Rows { ids: have, mut values }, Slot::Rows { ids, values: more }) => {
            for (id, row) in ids.iter().zip(more.rows()) {
                let Ok(position) = have.binary_search(id) else {
                    panic!("{name}: row {id} is new here; see EmbeddingGradient::add");
                };
                let mut into = values.row_mut(position);
                into += &row;
            }
        }
        (SlotMut::Rows { .. }, Slot::Dense(_)) => {
            panic!("{name}: rows cannot take up a dense gradient; see EmbeddingGradient::add")
        }
    }
}

/// Adds rows to a dense table (V, E).
fn add_rows<A: Float>(into: ArrayViewMutD<'_, A>, ids: &[usize], values: ArrayView2<'_, A>) {
    let mut into = into.into_dimensionality::<Ix2>().expect("rows belong to a table");
    for (&id, row) in ids.iter().zip(values.rows()) {
        let mut into = into.row_mut(id);
        into += &row;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::nn::EmbeddingGradient;

    fn rows(ids: &[usize], values: Array2<f64>) -> EmbeddingGradient<f64> {
        EmbeddingGradient::from_tokens(ids, values.view(), 4)
    }

    #[test]
    fn dense_gradients_take_up_both_kinds() {
        let mut sum = EmbeddingGradient::dense(4, 2);
        add(&mut sum, &EmbeddingGradient::Dense(Array2::from_elem((4, 2), 1.0)));
        add(&mut sum, &rows(&[3, 0], array![[1.0, 2.0], [3.0, 4.0]]));
        assert_eq!(sum.to_dense(4), array![[4.0, 5.0], [1.0, 1.0], [1.0, 1.0], [2.0, 3.0]]);
    }

    #[test]
    fn rows_take_up_rows_that_they_have() {
        let mut sum = rows(&[0, 3], array![[1.0], [2.0]]);
        add(&mut sum, &rows(&[3], array![[5.0]]));
        assert_eq!(sum, rows(&[0, 3], array![[1.0], [7.0]]));
    }

    #[test]
    #[should_panic(expected = "row 2 is new here")]
    fn rows_do_not_lose_a_new_row() {
        add(&mut rows(&[0, 3], array![[1.0], [2.0]]), &rows(&[2], array![[5.0]]));
    }
}
