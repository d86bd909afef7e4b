//! Pooling: one vector for a whole sequence, whatever its length.
//!
//! ```text
//! last            y = [h_fwd at the end; h_bwd at the beginning]
//! (C3)  mean      y = (1/n) sum_{t<n} h_t
//! (C4)  max       y_j = max_{t<n} h_tj
//! (C5)  attention e_t = u · tanh(W h_t + b),  alpha = softmax over t<n of e_t,  y = sum_t alpha_t h_t
//! ```
//!
//! Backwards, with dy the gradient of y: the mean gives every step dy / n, the maximum all of dy_j
//! to the step that had it, and attention
//!
//! ```text
//! dalpha_t = h_t · dy        de_t = alpha_t (dalpha_t − sum_s alpha_s dalpha_s)
//! dh_t = alpha_t dy + Wᵀ da_t    da_t = de_t u ⊙ (1 − tanh²)    du = sum de_t tanh(..)
//! ```
//!
//! h is (T, B, D), each sequence with its own length n: what stands behind an end takes no part.
//! Several poolings stand side by side, (B, K·D). Attention as in Yang et al. 2016.

use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, s};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::Linear;
use crate::{Float, init, named};

/// A way to make one vector of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// What the network ends with: each direction's last state.
    Last,
    /// The mean over the steps that exist.
    Mean,
    /// The largest value of each unit.
    Max,
    /// A weighted mean whose weights are learned.
    Attention,
}

impl Pool {
    /// All of them.
    pub const ALL: [Pool; 4] = [Pool::Last, Pool::Mean, Pool::Max, Pool::Attention];

    /// Its name in arguments and tables.
    pub fn name(self) -> &'static str {
        match self {
            Pool::Last => "last",
            Pool::Mean => "mean",
            Pool::Max => "max",
            Pool::Attention => "attention",
        }
    }
}

impl std::str::FromStr for Pool {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let found = Pool::ALL.into_iter().find(|pool| pool.name() == s);
        found.ok_or_else(|| format!("unknown pooling {s:?}: choose last, mean, max or attention"))
    }
}

/// Poolings side by side; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooling<A> {
    /// Which, in order.
    pub kinds: Vec<Pool>,
    /// How many directions the sequences were read in: their halves end at different ends.
    pub directions: usize,
    /// The weights of attention, where it is among the kinds.
    pub attention: Option<AttentionPooling<A>>,
}

named!(Pooling { attention });

/// The weights of attention pooling.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionPooling<A> {
    /// W (A, D) and b (A).
    pub score: Linear<A>,
    /// u, (A).
    pub query: Array1<A>,
}

named!(AttentionPooling { score, query });

/// What forward leaves for backward.
#[derive(Debug, Clone, Default)]
pub struct PoolTape<A> {
    /// Where each unit had its maximum, (B, D).
    argmax: Array2<usize>,
    /// tanh(W h + b), (T·B, A).
    tanh: Array2<A>,
    /// alpha, (T, B); zero behind an end.
    weights: Array2<A>,
}

impl<A> PoolTape<A> {
    /// The attention weights alpha of the last batch, (T, B); empty without attention.
    pub fn weights(&self) -> ArrayView2<'_, A> {
        self.weights.view()
    }
}

impl<A: Float> Pooling<A> {
    /// Poolings of `size` = D units read in `directions`. Attention scores with D / 2 units.
    pub fn new(kinds: &[Pool], size: usize, directions: usize, rng: &mut impl Rng) -> Self {
        let inner = (size / 2).max(1);
        let attention = kinds.contains(&Pool::Attention).then(|| AttentionPooling {
            score: Linear::new(size, inner, true, rng),
            query: init::fan_in(inner, inner, rng),
        });
        Self { kinds: kinds.to_vec(), directions, attention }
    }

    /// Zeros in this pooling's shapes: an empty gradient.
    pub fn zeros_like(&self) -> Self {
        let attention = self.attention.as_ref().map(|a| AttentionPooling {
            score: a.score.zeros_like(),
            query: Array1::zeros(a.query.len()),
        });
        Self { kinds: self.kinds.clone(), directions: self.directions, attention }
    }

