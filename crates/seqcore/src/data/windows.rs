//! From a series to samples: windows of the past, targets in the future.
//!
//! ```text
//!            history                 horizon
//!   ┌──────────────────────────┐┌─────────────────┐
//! … x_{t−h+1} … x_{t−1}   x_t   y_{t+1} … y_{t+H}        (F2), origin t
//! ```
//!
//! *Origin* t is the last moment that is known. What is known of the future too, such as the hour of the day, is a
//! table of its own, read at the moments that are forecast. A sample belongs to the part of a split that holds
//! all its *targets*; its history may reach back into the part before, as it would in use.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayRef2, s};

/// How long a window is and what is forecast.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Shape {
    /// How many moments of the past a sample has.
    pub history: usize,
    /// How many steps ahead of the origin each forecast is, ascending: `1..=24`, or 24 alone.
    pub leads: Vec<usize>,
}

impl Shape {
    /// All leads from 1 to `horizon`.
    pub fn new(history: usize, horizon: usize) -> Self {
        Self { history, leads: (1..=horizon).collect() }
    }

    /// The longest lead.
    pub fn horizon(&self) -> usize {
        self.leads.iter().copied().max().unwrap_or(0)
    }

    /// The origins of samples whose targets lie in `part`, and whose history lies in the series.
    pub fn origins(&self, part: &Range<usize>) -> Range<usize> {
        let first = self.leads.iter().copied().min().unwrap_or(1);
        let start = (part.start.max(first) - first).max(self.history.saturating_sub(1));
        let end = part.end.saturating_sub(self.horizon());
        start..end.max(start)
    }

    /// As [`Shape::origins`], but samples that touch `part` with their history are left out as well: for training
    /// on what lies on both sides of a held-out part.
    pub fn origins_clear_of(&self, whole: &Range<usize>, held_out: &Range<usize>) -> Vec<usize> {
        let touches =
            |t: usize| t + 1 - self.history < held_out.end && t + self.horizon() >= held_out.start;
        self.origins(whole).filter(|&t| !touches(t)).collect()
    }
}

/// A batch of samples as a network reads them.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The past, (T, B, C), the oldest moment first.
    pub x: Array3<f32>,
    /// What is known of the moments that are forecast, (B, leads·K).
    pub known: Array2<f32>,
    /// The targets, (B, leads).
    pub y: Array2<f32>,
}

/// A series that was made ready, and which samples of it to use.
#[derive(Debug, Clone)]
pub struct Samples {
    /// The window.
    pub shape: Shape,
    /// The scaled series, (T, C).
    pub inputs: Array2<f32>,
    /// What is known in advance of every moment, (at least T, K), scaled; beyond T for forecasts of the real future.
    pub known: Array2<f32>,
    /// Origins, (N).
    pub origins: Vec<usize>,
    /// Targets in the network's units, (N, leads).
    pub targets: Array2<f32>,
}

impl Samples {
    /// How many samples.
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    /// The samples with these numbers, below N.
    pub fn gather(&self, which: &[usize]) -> Batch {
        let Self { shape, inputs, known, origins, targets } = self;
        let (leads, k) = (shape.leads.len(), known.ncols());
        let mut x = Array3::zeros((shape.history, which.len(), inputs.ncols())); // (T, B, C)
        let mut ahead = Array2::zeros((which.len(), leads * k)); // (B, leads·K)
        let mut y = Array2::zeros((which.len(), leads)); // (B, leads)
        for (b, &n) in which.iter().enumerate() {
            let t = origins[n];
            x.slice_mut(s![.., b, ..]).assign(&inputs.slice(s![t + 1 - shape.history..=t, ..]));
            for (l, lead) in shape.leads.iter().enumerate() {
                ahead.slice_mut(s![b, l * k..(l + 1) * k]).assign(&known.row(t + lead));
            }
            y.row_mut(b).assign(&targets.row(n));
        }
        Batch { x, known: ahead, y }
    }
}

/// What came at each lead, (N, leads), of `series` (T).
pub fn targets(series: &[f64], origins: &[usize], shape: &Shape) -> Array2<f64> {
    Array2::from_shape_fn((origins.len(), shape.leads.len()), |(n, l)| {
        series[origins[n] + shape.leads[l]]
    })
}

