//! Which rows of a batch have a step at each time: the bookkeeping of sequences of different
//! length.
//!
//! Sequences are sorted by length, longest first. Then the sequences that have a step t are
//! the first n_t rows, every product runs over exactly those, and nothing is computed for
//! padding. The rows of all steps, one step after the other, make the *packed* arrays of
//! N = Σ n_t rows. Where all sequences have the same length nothing moves and N = T·B.

use std::ops::Range;

use ndarray::{Array2, ArrayView3};

use crate::Float;

/// The rows of each step of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packing {
    /// `order[row]` is the sequence that stands in that row; `None` where rows did not move.
    order: Option<Vec<usize>>,
    /// Where each step's rows start among the packed rows; one entry more than steps.
    starts: Vec<usize>,
}

impl Packing {
    /// Packs a batch of `batch` sequences of up to `steps` steps.
    pub fn new(steps: usize, batch: usize, lengths: Option<&[usize]>) -> Self {
        let Some(lengths) = lengths.filter(|lengths| lengths.iter().any(|&n| n != steps)) else {
            return Self { order: None, starts: (0..=steps).map(|t| t * batch).collect() };
        };
        let mut order: Vec<usize> = (0..batch).collect();
        order.sort_by_key(|&b| std::cmp::Reverse(lengths[b]));
        let mut starts = vec![0];
        for t in 0..steps {
            let active = order.iter().take_while(|&&b| lengths[b] > t).count();
            starts.push(starts[t] + active);
        }
        Self { order: Some(order), starts }
    }

    /// N: the packed rows.
    pub fn rows(&self) -> usize {
        *self.starts.last().expect("there is always a first entry")
    }

    /// The packed rows of step `t`; as many as sequences have that step.
    pub fn step(&self, t: usize) -> Range<usize> {
        self.starts[t]..self.starts[t + 1]
    }

    /// Whether every sequence has every step, in its own row.
    pub fn is_plain(&self) -> bool {
        self.order.is_none()
    }

    /// The sequence that stands in `row`.
    pub fn sequence(&self, row: usize) -> usize {
        self.order.as_ref().map_or(row, |order| order[row])
    }

    /// Calls `f(packed row, t, row in the step)` for every step of every sequence, in order of
    /// time.
    pub fn for_each(&self, mut f: impl FnMut(usize, usize, usize)) {
        for t in 0..self.starts.len() - 1 {
            for (row, packed) in self.step(t).enumerate() {
                f(packed, t, row);
            }
        }
    }

    /// The steps that exist of a (T, B, ·) array in the sequences' own order: (N, ·).
    pub fn pack<A: Float>(&self, x: ArrayView3<A>) -> Array2<A> {
        let mut packed = Array2::zeros((self.rows(), x.dim().2)); // (N, ·)
        self.for_each(|p, t, row| {
            packed.row_mut(p).assign(&x.slice(ndarray::s![t, self.sequence(row), ..]));
        });
        packed
    }

    /// Rows of a (B, H) array, from the sequences' own order into that of the rows. They lie one
    /// behind the other in memory, however those of `x` do.
    pub fn sort<A: Float>(&self, x: &Array2<A>) -> Array2<A> {
        let mut sorted = Array2::zeros(x.dim()); // (B, H)
        for (row, mut values) in sorted.outer_iter_mut().enumerate() {
            values.assign(&x.row(self.sequence(row)));
        }
        sorted
    }

    /// The opposite of [`Packing::sort`].
    pub fn unsort<A: Float>(&self, sorted: Array2<A>) -> Array2<A> {
        let Some(order) = &self.order else { return sorted };
        let mut x = Array2::zeros(sorted.dim()); // (B, H)
        for (row, &b) in order.iter().enumerate() {
            x.row_mut(b).assign(&sorted.row(row));
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, array};

    #[test]
    fn rows_are_sorted_and_padding_is_left_out() {
        let packing = Packing::new(3, 3, Some(&[1, 3, 2]));
        assert_eq!(packing.rows(), 6);
        assert_eq!((packing.step(0), packing.step(1), packing.step(2)), (0..3, 3..5, 5..6));
        assert_eq!((0..3).map(|row| packing.sequence(row)).collect::<Vec<_>>(), [1, 2, 0]);
        let x = Array3::from_shape_fn((3, 3, 1), |(t, b, _)| (10 * t + b) as f64);
        assert_eq!(packing.pack(x.view()), array![[1.], [2.], [0.], [11.], [12.], [21.]]);
    }

    #[test]
    fn sorting_is_undone() {
        let packing = Packing::new(4, 3, Some(&[2, 4, 1]));
        let x = array![[1., 2.], [3., 4.], [5., 6.]];
        assert_eq!(packing.unsort(packing.sort(&x)), x);
    }

    #[test]
    fn equal_lengths_are_plain() {
        assert!(Packing::new(4, 2, Some(&[4, 4])).is_plain());
        assert_eq!(Packing::new(4, 2, None).rows(), 8);
    }
}