    /// Pools states `h` (T, B, D) of sequences with these lengths: (B, K·D).
    pub fn forward(
        &self,
        h: ArrayView3<A>,
        lengths: &[usize],
        tape: &mut PoolTape<A>,
    ) -> Array2<A> {
        let (steps, batch, size) = h.dim();
        assert_eq!(batch, lengths.len(), "a length for each sequence of {:?}", h.dim());
        assert!(lengths.iter().all(|n| (1..=steps).contains(n)), "lengths up to {steps}");
        let mut pooled = Array2::zeros((batch, self.kinds.len() * size)); // (B, K·D)
        for (k, kind) in self.kinds.iter().enumerate() {
            let mut y = pooled.slice_mut(s![.., k * size..(k + 1) * size]);
            match kind {
                Pool::Last => {
                    for (b, &n) in lengths.iter().enumerate() {
                        for (part, t) in self.ends(size, n) {
                            y.slice_mut(s![b, part.clone()]).assign(&h.slice(s![t, b, part]));
                        }
                    }
                }
                Pool::Mean => {
                    for (b, &n) in lengths.iter().enumerate() {
                        let share = A::of(1.0 / n as f64);
                        let mut y = y.row_mut(b);
                        (0..n).for_each(|t| y += &h.slice(s![t, b, ..]));
                        y *= share; // (C3)
                    }
                }
                Pool::Max => {
                    tape.argmax = Array2::zeros((batch, size)); // (B, D)
                    for (b, &n) in lengths.iter().enumerate() {
                        let (mut y, mut at) = (y.row_mut(b), tape.argmax.row_mut(b));
                        y.assign(&h.slice(s![0, b, ..]));
                        for t in 1..n {
                            for j in 0..size {
                                if h[[t, b, j]] > y[j] {
                                    (y[j], at[j]) = (h[[t, b, j]], t); // (C4)
                                }
                            }
                        }
                    }
                }
                Pool::Attention => {
                    let attention = self.attention.as_ref().expect("attention has weights");
                    attention.forward(h, lengths, tape);
                    for (b, &n) in lengths.iter().enumerate() {
                        let mut y = y.row_mut(b);
                        (0..n).for_each(|t| {
                            y.scaled_add(tape.weights[[t, b]], &h.slice(s![t, b, ..]))
                        }); // (C5)
                    }
                }
            }
        }
        pooled
    }

    /// The gradient `dy` (B, K·D) of what was pooled to that of `h`, (T, B, D); adds to `grads`.
    pub fn backward(
        &self,
        h: ArrayView3<A>,
        lengths: &[usize],
        tape: &PoolTape<A>,
        dy: ArrayView2<A>,
        grads: &mut Self,
    ) -> Array3<A> {
        let (_, batch, size) = h.dim();
        assert_eq!(dy.dim(), (batch, self.kinds.len() * size), "dy against (B, K·D)");
        let mut dh = Array3::zeros(h.dim()); // (T, B, D)
        for (k, kind) in self.kinds.iter().enumerate() {
            let dy = dy.slice(s![.., k * size..(k + 1) * size]);
            match kind {
                Pool::Last => {
                    for (b, &n) in lengths.iter().enumerate() {
                        for (part, t) in self.ends(size, n) {
                            let mut dh = dh.slice_mut(s![t, b, part.clone()]);
                            dh += &dy.slice(s![b, part]);
                        }
                    }
                }
                Pool::Mean => {
                    for (b, &n) in lengths.iter().enumerate() {
                        let share = A::of(1.0 / n as f64);
                        for t in 0..n {
                            dh.slice_mut(s![t, b, ..]).scaled_add(share, &dy.row(b));
                        }
                    }
                }
                Pool::Max => {
                    for ((b, j), &t) in tape.argmax.indexed_iter() {
                        dh[[t, b, j]] += dy[[b, j]];
                    }
                }
                Pool::Attention => {
                    let attention = self.attention.as_ref().expect("attention has weights");
                    let grads = grads.attention.as_mut().expect("a gradient for attention");
                    attention.backward(h, lengths, tape, dy, grads, &mut dh);
                }
            }
        }
        dh
    }

    /// Which units end at which step of a sequence of length `n`.
    fn ends(&self, size: usize, n: usize) -> Vec<(std::ops::Range<usize>, usize)> {
        let hidden = size / self.directions;
        match self.directions {
            1 => vec![(0..size, n - 1)],
            _ => vec![(0..hidden, n - 1), (hidden..size, 0)],
        }
    }
}

impl<A: Float> AttentionPooling<A> {
    /// Leaves tanh(W h + b) and alpha on the tape.
    fn forward(&self, h: ArrayView3<A>, lengths: &[usize], tape: &mut PoolTape<A>) {
        let (steps, batch, size) = h.dim();
        let rows = h.to_shape((steps * batch, size)).expect("as many elements as before");
        tape.tanh = self.score.forward(&rows).mapv_into(|a| a.tanh()); // (T·B, A)
        let scores = tape.tanh.dot(&self.query); // (T·B)
        tape.weights = Array2::zeros((steps, batch)); // (T, B)
        for (b, &n) in lengths.iter().enumerate() {
            let score = |t: usize| scores[t * batch + b];
            let largest = (0..n).map(score).fold(A::neg_infinity(), |a, e| a.max(e));
            let total: A = (0..n).map(|t| (score(t) - largest).exp()).sum();
            for t in 0..n {
                tape.weights[[t, b]] = (score(t) - largest).exp() / total;
            }
        }
    }

