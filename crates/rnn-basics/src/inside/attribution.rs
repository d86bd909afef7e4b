//! Which past characters moved a prediction?
//!
//! A character comes in as a vector, its embedding x_k. Backpropagation through time gives the
//! gradient of the *logarithm of the probability* of the character that came next,
//!
//! ```text
//! g_k = d ln p(next) / d x_k        (E), one for each past character k
//! ```
//!
//! and its length |g_k| says how much ln p would change if x_k were nudged a little in the
//! direction that matters most. We show |g_k| and not g_k · x_k: the product asks what would
//! happen on the way to an embedding of zero, and zero is no character. The length has no sign:
//! it tells that a character mattered, not whether it spoke for or against what came.
//!
//! A character cannot be nudged, only swapped for another. [`swap_effect`] does that and
//! measures, so that the gradient's answer can be checked against it.
//!
//! Shapes: T past characters in one sequence (B = 1), embeddings (T, 1, E).

use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use seqcore::Float;
use seqcore::models::language::{LanguageModel, LanguageTape};
use seqcore::nn::{Recurrent, RecurrentTape};
use seqcore::sequence::{Input, InputGradient};

/// The gradient of one prediction.
#[derive(Debug, Clone)]
pub struct Attribution<A> {
    /// ln p of the character that came next, in nats.
    pub log_probability: f64,
    /// g_k for each past character, (T, E).
    pub gradient: Array2<A>,
}

impl<A: Float> Attribution<A> {
    /// |g_k| for each past character, in nats per unit of its embedding.
    pub fn lengths(&self) -> Vec<f64> {
        let square = |g: &A| g.as_f64().powi(2);
        self.gradient.rows().into_iter().map(|g| g.iter().map(square).sum::<f64>().sqrt()).collect()
    }

    /// The lengths as shares of their sum.
    pub fn shares(&self) -> Vec<f64> {
        let lengths = self.lengths();
        let sum = lengths.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        lengths.iter().map(|length| length / sum).collect()
    }
}

/// The share of the last `n` characters together.
pub fn share_of_last(shares: &[f64], n: usize) -> f64 {
    shares.iter().rev().take(n).sum()
}

/// Reads `context` from an empty state and differentiates ln p(`next`).
///
/// Panics where the context is empty or holds an id that the model does not know.
pub fn attribute<A: Float>(
    model: &LanguageModel<A>,
    context: &[usize],
    next: usize,
) -> Attribution<A> {
    let ids = Array2::from_shape_vec((context.len(), 1), context.to_vec()).expect("one column");
    let x = model.embedding.forward(&ids); // (T, 1, E)
    attribute_vectors(model, x.view(), next)
}

/// As [`attribute`], of embeddings (T, 1, E) that need not be those of characters.
pub fn attribute_vectors<A: Float>(
    model: &LanguageModel<A>,
    x: ArrayView3<A>,
    next: usize,
) -> Attribution<A> {
    let (steps, batch, size) = x.dim();
    assert!(steps > 0 && batch == 1, "one sequence of some characters, not {:?}", x.dim());
    let mut tape = RecurrentTape::<A>::default();
    model.rnn.forward(Input::Dense(x), None, &model.zero_state(1), None, &mut tape);
    let last = tape.output().slice(s![steps - 1, .., ..]).to_owned(); // (1, H)
    let logits = model.linear.forward(&last); // (1, V) (R3)

    // The logarithm of the softmax (R4), and its gradient by the logits: onehot − p.
    let row = logits.row(0);
    let largest = row.fold(A::neg_infinity(), |a, &b| a.max(b));
    let log_sum = largest + row.mapv(|y| (y - largest).exp()).sum().ln();
    let log_p = row.mapv(|y| y - log_sum); // (V)
    let mut d_logits = log_p.mapv(|l| -l.exp()).insert_axis(Axis(0)); // (1, V)
    d_logits[[0, next]] += A::one();

    // Back to the last state, and through time to every embedding. The weights' gradients, which
    // come along, are not needed.
    let mut unused = (model.linear.zeros_like(), Recurrent::zeros(model.rnn.config));
    let dh = model.linear.backward(&last, &d_logits, &mut unused.0); // (1, H)
    let mut d_output = Array3::zeros(tape.output().raw_dim()); // (T, 1, H)
    d_output.slice_mut(s![steps - 1, .., ..]).assign(&dh);
    let mut dx = Array3::zeros((steps, 1, size)); // (T, 1, E)
    let d_input = InputGradient::Dense(dx.view_mut());
    model.rnn.backward(Input::Dense(x), &mut tape, d_output.view(), None, &mut unused.1, d_input);
    Attribution {
        log_probability: log_p[next].as_f64(),
        gradient: dx.index_axis_move(Axis(1), 0), // (T, E)
    }
}

/// What really happens when one past character is swapped: for each place the mean change of
/// ln p(`next`), without its sign, over the `others` that are put there in turn. In nats.
pub fn swap_effect<A: Float>(
    model: &LanguageModel<A>,
    context: &[usize],
    next: usize,
    others: &[usize],
) -> Vec<f64> {
    let mut tape = LanguageTape::<A>::default();
    // Each place has a batch of its own: the text as it is, then once for each other character.
    let place = |k: usize| {
        let mut ids = Array2::from_shape_fn((context.len(), others.len() + 1), |(t, _)| context[t]); // (T, B)
        ids.slice_mut(s![k, 1..]).iter_mut().zip(others).for_each(|(id, &other)| *id = other);
        let state = model.zero_state(others.len() + 1);
        let logits = model.forward(ids.view(), &state, None, &mut tape); // (T·B, V)
        let last = logits.slice(s![-(others.len() as isize + 1).., ..]); // (B, V)
        let log_p: Vec<f64> = last.rows().into_iter().map(|row| log_softmax(row, next)).collect();
        let changes = log_p[1..].iter().map(|l| (l - log_p[0]).abs());
        changes.sum::<f64>() / others.len().max(1) as f64
    };
    (0..context.len()).map(place).collect()
}

/// ln of the softmax (R4) of one entry.
pub fn log_softmax<A: Float>(logits: ndarray::ArrayView1<A>, entry: usize) -> f64 {
    let largest = logits.fold(f64::NEG_INFINITY, |a, b| a.max(b.as_f64()));
    let sum: f64 = logits.iter().map(|y| (y.as_f64() - largest).exp()).sum();
    logits[entry].as_f64() - largest - sum.ln()
}
