//! Attention: at each step of a decoder, a weighted mean of what the encoder said.
//!
//! The decoder's state asks (query q), every place of the source answers (key k), and the answers
//! decide how much of the place's value v enters the context.
//!
//! ```text
//! (S4)   e_ts = q_t · k_s / √d                       scaled dot product (Vaswani et al. 2017)
//! (S5)   e_ts = v · tanh(W_q q_t + W_k k_s + b)      additive (Bahdanau, Cho & Bengio 2015)
//! (S6)   α_ts = exp(e_ts) / Σ_s' exp(e_ts')          s' over the places that exist
//! (S7)   c_t = Σ_s α_ts v_s                          the context
//! backward
//! (S8)   dα_ts = v_s · dc_t          dv_s += α_ts dc_t
//! (S9)   de_ts = α_ts (dα_ts − Σ_s' α_ts' dα_ts')
//! (S10)  dq_t = Σ_s de_ts k_s / √d   dk_s = Σ_t de_ts q_t / √d
//! (S11)  with u_ts = tanh(...) and da_ts = de_ts v ⊙ (1 − u_ts²):
//!        dq_t = Σ_s da_ts            dk_s = Σ_t da_ts           dv = Σ_ts de_ts u_ts
//! ```
//!
//! Both scores first map states to the d numbers that are compared, q = W_q s_t and k = W_k h_s; the
//! additive one has a bias b there, which the dot product's softmax would cancel. The values are the
//! encoder's states themselves.
//!
//! **Masks** are lengths: a source of n places has n keys. What stands behind is never read, its
//! weight is exactly zero and so is its gradient.
//!
//! Shapes: queries (T, B, H) of the decoder, values (S, B, M) of the encoder, weights (B, T, S).

use ndarray::linalg::general_mat_mul;
use ndarray::{
    Array1, Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis, CowArray, Ix2, s,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::nn::Linear;
use crate::{Float, init, named};

/// How a query and a key are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// The scaled dot product (S4).
    Dot,
    /// A small network (S5).
    Additive,
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Score::Dot => "dot",
            Score::Additive => "additive",
        })
    }
}

impl std::str::FromStr for Score {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "dot" => Ok(Score::Dot),
            "additive" => Ok(Score::Additive),
            _ => Err(format!("unknown attention {s:?}: choose dot or additive")),
        }
    }
}

/// The parameters of an attention layer; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention<A> {
    /// W_q, (d, H).
    pub query: Linear<A>,
    /// W_k, (d, M), with the bias b (d) where the score is additive.
    pub key: Linear<A>,
    /// v (d), which makes the score additive; without it the score is the scaled dot product.
    pub v: Option<Array1<A>>,
}

named!(Attention { query, key, v });

/// What [`Attention::forward`] leaves for [`Attention::backward`].
#[derive(Debug, Clone)]
pub struct AttentionTape<A> {
    q: Array3<A>,
    k: Array3<A>,
    weights: Array3<A>,
    lengths: Vec<usize>,
}

impl<A: Float> Default for AttentionTape<A> {
    fn default() -> Self {
        let empty = || Array3::zeros((0, 0, 0));
        Self { q: empty(), k: empty(), weights: empty(), lengths: Vec::new() }
    }
}

impl<A: Float> AttentionTape<A> {
    /// The weights α, (B, T, S); each row sums to one.
    pub fn weights(&self) -> ArrayView3<'_, A> {
        self.weights.view()
    }
}

impl<A: Float> Attention<A> {
    /// A new layer with PyTorch's default for linear layers; v is drawn from U(±1/√d). `states` is
    /// H, `values` M, `size` d.
    pub fn new(
        score: Score,
        states: usize,
        values: usize,
        size: usize,
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        let additive = score == Score::Additive;
        Self {
            query: Linear::new(states, size, false, rng),
            key: Linear::new(values, size, additive, rng),
            v: additive.then(|| init::fan_in(size, size, rng)),
        }
    }

    /// Zeros in this layer's shapes: an empty gradient.
    pub fn zeros_like(&self) -> Self {
        let v = self.v.as_ref().map(|v| Array1::zeros(v.len()));
        Self { query: self.query.zeros_like(), key: self.key.zeros_like(), v }
    }

