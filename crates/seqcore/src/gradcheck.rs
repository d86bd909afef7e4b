//! Gradient checking by finite differences: the proof that a backward pass is right.
//!
//! A gradient that was derived by hand is compared with the slope of the loss itself, one number
//! θ_j at a time, by the central difference
//!
//! ```text
//! dL/dθ_j ≈ (L(θ_j + h) - L(θ_j - h)) / 2h        its error falls with h²
//! ```
//!
//! in `f64`. With h = 1e-5 the difference is right to about ten digits: the error of the formula
//! (h² = 1e-10) and the rounding of L (1e-16 / h = 1e-11) are then both small.
//!
//! # The measure
//!
//! For the analytic value a and the numeric value n
//!
//! ```text
//! error = |a - n| / max(|a| + |n|, floor · max(1, |L|))        floor = 1e-3
//! ```
//!
//! This is a relative error where the gradient is large. Where it is tiny, rounding alone makes n
//! wrong by a large *fraction*, so below the floor the error is absolute: a tolerance of 1e-6
//! then asks for nine decimals. A wrong gradient is caught in both ranges; a saturated unit with
//! a gradient of 1e-12 raises no false alarm.
//!
//! The loss must be smooth at the point of the check: a ReLU or a Huber loss within h of its kink
//! has no gradient to compare with.

use std::fmt;

use crate::params::{Named, Slot};

/// The settings of a check. [`check`] uses the defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradCheck {
    /// The step h, times max(1, |θ_j|). Default 1e-5.
    pub step: f64,
    /// How many numbers of one array are checked at most; of a larger array so many are taken,
    /// spread over it. Default 500.
    pub max_per_array: usize,
    /// Below this size (times the loss, where that is above 1) of a gradient its error counts as
    /// absolute. Default 1e-3.
    pub floor: f64,
}

impl Default for GradCheck {
    fn default() -> Self {
        Self { step: 1e-5, max_per_array: 500, floor: 1e-3 }
    }
}

/// Compares `gradients` with finite differences of `loss`, under the default settings.
///
/// `params` may be a layer, a model, or a plain array: the gradient of an input or of an initial
/// state is checked in the same way. They have their first values again afterwards. The loss must
/// not depend on anything else that changes: draw a dropout mask once, outside.
///
/// Panics where the two do not list the same names and shapes in the same order.
///
/// ```
/// use ndarray::{Array1, array};
/// use seqcore::gradcheck::check;
///
/// // L = sum of cubes, so dL/dx = 3 x².
/// let mut x = array![0.5, -2.0, 3.0];
/// let dx = x.mapv(|v: f64| 3.0 * v * v);
/// let report = check(&mut x, &dx, |x: &Array1<f64>| x.mapv(|v| v.powi(3)).sum());
/// assert!(report.worst() < 1e-6, "{report}");
/// ```
pub fn check<P: Named<f64>>(
    params: &mut P,
    gradients: &impl Named<f64>,
    loss: impl FnMut(&P) -> f64,
) -> Report {
    GradCheck::default().check(params, gradients, loss)
}

impl GradCheck {
    /// As the function [`check`], under these settings.
    pub fn check<P: Named<f64>>(
        &self,
        params: &mut P,
        gradients: &impl Named<f64>,
        mut loss: impl FnMut(&P) -> f64,
    ) -> Report {
        let floor = self.floor * loss(params).abs().max(1.0);
        let gradients = gradients.named();
        let mut shapes = Vec::new();
        for (name, slot) in params.named() {
            shapes.push((name, slot.dense().shape().to_vec()));
        }
        assert_eq!(shapes.len(), gradients.len(), "as many gradients as parameters");

        let mut arrays = Vec::new();
        for (k, ((name, shape), (other, gradient))) in shapes.into_iter().zip(gradients).enumerate()
        {
            assert_eq!(name, other, "parameters and gradients in the same order");
            let gradient = dense_values(&name, &shape, gradient);
            let mut entry = ArrayReport::new(name, &shape);
            for j in spread(gradient.len(), self.max_per_array) {
                let numeric = self.slope(params, k, j, &mut loss);
                let analytic = gradient[j];
                let error =
                    (analytic - numeric).abs() / (analytic.abs() + numeric.abs()).max(floor);
                // NaN compares as neither smaller nor larger; here it is the worst there is.
                let error = if error.is_nan() { f64::INFINITY } else { error };
                entry.checked += 1;
                if entry.checked == 1 || error > entry.error {
                    entry.error = error;
                    entry.index = unravel(j, &shape);
                    entry.analytic = analytic;
                    entry.numeric = numeric;
                }
            }
            arrays.push(entry);
        }
        Report { arrays }
    }

