//! Losses: what a model's output costs, and the gradient that starts the backward pass.
//!
//! Every loss takes predictions by value and turns them, in place, into their own gradient. It
//! returns the *sum* over what it counted, the count, and the gradient **already divided by
//! `divisor`**, the count of the whole batch. So a batch that is cut into shards gives the same
//! gradients as in one piece: each shard divides by the same number, and the shards' gradients are
//! added. The loss of the batch is then (sum of sums) / (sum of counts).
//!
//! Softmax cross-entropy, for logits y (N, V) and one target a row:
//!
//! ```text
//! (R4) p_t = softmax(y_t)
//! (R5) L = -(1/N) sum_t ln p_t[target_t]
//! (R6) dL/dy_t = (p_t - onehot(target_t)) / N
//! ```
//!
//! where N counts the rows whose target is not [`IGNORE`]. The others take any shape and count
//! every element; with d = prediction - target, and x a logit:
//!
//! ```text
//! binary cross-entropy   -t ln σ(x) - (1-t) ln (1-σ(x))         gradient σ(x) - t
//! squared error          d²                                     gradient 2d
//! Huber, threshold δ     d²/2 where |d| ≤ δ, else δ(|d| - δ/2)  gradient clamp(d, -δ, δ)
//! pinball, level q       max(-q d, (1-q) d)                     gradient -q or 1-q
//! ```
//!
//! Sums are kept in `f64` whatever the predictions are.

use ndarray::{Array, Array2, ArrayRef, ArrayRef1, Dimension, Ix2};

use crate::Float;
use crate::simd::Kernel;

/// The target of a row that does not count: padding, or a token nobody should predict.
pub const IGNORE: usize = usize::MAX;

/// What a loss returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss<A, D: Dimension> {
    /// The sum over everything counted, in nats for the cross-entropies.
    pub sum: f64,
    /// How much was counted: rows for [`cross_entropy`], elements for the others.
    pub count: usize,
    /// The gradient with respect to the predictions, in their shape, divided by the divisor.
    pub gradient: Array<A, D>,
}

impl<A, D: Dimension> Loss<A, D> {
    /// `sum / count`; 0 where nothing was counted.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }
}

/// Softmax cross-entropy of `logits` (N, V) with one target class a row, in nats.
///
/// A row whose target is [`IGNORE`] costs nothing and gets a zero gradient. `divisor` is the count
/// of the whole batch: [`count_targets`] of all its targets. The largest logit of a row is taken off
/// first, so logits of any size are safe.
///
/// Panics where a target is no class, or where there is not one for every row.
///
/// ```
/// use ndarray::array;
/// use seqcore::loss::cross_entropy;
///
/// // Equal logits over four classes cost ln 4.
/// let loss = cross_entropy(array![[0.0, 0.0, 0.0, 0.0]], &[2], 1);
/// assert!((loss.mean() - 4.0_f64.ln()).abs() < 1e-12);
/// assert_eq!(loss.gradient, array![[0.25, 0.25, -0.75, 0.25]]);
/// ```
pub fn cross_entropy<A: Float>(
    logits: Array2<A>,
    targets: &[usize],
    divisor: usize,
) -> Loss<A, Ix2> {
    let (rows, classes) = logits.dim();
    assert_eq!(rows, targets.len(), "logits ({rows}, {classes}) need one target a row");
    let scale = share(divisor);
    let target_logit = |row: usize| match targets[row] {
        IGNORE => A::zero(),
        target => {
            assert!(target < classes, "target {target} is none of the {classes} classes");
            logits[[row, target]]
        }
    };
    let target_logits: Vec<A> = (0..rows).map(target_logit).collect();
    let mut logits =
        if logits.is_standard_layout() { logits } else { logits.as_standard_layout().into_owned() };
    let peaks = exponentials(logits.as_slice_mut().expect("standard layout"), classes);
    let (mut sum, mut count) = (0.0, 0);
    for (k, (mut row, &target)) in logits.rows_mut().into_iter().zip(targets).enumerate() {
        if target == IGNORE {
            row.fill(A::zero());
            continue;
        }
        let (largest, total) = peaks[k];
        sum += total.as_f64().ln() - (target_logits[k] - largest).as_f64(); // (R5)
        count += 1;
        let weight = A::of(scale) / total;
        row.mapv_inplace(|e| e * weight); // (R4)
        row[target] -= A::of(scale); // (R6)
    }
    Loss { sum, count, gradient: logits }
}