    /// Which score this is.
    pub fn score(&self) -> Score {
        if self.v.is_some() { Score::Additive } else { Score::Dot }
    }

    /// The contexts (T, B, M) of `queries` (T, B, H) over `values` (S, B, M), of which sequence b
    /// has `lengths[b]` places.
    pub fn forward(
        &self,
        queries: ArrayView3<A>,
        values: ArrayView3<A>,
        lengths: &[usize],
        tape: &mut AttentionTape<A>,
    ) -> Array3<A> {
        let ((steps, batch, _), (places, _, width)) = (queries.dim(), values.dim());
        check(&queries, &values, lengths);
        tape.lengths = lengths.to_vec();
        tape.q = deep(self.query.forward(&flat(&queries)), steps); // (T, B, d)
        tape.k = deep(self.key.forward(&flat(&values)), places); // (S, B, d)
        tape.weights = Array3::zeros((batch, steps, places)); // (B, T, S)
        let mut contexts = Array3::zeros((steps, batch, width)); // (T, B, M)
        for (b, &n) in lengths.iter().enumerate() {
            let mut weights = tape.weights.slice_mut(s![b, .., ..n]); // (T, n)
            let (q, k) = (tape.q.slice(s![.., b, ..]), tape.k.slice(s![..n, b, ..]));
            self.weigh(q, k, weights.view_mut());
            let values = values.slice(s![..n, b, ..]); // (n, M)
            let mut contexts = contexts.slice_mut(s![.., b, ..]); // (T, M)
            general_mat_mul(A::one(), &weights, &values, A::zero(), &mut contexts); // (S7)
        }
        contexts
    }

    /// The weights (T, n) of mapped queries (T, d) over mapped keys (n, d).
    pub fn weigh(&self, q: ArrayView2<A>, k: ArrayView2<A>, mut e: ArrayViewMut2<A>) {
        match &self.v {
            None => general_mat_mul(scale(q.ncols()), &q, &k.t(), A::zero(), &mut e), // (S4)
            Some(v) => {
                let mut u = Array1::zeros(v.len()); // (d)
                for (q, mut e) in q.outer_iter().zip(e.outer_iter_mut()) {
                    for (k, e) in k.outer_iter().zip(&mut e) {
                        tanh_of_sum(q.as_slice(), k.as_slice(), &mut u);
                        *e = v.dot(&u); // (S5)
                    }
                }
            }
        }
        for mut row in e.outer_iter_mut() {
            let largest = row.iter().fold(A::neg_infinity(), |m, &e| if e > m { e } else { m });
            row.mapv_inplace(|e| (e - largest).exp());
            let total = row.sum();
            row.mapv_inplace(|e| e / total); // (S6)
        }
    }

    /// Goes back from the contexts' gradient `d_contexts` (T, B, M). Adds to `gradient`; returns the
    /// gradients of the queries (T, B, H) and of the values (S, B, M).
    pub fn backward(
        &self,
        queries: ArrayView3<A>,
        values: ArrayView3<A>,
        tape: &AttentionTape<A>,
        d_contexts: ArrayView3<A>,
        gradient: &mut Self,
    ) -> (Array3<A>, Array3<A>) {
        let (steps, places) = (queries.dim().0, values.dim().0);
        let mut dq = Array3::zeros(tape.q.dim()); // (T, B, d)
        let mut dk = Array3::zeros(tape.k.dim()); // (S, B, d)
        let mut d_values = Array3::zeros(values.dim()); // (S, B, M)
        for (b, &n) in tape.lengths.iter().enumerate() {
            let weights = tape.weights.slice(s![b, .., ..n]); // (T, n)
            let dc = d_contexts.slice(s![.., b, ..]); // (T, M)
            let mut dv = d_values.slice_mut(s![..n, b, ..]); // (n, M)
            general_mat_mul(A::one(), &weights.t(), &dc, A::zero(), &mut dv); // (S8)
            let d_weights = dc.dot(&values.slice(s![..n, b, ..]).t()); // (T, n) (S8)
            let mean = (&weights * &d_weights).sum_axis(Axis(1)).insert_axis(Axis(1)); // (T, 1)
            let de = &weights * &(d_weights - mean); // (S9)
            let (q, k) = (tape.q.slice(s![.., b, ..]), tape.k.slice(s![..n, b, ..]));
            let (dq, dk) = (dq.slice_mut(s![.., b, ..]), dk.slice_mut(s![..n, b, ..]));
            self.weigh_back(q, k, &de, dq, dk, gradient);
        }
        let d_queries =
            self.query.backward(&flat(&queries), &flat(&dq.view()), &mut gradient.query);
        d_values +=
            &deep(self.key.backward(&flat(&values), &flat(&dk.view()), &mut gradient.key), places);
        (deep(d_queries, steps), d_values)
    }