    /// The central difference for number `j` of array `k`.
    fn slope<P: Named<f64>>(
        &self,
        params: &mut P,
        k: usize,
        j: usize,
        loss: &mut impl FnMut(&P) -> f64,
    ) -> f64 {
        let value = set(params, k, j, |v| v);
        let h = self.step * value.abs().max(1.0);
        let (right, left) = (value + h, value - h);
        set(params, k, j, |_| right);
        let loss_right = loss(params);
        set(params, k, j, |_| left);
        let loss_left = loss(params);
        set(params, k, j, |_| value);
        // Not 2h: `value + h` was rounded, and this is the distance really walked.
        (loss_right - loss_left) / (right - left)
    }
}

/// Replaces number `j` of array `k` by `f` of it, and returns the new value.
fn set<P: Named<f64>>(params: &mut P, k: usize, j: usize, f: impl Fn(f64) -> f64) -> f64 {
    let (_, slot) = params.named_mut().swap_remove(k);
    let mut array = slot.dense();
    let number = array.iter_mut().nth(j).expect("an index within the array");
    *number = f(*number);
    *number
}

/// All numbers of a gradient in logical order, rows that are not stored as zeros.
fn dense_values(name: &str, shape: &[usize], gradient: Slot<'_, f64>) -> Vec<f64> {
    match gradient {
        Slot::Dense(view) => {
            assert_eq!(view.shape(), shape, "{name}: the gradient has the parameter's shape");
            view.iter().copied().collect()
        }
        Slot::Rows { ids, values } => {
            assert_eq!(values.nrows(), ids.len(), "{name}: one row of values for every id");
            assert_eq!(&shape[1..], &[values.ncols()], "{name}: rows as long as the parameter's");
            let columns = values.ncols();
            let mut dense = vec![0.0; shape[0] * columns];
            for (&id, row) in ids.iter().zip(values.rows()) {
                for (into, value) in dense[id * columns..].iter_mut().zip(row) {
                    *into += value;
                }
            }
            dense
        }
    }
}

/// At most `max` of the indices below `len`, ascending. Steps of the golden ratio spread them
/// evenly and fall into no rhythm with rows and columns, and need no random numbers.
fn spread(len: usize, max: usize) -> Vec<usize> {
    if len <= max {
        return (0..len).collect();
    }
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let mut list: Vec<usize> =
        (1..=max).map(|k| ((k as f64 * GOLDEN).fract() * len as f64) as usize).collect();
    list.sort_unstable();
    list.dedup();
    list
}

/// The index along each axis of the `j`-th number in logical order.
fn unravel(mut j: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (position, &length) in index.iter_mut().zip(shape).rev() {
        *position = j % length;
        j /= length;
    }
    index
}

/// What a check found: for each array its worst number. `Display` prints a small table.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One entry for each array, in the model's order.
    pub arrays: Vec<ArrayReport>,
}