/// Each sample as one row of numbers for a linear model, (N, history·C + leads·K): the window, the oldest moment
/// first, then what is known of the moments that are forecast.
pub fn flat(
    inputs: &ArrayRef2<f64>,
    known: &ArrayRef2<f64>,
    origins: &[usize],
    shape: &Shape,
) -> Array2<f64> {
    let (c, k, h) = (inputs.ncols(), known.ncols(), shape.history);
    let mut rows = Array2::zeros((origins.len(), h * c + shape.leads.len() * k)); // (N, h·C + leads·K)
    for (n, &t) in origins.iter().enumerate() {
        let window = inputs.slice(s![t + 1 - h..=t, ..]);
        rows.slice_mut(s![n, ..h * c]).iter_mut().zip(&window).for_each(|(into, x)| *into = *x);
        for (l, lead) in shape.leads.iter().enumerate() {
            let from = h * c + l * k;
            rows.slice_mut(s![n, from..from + k]).assign(&known.row(t + lead));
        }
    }
    rows
}

/// Forecasts of several steps from a rule for one: each is appended to the window and takes part in the next.
/// `window` (history) comes in order of time.
///
/// ```
/// use seqcore::data::windows::recursive;
/// let forecasts = recursive(&[1.0, 2.0], 3, |window| window.iter().sum());
/// assert_eq!(forecasts, [3.0, 5.0, 8.0]);
/// ```
pub fn recursive(window: &[f64], steps: usize, one_step: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut all = window.to_vec();
    for _ in 0..steps {
        all.push(one_step(&all[all.len() - window.len()..]));
    }
    all.split_off(window.len())
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_window_by_hand() {
        let series: Vec<f64> = (0..10).map(f64::from).collect();
        let shape = Shape { history: 3, leads: vec![1, 3] };
        let origins: Vec<usize> = shape.origins(&(0..10)).collect();
        assert_eq!(origins, [2, 3, 4, 5, 6]);
        assert_eq!(targets(&series, &origins, &shape).row(0), array![3.0, 5.0]);

        let inputs = Array2::from_shape_fn((10, 2), |(t, c)| (10 * c + t) as f32);
        let known = Array2::from_shape_fn((10, 1), |(t, _)| 100.0 + t as f32);
        let y = targets(&series, &origins, &shape).mapv(|v| v as f32);
        let samples =
            Samples { shape: shape.clone(), inputs, known, origins: origins.clone(), targets: y };
        let batch = samples.gather(&[1, 4]);
        assert_eq!(batch.x.dim(), (3, 2, 2));
        assert_eq!(batch.x.slice(s![.., 0, 0]), array![1.0, 2.0, 3.0]);
        assert_eq!(batch.x.slice(s![.., 1, 1]), array![14.0, 15.0, 16.0]);
        assert_eq!(batch.known, array![[104.0, 106.0], [107.0, 109.0]]);
        assert_eq!(batch.y, array![[4.0, 6.0], [7.0, 9.0]]);

        let inputs = samples.inputs.mapv(f64::from);
        let rows = flat(&inputs, &samples.known.mapv(f64::from), &origins, &shape);
        assert_eq!(rows.row(1), array![1.0, 11.0, 2.0, 12.0, 3.0, 13.0, 104.0, 106.0]);
    }

    proptest! {
        #[test]
        fn samples_of_two_parts_share_no_target(
            history in 1..20_usize, horizon in 1..10_usize, cut in 1..100_usize, len in 1..100_usize,
        ) {
            let (shape, cut) = (Shape::new(history, horizon), cut.min(len));
            for origin in shape.origins(&(0..cut)) {
                prop_assert!(origin + 1 >= history && origin + horizon < cut);
            }
            for origin in shape.origins(&(cut..len)) {
                prop_assert!(origin + 1 >= cut && origin + horizon < len && origin + 1 >= history);
            }
        }

        #[test]
        fn samples_clear_of_a_block_touch_none_of_it(history in 1..9_usize, horizon in 1..9_usize, start in 0..60_usize) {
            let (shape, block) = (Shape::new(history, horizon), start..start + 15);
            for t in shape.origins_clear_of(&(0..100), &block) {
                for touched in t + 1 - history..=t + horizon {
                    prop_assert!(!block.contains(&touched));
                }
            }
        }
    }
}