    /// Adds to `dh` and `grads` what the weighted mean owes to them.
    fn backward(
        &self,
        h: ArrayView3<A>,
        lengths: &[usize],
        tape: &PoolTape<A>,
        dy: ArrayView2<A>,
        grads: &mut Self,
        dh: &mut Array3<A>,
    ) {
        let (steps, batch, size) = h.dim();
        let mut d_scores = Array1::zeros(steps * batch); // (T·B)
        for (b, &n) in lengths.iter().enumerate() {
            let dy = dy.row(b);
            let d_weights: Vec<A> = (0..n).map(|t| h.slice(s![t, b, ..]).dot(&dy)).collect();
            let alpha = |t: usize| tape.weights[[t, b]];
            let mean: A = (0..n).map(|t| alpha(t) * d_weights[t]).sum();
            for t in 0..n {
                d_scores[t * batch + b] = alpha(t) * (d_weights[t] - mean);
                dh.slice_mut(s![t, b, ..]).scaled_add(alpha(t), &dy);
            }
        }
        grads.query += &tape.tanh.t().dot(&d_scores);
        let mut da = tape.tanh.mapv(|t| A::one() - t * t); // (T·B, A)
        for (mut row, &de) in da.rows_mut().into_iter().zip(&d_scores) {
            row.zip_mut_with(&self.query, |slope, &u| *slope *= de * u);
        }
        let rows = h.to_shape((steps * batch, size)).expect("as many elements as before");
        let d_rows = self.score.backward(&rows, &da, &mut grads.score); // (T·B, D)
        *dh += &d_rows.into_shape_with_order((steps, batch, size)).expect("T·B rows");
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
    fn each_pooling_does_what_it_says() {
        // One unit in each direction; the second sequence ends after one step.
        let h =
            array![[[1.0, 5.0], [2.0, -3.0]], [[4.0, 3.0], [9.0, 9.0]], [[-2.0, 1.0], [9.0, 9.0]]];
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let pooled = |kinds: &[Pool]| {
            let pooling = Pooling::<f64>::new(kinds, 2, 2, rng);
            pooling.forward(h.view(), &[3, 1], &mut PoolTape::default())
        };
        let mut pooled = pooled;
        assert_eq!(pooled(&[Pool::Last]), array![[-2.0, 5.0], [2.0, -3.0]]);
        assert_eq!(pooled(&[Pool::Mean]), array![[1.0, 3.0], [2.0, -3.0]]);
        assert_eq!(
            pooled(&[Pool::Max, Pool::Mean]),
            array![[4.0, 5.0, 1.0, 3.0], [2.0, -3.0, 2.0, -3.0]]
        );
        assert_eq!(pooled(&[Pool::Attention]).row(1), array![2.0, -3.0]); // one step has weight 1
    }

    #[test]
    fn attention_weights_sum_to_one_over_what_exists() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let h: Array3<f64> = init::normal((5, 3, 4), rng);
        let pooling = Pooling::new(&[Pool::Attention], 4, 1, rng);
        let mut tape = PoolTape::default();
        pooling.forward(h.view(), &[5, 2, 1], &mut tape);
        for (b, n) in [5, 2, 1].into_iter().enumerate() {
            let column = tape.weights().column(b).to_owned();
            assert!((column.sum() - 1.0).abs() < 1e-12);
            assert!(column.iter().skip(n).all(|&w| w == 0.0));
        }
    }

    #[test]
    fn backward_agrees_with_finite_differences() {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let lengths = [4, 1, 3];
        for directions in [1, 2] {
            for kinds in [&Pool::ALL[..], &[Pool::Mean], &[Pool::Attention, Pool::Last]] {
                let mut pooling = Pooling::<f64>::new(kinds, 6, directions, rng);
                let mut h: Array3<f64> = init::normal((4, 3, 6), rng);
                let dy: Array2<f64> = init::normal((3, 6 * kinds.len()), rng);
                let loss = |pooling: &Pooling<f64>, h: &Array3<f64>| {
                    (pooling.forward(h.view(), &lengths, &mut PoolTape::default()) * &dy).sum()
                };
                let mut tape = PoolTape::default();
                pooling.forward(h.view(), &lengths, &mut tape);
                let mut grads = pooling.zeros_like();
                let dh = pooling.backward(h.view(), &lengths, &tape, dy.view(), &mut grads);
                check(&mut h, &dh, |h| loss(&pooling, h)).assert_below(1e-7);
                let states = h.clone();
                if pooling.attention.is_some() {
                    check(&mut pooling, &grads, |p| loss(p, &states)).assert_below(1e-7);
                }
            }
        }
    }
}