    /// From the scores' gradient (T, n) to those of the mapped queries and keys.
    fn weigh_back(
        &self,
        q: ArrayView2<A>,
        k: ArrayView2<A>,
        de: &Array2<A>,
        mut dq: ArrayViewMut2<A>,
        mut dk: ArrayViewMut2<A>,
        gradient: &mut Self,
    ) {
        let (Some(v), Some(dv)) = (&self.v, &mut gradient.v) else {
            let scale = scale(q.ncols());
            general_mat_mul(scale, de, &k, A::zero(), &mut dq); // (S10)
            general_mat_mul(scale, &de.t(), &q, A::zero(), &mut dk); // (S10)
            return;
        };
        let mut u = Array1::zeros(v.len()); // (d)
        for (t, q) in q.outer_iter().enumerate() {
            for (s, k) in k.outer_iter().enumerate() {
                let de = de[[t, s]];
                tanh_of_sum(q.as_slice(), k.as_slice(), &mut u);
                dv.scaled_add(de, &u); // (S11)
                u.zip_mut_with(v, |u, &v| *u = de * v * (A::one() - *u * *u));
                let mut dq = dq.row_mut(t);
                dq += &u; // (S11)
                let mut dk = dk.row_mut(s);
                dk += &u; // (S11)
            }
        }
    }
}

/// 1/√d.
fn scale<A: Float>(size: usize) -> A {
    A::of(1.0 / (size as f64).sqrt())
}

/// u = tanh(q + k): in slices and without branches, so that it becomes vector instructions.
fn tanh_of_sum<A: Float>(q: Option<&[A]>, k: Option<&[A]>, u: &mut Array1<A>) {
    let (q, k) = (q.expect("rows are contiguous"), k.expect("rows are contiguous"));
    let u = u.as_slice_mut().expect("a new array is contiguous");
    for ((u, &q), &k) in u.iter_mut().zip(q).zip(k) {
        *u = (q + k).fast_tanh::<false>();
    }
}

/// (T, B, H) as (T·B, H).
pub fn flat<'a, A: Float>(x: &'a ArrayView3<'_, A>) -> CowArray<'a, A, Ix2> {
    let (steps, batch, size) = x.dim();
    let rows = x.to_shape((steps * batch, size)).expect("as many elements as before");
    if rows.is_standard_layout() { rows } else { rows.as_standard_layout().into_owned().into() }
}

/// (T·B, H) as (T, B, H).
pub fn deep<A: Float>(x: Array2<A>, steps: usize) -> Array3<A> {
    let (rows, size) = x.dim();
    x.into_shape_with_order((steps, rows / steps, size)).expect("T·B rows")
}