/// Replaces every row of `classes` logits by e^(y − max(y)); returns each row's maximum and the sum
/// of what replaced it.
fn exponentials<A: Float>(rows: &mut [A], classes: usize) -> Vec<(A, A)> {
    if classes == 0 {
        return Vec::new();
    }
    A::exponentials(Exponentials { rows, classes })
}

/// Rows of logits for the exponentials of [`cross_entropy`].
#[derive(Debug)]
pub struct Exponentials<'a, A> {
    rows: &'a mut [A],
    classes: usize,
}

impl<A: Float> Kernel for Exponentials<'_, A> {
    type Output = Vec<(A, A)>;

    #[inline(always)]
    fn run<const LANES: usize, const QUARTER: usize, const FMA: bool>(self) -> Vec<(A, A)> {
        let mut peaks = Vec::with_capacity(self.rows.len() / self.classes);
        for row in self.rows.chunks_exact_mut(self.classes) {
            let mut largest = A::neg_infinity();
            for &y in row.iter() {
                largest = if y > largest { y } else { largest };
            }
            for y in row.iter_mut() {
                *y = (*y - largest).fast_exp::<FMA>();
            }
            let mut total = A::zero();
            for &e in row.iter() {
                total += e;
            }
            peaks.push((largest, total));
        }
        peaks
    }
}

/// How many targets count, that is, are not [`IGNORE`]: the divisor of [`cross_entropy`].
pub fn count_targets(targets: &[usize]) -> usize {
    targets.iter().filter(|&&target| target != IGNORE).count()
}

/// Binary cross-entropy, in nats, of logits with targets between 0 and 1 (of the same shape).
pub fn binary_cross_entropy<A: Float, D: Dimension>(
    logits: Array<A, D>,
    targets: &ArrayRef<A, D>,
    divisor: usize,
) -> Loss<A, D> {
    let one = A::one();
    elementwise(logits, targets, divisor, |x, t| {
        // e^-|x| never overflows; ln(1 + e^-|x|) keeps its digits where that is tiny.
        let e = (-x.abs()).exp();
        let sigmoid = if x >= A::zero() { one / (one + e) } else { e / (one + e) };
        (x.max(A::zero()) - x * t + e.ln_1p(), sigmoid - t)
    })
}

/// Squared error; its mean is the MSE.
pub fn squared_error<A: Float, D: Dimension>(
    predictions: Array<A, D>,
    targets: &ArrayRef<A, D>,
    divisor: usize,
) -> Loss<A, D> {
    elementwise(predictions, targets, divisor, |p, t| {
        let d = p - t;
        (d * d, d + d)
    })
}

/// Huber's loss (1964): quadratic up to `delta` (above 0), linear beyond, so that outliers do not
/// rule the fit.
pub fn huber<A: Float, D: Dimension>(
    predictions: Array<A, D>,
    targets: &ArrayRef<A, D>,
    delta: f64,
    divisor: usize,
) -> Loss<A, D> {
    assert!(delta > 0.0, "Huber's delta is above 0, not {delta}");
    let (delta, half) = (A::of(delta), A::of(0.5));
    elementwise(predictions, targets, divisor, |p, t| {
        let d = p - t;
        if d.abs() <= delta {
            (half * d * d, d)
        } else {
            (delta * (d.abs() - half * delta), delta * d.signum())
        }
    })
}

/// The pinball loss (Koenker & Bassett 1978) of quantile forecasts: `predictions` (N, Q) holds one
/// column for each of the Q `levels` (between 0 and 1), `targets` (N) what came.
///
/// Its minimum is the quantile: too low costs q, too high 1 - q, for each unit. It counts N·Q.
pub fn pinball<A: Float>(
    mut predictions: Array2<A>,
    targets: &ArrayRef1<A>,
    levels: &[f64],
    divisor: usize,
) -> Loss<A, Ix2> {
    let (rows, columns) = predictions.dim();
    assert_eq!(
        (rows, columns),
        (targets.len(), levels.len()),
        "predictions (N, Q) with N targets and Q levels"
    );
    assert!(levels.iter().all(|q| (0.0..=1.0).contains(q)), "levels between 0 and 1: {levels:?}");
    let scale = share(divisor);
    let mut sum = 0.0;
    for (mut row, &target) in predictions.rows_mut().into_iter().zip(targets) {
        for (p, &q) in row.iter_mut().zip(levels) {
            let d = (*p - target).as_f64();
            let slope = if d < 0.0 { -q } else { 1.0 - q };
            sum += slope * d;
            *p = A::of(slope * scale);
        }
    }
    Loss { sum, count: rows * columns, gradient: predictions }
}

