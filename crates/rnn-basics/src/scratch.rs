//! A recurrent network from scratch: nothing but arrays. This file uses no layer of `seqcore`; it
//! is what a learner writes, and part **bptt** proves it right.
//!
//! One sequence of characters at a time; vectors stand upright, as in the theory. A character
//! comes in as a one-hot vector, so W_ih x is one column of W_ih and needs no product.
//!
//! ```text
//! forward                                       backward, last step first
//! (R1) a_t = W_ih x_t + b + W_hh h_{t-1}        (R6)  dy_t = (p_t − onehot(target_t)) / N
//! (R2) h_t = tanh(a_t)                          (R7)  dh_t = W_hyᵀ dy_t + what step t+1 sends back
//! (R3) y_t = W_hy h_t + b_y                     (R8)  da_t = dh_t ⊙ (1 − h_t²)
//! (R4) p_t = softmax(y_t)                       (R11) dW_ih += da_t x_tᵀ   (R12) dW_hh += da_t h_{t-1}ᵀ
//! (R5) L = −(1/N) Σ ln p_t[target_t]            (R13) db += da_t           (R10) send W_hhᵀ da_t to t−1
//! ```
//!
//! There is one bias b in place of PyTorch's two: only their sum matters.

use ndarray::{Array1, Array2};
use rand::Rng;

/// The weights; also the type of their gradient. V characters, H units.
///
/// The numbers are `f64`. The letter `A` is there for the gradient check, which looks at a
/// struct of arrays through a trait that is generic over the type of number.
#[derive(Debug, Clone, PartialEq)]
pub struct Rnn<A = f64> {
    /// From the character, (H, V).
    pub weight_ih: Array2<A>,
    /// From the state before, (H, H).
    pub weight_hh: Array2<A>,
    /// (H)
    pub bias: Array1<A>,
    /// From the state to the logits, (V, H).
    pub weight_hy: Array2<A>,
    /// (V)
    pub bias_y: Array1<A>,
}

/// What a forward step leaves for the backward step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The character that was read.
    pub input: usize,
    /// State before, (H).
    pub h_prev: Array1<f64>,
    /// State after, (H).
    pub h: Array1<f64>,
    /// The probability of each character to be the next, (V).
    pub p: Array1<f64>,
}

impl Rnn {
    /// New weights, uniform between ±1/√H.
    pub fn new(vocabulary: usize, hidden: usize, rng: &mut impl Rng) -> Self {
        let bound = 1.0 / (hidden as f64).sqrt();
        let mut rnn = Self::zeros(vocabulary, hidden);
        for weight in [&mut rnn.weight_ih, &mut rnn.weight_hh, &mut rnn.weight_hy] {
            weight.mapv_inplace(|_| rng.random_range(-bound..bound));
        }
        rnn
    }

    /// All zeros: where a gradient starts.
    pub fn zeros(vocabulary: usize, hidden: usize) -> Self {
        Self {
            weight_ih: Array2::zeros((hidden, vocabulary)),
            weight_hh: Array2::zeros((hidden, hidden)),
            bias: Array1::zeros(hidden),
            weight_hy: Array2::zeros((vocabulary, hidden)),
            bias_y: Array1::zeros(vocabulary),
        }
    }

    /// The state before anything was read, (H).
    pub fn zero_state(&self) -> Array1<f64> {
        Array1::zeros(self.bias.len())
    }

    /// Reads `inputs`, one step each, from the state `h` (H).
    pub fn forward(&self, inputs: &[usize], h: &Array1<f64>) -> Vec<Step> {
        let mut h = h.clone();
        let mut steps = Vec::with_capacity(inputs.len());
        for &input in inputs {
            let a = &self.weight_ih.column(input) + &self.bias + self.weight_hh.dot(&h); // (H) (R1)
            let h_prev = std::mem::replace(&mut h, a.mapv(f64::tanh)); // (R2)
            let y = self.weight_hy.dot(&h) + &self.bias_y; // (V) (R3)
            steps.push(Step { input, h_prev, h: h.clone(), p: softmax(y) });
        }
        steps
    }

    /// Goes back over what [`Rnn::forward`] did and returns the gradient of [`loss`].
    ///
    /// The way back is cut every `cut_every` steps: nothing is sent from the first step of a
    /// window to the last step of the one before, though the state went that way. A `cut_every`
    /// of the sequence's length, or more, gives the full gradient.
    pub fn backward(&self, steps: &[Step], targets: &[usize], cut_every: usize) -> Rnn {
        let mut grads = Self::zeros(self.bias_y.len(), self.bias.len());
        let mut dh_next = self.zero_state(); // (H), what step t+1 sends back
        for (t, (step, &target)) in steps.iter().zip(targets).enumerate().rev() {
            let mut dy = step.p.clone(); // (V)
            dy[target] -= 1.0;
            dy /= steps.len() as f64; // (R6)
            add_outer(&mut grads.weight_hy, &dy, &step.h);
            grads.bias_y += &dy;
            let dh = self.weight_hy.t().dot(&dy) + &dh_next; // (H) (R7)
            let da = dh * step.h.mapv(|h| 1.0 - h * h); // (H) (R8)
            let mut column = grads.weight_ih.column_mut(step.input);
            column += &da; // (R11)
            add_outer(&mut grads.weight_hh, &da, &step.h_prev); // (R12)
            grads.bias += &da; // (R13)
            dh_next = self.weight_hh.t().dot(&da); // (R10)
            if t % cut_every == 0 {
                dh_next.fill(0.0); // the cut
            }
        }
        grads
    }
}

/// The mean loss (R5), in nats per character.
pub fn loss(steps: &[Step], targets: &[usize]) -> f64 {
    let nats = steps.iter().zip(targets).map(|(step, &target)| -step.p[target].ln());
    nats.sum::<f64>() / steps.len() as f64 // (R5)
}

/// Probabilities from logits (V). The largest is subtracted first: e to the power of a large
/// logit would be infinite, and only differences matter.
fn softmax(y: Array1<f64>) -> Array1<f64> {
    let max = y.fold(f64::NEG_INFINITY, |max, &y| max.max(y));
    let e = y.mapv(|y| (y - max).exp());
    let sum = e.sum();
    e / sum // (R4)
}

/// `to` += a bᵀ.
fn add_outer(to: &mut Array2<f64>, a: &Array1<f64>, b: &Array1<f64>) {
    for (mut row, &a) in to.outer_iter_mut().zip(a) {
        row.scaled_add(a, b);
    }
}