/// The worst number of one array.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayReport {
    /// The array's name; empty for a plain array.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How many of its numbers were compared.
    pub checked: usize,
    /// The largest error, in the [measure of this module](self#the-measure).
    pub error: f64,
    /// Where that was, one index for each axis.
    pub index: Vec<usize>,
    /// What the backward pass says there.
    pub analytic: f64,
    /// What the finite difference says there.
    pub numeric: f64,
}

impl ArrayReport {
    fn new(name: String, shape: &[usize]) -> Self {
        let index = vec![0; shape.len()];
        Self {
            name,
            shape: shape.to_vec(),
            checked: 0,
            error: 0.0,
            index,
            analytic: 0.0,
            numeric: 0.0,
        }
    }
}

impl Report {
    /// The largest error of all; 0 where there was nothing to check.
    pub fn worst(&self) -> f64 {
        self.arrays.iter().map(|array| array.error).fold(0.0, f64::max)
    }

    /// Panics with the whole table unless something was checked and every error is below
    /// `tolerance`. 1e-6 is what this course asks for.
    #[track_caller]
    pub fn assert_below(&self, tolerance: f64) {
        assert!(self.arrays.iter().any(|array| array.checked > 0), "no number was checked");
        assert!(self.worst() < tolerance, "a gradient is wrong by {tolerance:e} or more\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.arrays.iter().map(|array| array.name.len()).max().unwrap_or(0).max(5);
        writeln!(
            f,
            "{:width$} {:>9} {:>7}  {:12} {:>13} {:>13}",
            "array", "error", "checked", "worst at", "analytic", "numeric"
        )?;
        for array in &self.arrays {
            let (name, error, checked) = (&array.name, array.error, array.checked);
            let (index, analytic, numeric) =
                (format!("{:?}", array.index), array.analytic, array.numeric);
            writeln!(
                f,
                "{name:width$} {error:>9.1e} {checked:>7}  {index:12} {analytic:>13.6e} {numeric:>13.6e}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array0, Array1, Array2, ArrayView2, arr0, array};

    use super::*;
    use crate::named;
    use crate::params::{Scope, SlotMut};

    struct Affine<A> {
        weight: Array2<A>,
        bias: Array1<A>,
    }
    named!(Affine { weight, bias });

    fn layer() -> Affine<f64> {
        Affine { weight: array![[0.3, -0.8, 0.1], [1.2, 0.4, -0.5]], bias: array![0.2, -0.7] }
    }

    /// L = Σ tanh(W x + b)², and its gradient written out.
    fn loss(layer: &Affine<f64>) -> f64 {
        (layer.weight.dot(&array![1.0, 2.0, -1.0]) + &layer.bias).mapv(|a| a.tanh().powi(2)).sum()
    }

    fn gradient(layer: &Affine<f64>) -> Affine<f64> {
        let x = array![[1.0, 2.0, -1.0]];
        let y = (layer.weight.dot(&x.row(0)) + &layer.bias).mapv(f64::tanh);
        let da = y.mapv(|y| 2.0 * y * (1.0 - y * y));
        Affine { weight: da.to_shape((2, 1)).unwrap().dot(&x), bias: da }
    }

    #[test]
    fn a_right_gradient_passes_and_the_parameters_come_back() {
        let mut params = layer();
        let report = check(&mut params, &gradient(&layer()), loss);
        report.assert_below(1e-8);
        assert_eq!(report.arrays[0].checked, 6);
        assert_eq!(params.weight, layer().weight);
        assert_eq!(params.bias, layer().bias);
    }

    #[test]
    fn a_factor_of_two_is_an_error_of_a_third() {
        let mut wrong = gradient(&layer());
        wrong.bias *= 2.0;
        let report = check(&mut layer(), &wrong, loss);
        assert!(report.arrays[0].error < 1e-8, "{report}");
        assert!((report.arrays[1].error - 1.0 / 3.0).abs() < 1e-6, "{report}");
    }

    #[test]
    fn a_dropped_term_is_caught() {
        // The derivative of tanh is forgotten.
        let mut x = array![0.5, -0.1];
        let wrong = x.mapv(|x: f64| 2.0 * x.tanh());
        let report = check(&mut x, &wrong, |x| x.mapv(|x| x.tanh().powi(2)).sum());
        assert!(report.worst() > 1e-3, "{report}");
    }

    #[test]
    fn one_wrong_element_is_found_and_named() {
        let mut wrong = gradient(&layer());
        wrong.weight[[1, 2]] += 1e-4;
        let report = check(&mut layer(), &wrong, loss);
        assert_eq!(report.arrays[0].index, [1, 2]);
        assert!(report.arrays[0].error > 1e-5, "{report}");
        let table = report.to_string();
        assert!(table.contains("weight") && table.contains("[1, 2]"), "{table}");
    }

    #[test]
    fn tiny_gradients_raise_no_false_alarm_but_a_missing_one_is_caught() {
        // A saturated unit: the slope is 4 e^-30 or so, far below what a difference can resolve.
        let saturated = |x: &Array0<f64>| 1.0 + x.sum().tanh();
        check(&mut arr0(15.0), &arr0(0.0), saturated).assert_below(1e-6);
        let small = |x: &Array0<f64>| 1e-7 * x.sum();
        assert!(check(&mut arr0(1.0), &arr0(0.0), small).worst() > 1e-5);
        check(&mut arr0(1.0), &arr0(1e-7), small).assert_below(1e-6);
    }

    #[test]
    fn a_gradient_that_is_not_a_number_is_the_worst() {
        let report = check(&mut array![1.0, 2.0], &array![1.0, f64::NAN], |x| x.sum());
        assert_eq!(report.worst(), f64::INFINITY);
        assert_eq!(report.arrays[0].index, [1]);
    }

    #[test]
    fn a_large_array_is_sampled_all_over() {
        let mut x = Array2::from_shape_fn((100, 64), |(i, j)| ((i * 64 + j) as f64).sin());
        let dx = x.mapv(|v| 2.0 * v);
        let mut calls = 0;
        let settings = GradCheck { max_per_array: 50, ..GradCheck::default() };
        let report = settings.check(&mut x, &dx, |x| {
            calls += 1;
            x.mapv(|v| v * v).sum()
        });
        report.assert_below(1e-6);
        assert_eq!(report.arrays[0].checked, 50);
        assert_eq!(calls, 101);
        let columns: std::collections::HashSet<_> =
            spread(6400, 50).iter().map(|j| j % 64).collect();
        assert!(columns.len() > 25);
    }

    /// Two rows of an embedding's gradient.
    struct RowsGradient {
        ids: Vec<usize>,
        values: Array2<f64>,
    }

    impl Named<f64> for RowsGradient {
        fn visit<'a>(&'a self, scope: &Scope, f: &mut dyn FnMut(String, Slot<'a, f64>)) {
            let values: ArrayView2<'a, f64> = self.values.view();
            f(scope.name(), Slot::Rows { ids: &self.ids, values });
        }

        fn visit_mut<'a>(&'a mut self, scope: &Scope, f: &mut dyn FnMut(String, SlotMut<'a, f64>)) {
            f(scope.name(), SlotMut::Rows { ids: &self.ids, values: self.values.view_mut() });
        }
    }

    #[test]
    fn rows_count_as_zero_where_nothing_is_stored() {
        let mut table = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]];
        let right = RowsGradient { ids: vec![1, 3], values: array![[6.0, 8.0], [1.0, 1.0]] };
        let loss = |table: &Array2<f64>| table.row(1).mapv(|v| v * v).sum() + table.row(3).sum();
        check(&mut table, &right, loss).assert_below(1e-6);
        let forgotten = RowsGradient { ids: vec![1], values: array![[6.0, 8.0]] };
        let report = check(&mut table, &forgotten, loss);
        assert_eq!(report.arrays[0].index[0], 3);
        assert!(report.worst() > 0.5);
    }
}