/// The loss that `each(prediction, target) -> (loss, its derivative)` makes of every element.
fn elementwise<A: Float, D: Dimension>(
    mut predictions: Array<A, D>,
    targets: &ArrayRef<A, D>,
    divisor: usize,
    each: impl Fn(A, A) -> (A, A),
) -> Loss<A, D> {
    assert_eq!(predictions.shape(), targets.shape(), "predictions and targets of one shape");
    let scale = A::of(share(divisor));
    let mut sum = 0.0;
    predictions.zip_mut_with(targets, |p, &t| {
        let (loss, derivative) = each(*p, t);
        sum += loss.as_f64();
        *p = derivative * scale;
    });
    Loss { sum, count: predictions.len(), gradient: predictions }
}

/// 1 / divisor. A batch in which nothing counts has divisor 0 and only zero gradients to scale.
fn share(divisor: usize) -> f64 {
    1.0 / divisor.max(1) as f64
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Axis, array, s};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::gradcheck::check;
    use crate::init;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-11, "{a} and {b}");
    }

    fn all_close<D: Dimension>(a: &Array<f64, D>, b: &Array<f64, D>) {
        assert_eq!(a.shape(), b.shape());
        a.iter().zip(b).for_each(|(&a, &b)| close(a, b));
    }

    // import torch; from torch.nn import functional as F; torch.set_default_dtype(torch.float64)
    // y = torch.tensor([[1., -2., .5], [.1, .2, .3], [3., -1., 2.]], requires_grad=True)
    // l = F.cross_entropy(y, torch.tensor([2, -100, 0])); l.backward(); l.item(), y.grad
    #[test]
    fn cross_entropy_is_pytorchs() {
        let y = array![[1.0, -2.0, 0.5], [0.1, 0.2, 0.3], [3.0, -1.0, 2.0]];
        let targets = [2, IGNORE, 0];
        let loss = cross_entropy(y, &targets, count_targets(&targets));
        close(loss.mean(), 0.6655797718048769);
        assert_eq!(loss.count, 2);
        let expected = array![
            [0.301874448074, 0.015029443785, -0.316903891859],
            [0.0, 0.0, 0.0],
            [-0.139300407863, 0.006606443477, 0.132693964386]
        ];
        all_close(&loss.gradient, &expected);
    }

    // x = torch.tensor([.8, -1.5, 3., 0.], requires_grad=True); t = torch.tensor([1., 0., 0., .25])
    // l = F.binary_cross_entropy_with_logits(x, t); l.backward(); l.item(), x.grad
    #[test]
    fn binary_cross_entropy_is_pytorchs() {
        let loss =
            binary_cross_entropy(array![0.8, -1.5, 3.0, 0.0], &array![1.0, 0.0, 0.0, 0.25], 4);
        close(loss.mean(), 1.0785621190160544);
        let expected = array![-0.077506379718, 0.045606380952, 0.238143531706, 0.0625];
        all_close(&loss.gradient, &expected);
    }

    // p = torch.tensor([1., -2., .3], requires_grad=True); t = torch.tensor([.5, 1., 0.])
    // l = F.mse_loss(p, t), then F.huber_loss(p, t, delta=0.8)
    #[test]
    fn squared_error_and_huber_are_pytorchs() {
        let (p, t) = (array![1.0, -2.0, 0.3], array![0.5, 1.0, 0.0]);
        let loss = squared_error(p.clone(), &t, 3);
        close(loss.mean(), 3.1133333333333333);
        all_close(&loss.gradient, &array![1.0 / 3.0, -2.0, 0.2]);
        let loss = huber(p, &t, 0.8, 3);
        close(loss.mean(), 0.75);
        all_close(&loss.gradient, &array![1.0 / 6.0, -0.8 / 3.0, 0.1]);
    }

    #[test]
    fn pinball_by_hand() {
        // Target 2; forecasts 1 (too low by 1) and 5 (too high by 3), levels 0.1 and 0.9.
        let loss = pinball(array![[1.0, 5.0]], &array![2.0], &[0.1, 0.9], 2);
        close(loss.sum, 0.1 * 1.0 + 0.1 * 3.0);
        all_close(&loss.gradient, &array![[-0.1 / 2.0, 0.1 / 2.0]]);
        assert_eq!(loss.count, 2);
    }

    #[test]
    fn the_median_minimises_the_pinball_loss() {
        let y = array![1.0, 2.0, 3.0, 10.0, 50.0];
        let cost = |p: f64| pinball(Array2::from_elem((5, 1), p), &y, &[0.5], 5).sum;
        assert!(cost(3.0) < cost(2.9) && cost(3.0) < cost(3.1));
    }

    #[test]
    fn every_gradient_agrees_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut y = init::uniform::<f64, _>((6, 5), 3.0, rng);
        let targets = [4, 0, IGNORE, 2, 2, 1];
        let dy = cross_entropy(y.clone(), &targets, 5).gradient;
        check(&mut y, &dy, |y| cross_entropy(y.clone(), &targets, 5).sum / 5.0).assert_below(1e-7);

        let t = init::uniform::<f64, _>((6, 5), 0.5, rng) + 0.5;
        let dy = binary_cross_entropy(y.clone(), &t, 30).gradient;
        check(&mut y, &dy, |y| binary_cross_entropy(y.clone(), &t, 30).mean()).assert_below(1e-7);
        let dy = squared_error(y.clone(), &t, 30).gradient;
        check(&mut y, &dy, |y| squared_error(y.clone(), &t, 30).mean()).assert_below(1e-7);
        let dy = huber(y.clone(), &t, 0.7, 30).gradient;
        check(&mut y, &dy, |y| huber(y.clone(), &t, 0.7, 30).mean()).assert_below(1e-7);

        let (levels, came) = ([0.05, 0.25, 0.5, 0.75, 0.95], t.column(0).to_owned());
        let dy = pinball(y.clone(), &came, &levels, 30).gradient;
        check(&mut y, &dy, |y| pinball(y.clone(), &came, &levels, 30).mean()).assert_below(1e-7);
    }

    #[test]
    fn shards_add_up_to_the_whole_batch() {
        let y = init::uniform::<f64, _>((7, 4), 2.0, &mut ChaCha8Rng::seed_from_u64(2));
        let targets = [0, IGNORE, 3, 1, 2, 2, IGNORE];
        let whole = cross_entropy(y.clone(), &targets, 5);
        let first = cross_entropy(y.slice(s![..3, ..]).to_owned(), &targets[..3], 5);
        let second = cross_entropy(y.slice(s![3.., ..]).to_owned(), &targets[3..], 5);
        close((first.sum + second.sum) / (first.count + second.count) as f64, whole.mean());
        let joined = ndarray::concatenate![Axis(0), first.gradient, second.gradient];
        assert_eq!(joined, whole.gradient);
    }

    #[test]
    fn extreme_logits_stay_finite() {
        let y = array![[1e4_f32, -1e4, 0.0], [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]];
        let loss = cross_entropy(y, &[0, 1, 2], 1);
        assert!((loss.sum - (0.0 + 2e4 + 3.0_f64.ln())).abs() < 1e-3);
        assert_eq!(loss.gradient.row(0), array![0.0, 0.0, 0.0]);
        assert_eq!(loss.gradient.row(1), array![1.0, -1.0, 0.0]);

        let loss = binary_cross_entropy(array![1e4_f32, 1e4, -1e4], &array![1.0, 0.0, 1.0], 1);
        assert_eq!(loss.sum, 2e4);
        assert_eq!(loss.gradient, array![0.0, 1.0, -1.0]);
        // 1 - σ(40) is lost in f64 if it is formed; the loss itself is e^-40.
        let loss = binary_cross_entropy(array![40.0], &array![1.0], 1);
        assert!((loss.sum / (-40.0_f64).exp() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_batch_in_which_nothing_counts_is_silent() {
        let loss = cross_entropy(array![[1.0, 2.0], [3.0, 4.0]], &[IGNORE, IGNORE], 0);
        assert_eq!((loss.sum, loss.count, loss.mean()), (0.0, 0, 0.0));
        assert_eq!(loss.gradient, Array2::<f64>::zeros((2, 2)));
    }

    #[test]
    fn not_a_number_is_not_hidden() {
        let nan = f64::NAN;
        assert!(cross_entropy(array![[0.0, nan]], &[0], 1).sum.is_nan());
        assert!(binary_cross_entropy(array![nan], &array![0.0], 1).sum.is_nan());
        assert!(huber(array![nan], &array![0.0], 1.0, 1).sum.is_nan());
        assert!(pinball(array![[nan]], &array![0.0], &[0.5], 1).sum.is_nan());
    }

    #[test]
    fn f32_sums_keep_their_digits() {
        let n = 3_000_000;
        let loss = squared_error(Array1::from_elem(n, 0.1_f32), &Array1::zeros(n), n);
        let expected = f64::from(0.1_f32 * 0.1_f32);
        assert!((loss.mean() / expected - 1.0).abs() < 1e-9, "{}", loss.mean());
    }

    #[test]
    #[should_panic(expected = "target 7 is none of the 2 classes")]
    fn a_target_that_is_no_class_is_named() {
        cross_entropy(array![[0.0, 0.0]], &[7], 1);
    }
}
