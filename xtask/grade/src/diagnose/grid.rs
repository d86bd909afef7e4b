//! Arrays of any kind as numbers with a shape, and what can be done to the places of their elements.

use crate::compare::unravel;

/// Numbers of any kind with their shape, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Sizes of the axes.
    pub shape: Vec<usize>,
    /// As many as the shape says.
    pub data: Vec<f64>,
}

impl Grid {
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    pub(super) fn largest(&self) -> f64 {
        let finite = self.data.iter().filter(|x| x.is_finite());
        finite.fold(0.0, |largest, x| largest.max(x.abs()))
    }

    /// The same up to rounding.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.shape == other.shape && same(&self.data, &other.data)
    }

    pub(super) fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self { shape: self.shape.clone(), data: self.data.iter().map(|&x| f(x)).collect() }
    }

    pub(super) fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let data = self.data.iter().zip(&other.data).map(|(&x, &y)| f(x, y)).collect();
        Self { shape: self.shape.clone(), data }
    }

    /// Reordered: the element at `index` of the new one is the element at `from(index)` of this one.
    pub(super) fn gather(&self, shape: Vec<usize>, from: impl Fn(&[usize]) -> Vec<usize>) -> Self {
        let count: usize = shape.iter().product();
        let at = |index: &[usize]| index.iter().zip(&self.shape).fold(0, |k, (i, n)| k * n + i);
        let data = (0..count).map(|k| self.data[at(&from(&unravel(k, &shape)))]).collect();
        Self { shape, data }
    }

    pub(super) fn transposed(&self) -> Self {
        let shape = self.shape.iter().rev().copied().collect();
        self.gather(shape, |index| index.iter().rev().copied().collect())
    }

    /// `range` of an axis.
    pub(super) fn part(&self, axis: usize, range: std::ops::Range<usize>) -> Self {
        let mut shape = self.shape.clone();
        shape[axis] = range.len();
        self.gather(shape, |index| {
            let mut index = index.to_vec();
            index[axis] += range.start;
            index
        })
    }

    pub(super) fn reversed(&self, axis: usize) -> Self {
        self.gather(self.shape.clone(), |index| {
            let mut index = index.to_vec();
            index[axis] = self.shape[axis] - 1 - index[axis];
            index
        })
    }

    pub(super) fn running_sum(&self, axis: usize) -> Self {
        let stride: usize = self.shape[axis + 1..].iter().product();
        let mut sum = self.clone();
        for k in 0..sum.len() {
            if !(k / stride).is_multiple_of(self.shape[axis]) {
                sum.data[k] += sum.data[k - stride];
            }
        }
        sum
    }

    /// Repeated along leading axes, as ndarray broadcasts.
    pub(super) fn stretched(&self, shape: &[usize]) -> Option<Self> {
        let extra = shape.len().checked_sub(self.shape.len())?;
        let fits = self.shape.iter().zip(&shape[extra..]).all(|(&n, &m)| n == m || n == 1);
        let one = |index: &[usize]| {
            let own = index[extra..].iter().zip(&self.shape);
            own.map(|(&i, &n)| if n == 1 { 0 } else { i }).collect()
        };
        fits.then(|| self.gather(shape.to_vec(), one))
    }
}

/// Equal up to rounding.
pub(super) fn same(a: &[f64], b: &[f64]) -> bool {
    let largest = b.iter().filter(|x| x.is_finite()).fold(0.0_f64, |m, x| m.max(x.abs()));
    let close = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= 1e-9 + 1e-6 * largest;
    a.len() == b.len() && a.iter().zip(b).all(close)
}

/// What an axis is called.
pub(super) fn axis_name(grid: &Grid, axis: usize) -> String {
    match (grid.shape.len(), axis) {
        (1, _) => "the list".into(),
        (_, axis) => format!("axis {axis}"),
    }
}