fn check<A: Float>(queries: &ArrayView3<A>, values: &ArrayView3<A>, lengths: &[usize]) {
    let (batch, (places, sources, _)) = (queries.dim().1, values.dim());
    assert_eq!((batch, lengths.len()), (sources, sources), "queries and lengths for the values");
    assert!(
        lengths.iter().all(|n| (1..=places).contains(n)),
        "lengths between 1 and {places}, not {lengths:?}"
    );
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::gradcheck::check;

    /// A layer over random states, and what its loss multiplies the contexts with.
    struct Case {
        layer: Attention<f64>,
        queries: Array3<f64>,
        values: Array3<f64>,
        d_contexts: Array3<f64>,
    }

    const LENGTHS: [usize; 3] = [4, 1, 3];

    fn case(score: Score) -> Case {
        let rng = &mut ChaCha8Rng::seed_from_u64(8);
        Case {
            layer: Attention::new(score, 5, 6, 7, rng),
            queries: init::normal((2, 3, 5), rng),
            values: init::normal((4, 3, 6), rng),
            d_contexts: init::normal((2, 3, 6), rng),
        }
    }

    impl Case {
        fn loss(&self, layer: &Attention<f64>, q: &Array3<f64>, v: &Array3<f64>) -> f64 {
            let tape = &mut AttentionTape::default();
            (layer.forward(q.view(), v.view(), &LENGTHS, tape) * &self.d_contexts).sum()
        }
    }

    #[test]
    fn backward_agrees_with_finite_differences() {
        for score in [Score::Dot, Score::Additive] {
            let case = case(score);
            let (queries, values) = (case.queries.view(), case.values.view());
            let mut tape = AttentionTape::default();
            case.layer.forward(queries, values, &LENGTHS, &mut tape);
            let mut gradient = case.layer.zeros_like();
            let (dq, dv) =
                case.layer.backward(queries, values, &tape, case.d_contexts.view(), &mut gradient);
            let (layer, q, v) = (&case.layer, &case.queries, &case.values);
            check(&mut layer.clone(), &gradient, |l| case.loss(l, q, v)).assert_below(1e-6);
            check(&mut q.clone(), &dq, |q| case.loss(layer, q, v)).assert_below(1e-6);
            check(&mut v.clone(), &dv, |v| case.loss(layer, q, v)).assert_below(1e-6);
        }
    }

    #[test]
    fn weights_are_a_distribution_over_the_places_that_exist() {
        for score in [Score::Dot, Score::Additive] {
            let Case { layer, queries, mut values, .. } = case(score);
            let mut tape = AttentionTape::default();
            let contexts = layer.forward(queries.view(), values.view(), &LENGTHS, &mut tape);
            for (b, n) in LENGTHS.into_iter().enumerate() {
                for row in tape.weights().index_axis(Axis(0), b).outer_iter() {
                    assert!((row.sum() - 1.0).abs() < 1e-12);
                    assert!(row.iter().take(n).all(|&w| w > 0.0));
                    assert!(row.iter().skip(n).all(|&w| w == 0.0), "{row}");
                }
            }
            // One place: the context is its value, whatever the query.
            assert_eq!(contexts.slice(s![1, 1, ..]), values.slice(s![0, 1, ..]));
            // What stands behind an end changes nothing.
            values.slice_mut(s![1.., 1, ..]).fill(f64::NAN);
            values.slice_mut(s![3.., 2, ..]).fill(1e300);
            assert_eq!(layer.forward(queries.view(), values.view(), &LENGTHS, &mut tape), contexts);
        }
    }

    // By hand: q = (1, 0), k = (2, 0), (0, 5): e = 2/√2, 0; α = σ(√2), 1 − σ(√2).
    #[test]
    fn a_case_by_hand() {
        let eye = |n| Linear { weight: Array2::eye(n), bias: None };
        let layer = Attention { query: eye(2), key: eye(2), v: None };
        let (q, v) = (array![[[1.0, 0.0]]], array![[[2.0, 0.0]], [[0.0, 5.0]]]);
        let mut tape = AttentionTape::default();
        let c = layer.forward(q.view(), v.view(), &[2], &mut tape);
        let first = 1.0 / (1.0 + (-2.0_f64.sqrt()).exp());
        assert!((tape.weights()[[0, 0, 0]] - first).abs() < 1e-12);
        assert!((c[[0, 0, 0]] - 2.0 * first).abs() < 1e-12);
        assert!((c[[0, 0, 1]] - 5.0 * (1.0 - first)).abs() < 1e-12);
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let Case { layer, queries, values, .. } = case(Score::Dot);
        let (queries, values) = (queries * 1e200, values * 1e100);
        let contexts =
            layer.forward(queries.view(), values.view(), &LENGTHS, &mut AttentionTape::default());
        assert!(contexts.iter().all(|c| c.is_finite()));
    }
}
