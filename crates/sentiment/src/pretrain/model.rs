//! A language model whose body is a classifier's: embedding and recurrent layer, read in both
//! directions.
//!
//! ```text
//! forwards    h_fwd after w_1 .. w_t      predicts w_{t+1}
//! backwards   h_bwd after w_n .. w_t      predicts w_{t−1}
//! p(w | h) = u(w) e^{h · E[w]} / sum_v u(v) e^{h · E[v]}         u: how frequent each word is
//! ```
//!
//! The words' vectors are used twice: as input and to predict (tied weights, Press & Wolf 2017), so
//! E = H. A model that knows nothing has h · E = 0 and says u.
//!
//! **Sampled softmax.** The sum over all V words would cost more than the LSTM. Training replaces it by
//! K words drawn from u, the same for all places of a shard (Bengio & Senécal 2008; Jean et al. 2015):
//!
//! ```text
//! sum_v u(v) e^{s_v}  ≈  u(w) e^{s_w} + (1/K) sum_k e^{s_k}         s_v = h · E[v]
//! ```
//!
//! where drawing from u stands for the factor u. So logits are s_w + ln u(w) + ln K for the observed word
//! and s_k for the others; a drawn word that is the observed one is left out.

use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, s};
use rand::Rng;
use seqcore::data::buckets::Padded;
use seqcore::loss::cross_entropy;
use seqcore::nn::{
    Dropout, Embedding, EmbeddingGradient, LayerState, Linear, Recurrent, RecurrentTape,
};
use seqcore::params::Named;
use seqcore::sequence::{Input, InputGradient};
use seqcore::{Float, named, optim};

/// What classifier and language model share.
#[derive(Debug, Clone, PartialEq)]
pub struct Body<A> {
    /// A vector for each word, (V, E).
    pub embedding: Embedding<A>,
    /// One recurrent layer with E = H.
    pub rnn: Recurrent<A>,
}

named!(Body { embedding, rnn });

/// The gradient of a [`Body`].
#[derive(Debug, Clone)]
pub struct BodyGradient<A> {
    /// The rows that occurred or were drawn.
    pub embedding: EmbeddingGradient<A>,
    /// Of the recurrent layer.
    pub rnn: Recurrent<A>,
}

named!(BodyGradient { embedding, rnn });

/// How frequent words are, to draw from.
#[derive(Debug, Clone)]
pub struct Unigram {
    /// ln u of every word, (V).
    pub log: Vec<f64>,
    cumulative: Vec<f64>,
}

impl Unigram {
    /// Counts words; one is added to each.
    pub fn fit<'a>(reviews: impl IntoIterator<Item = &'a [usize]>, vocabulary: usize) -> Self {
        let mut counts = vec![1.0_f64; vocabulary];
        reviews.into_iter().flatten().for_each(|&id| counts[id] += 1.0);
        let total: f64 = counts.iter().sum();
        let mut sum = 0.0;
        let cumulative = counts.iter().map(|count| {
            sum += count / total;
            sum
        });
        let cumulative = cumulative.collect();
        Self { log: counts.iter().map(|count| (count / total).ln()).collect(), cumulative }
    }

    /// Draws a word.
    fn draw(&self, rng: &mut impl Rng) -> usize {
        let u: f64 = rng.random();
        self.cumulative.partition_point(|&sum| sum <= u).min(self.log.len() - 1)
    }
}

/// How a language model predicts while it trains.
#[derive(Debug, Clone, Copy)]
pub struct Sampled<'a> {
    /// How frequent words are.
    pub unigram: &'a Unigram,
    /// K, how many are drawn.
    pub samples: usize,
    /// Of the states that predict.
    pub dropout: Dropout,
}

/// The places of a batch at which something is predicted.
struct Places {
    /// (t, b, direction): the state that predicts.
    at: Vec<(usize, usize, usize)>,
    /// The observed word, by place.
    words: Vec<usize>,
}

/// What is predicted in a batch whose words are `ids`.
fn places(ids: ArrayView2<usize>, lengths: &[usize], directions: usize) -> Places {
    let (mut at, mut words) = (Vec::new(), Vec::new());
    for direction in 0..directions {
        for (b, &n) in lengths.iter().enumerate() {
            for t in 1..n {
                let (from, to) = if direction == 0 { (t - 1, t) } else { (t, t - 1) };
                at.push((from, b, direction));
                words.push(ids[[to, b]]);
            }
        }
    }
    Places { at, words }
}

impl<A: Float> Body<A> {
    /// A gradient of zero.
    pub fn zero_gradient(&self) -> BodyGradient<A> {
        BodyGradient {
            embedding: EmbeddingGradient::rows(self.embedding.weight.ncols()),
            rnn: Recurrent::zeros(self.rnn.config),
        }
    }

    fn read(&self, batch: &Padded, tape: &mut RecurrentTape<A>) {
        let input = Input::Tokens { ids: batch.ids.view(), table: self.embedding.weight.view() };
        let start = LayerState::zeros(&self.rnn.config, batch.lengths.len());
        self.rnn.forward(input, Some(&batch.lengths), &start, None, tape);
    }

    /// The states that predict, (N, H).
    fn states(&self, tape: &RecurrentTape<A>, places: &Places) -> Array2<A> {
        let hidden = self.rnn.config.hidden;
        let output = tape.output();
        let mut states = Array2::zeros((places.at.len(), hidden)); // (N, H)
        for (mut row, &(t, b, d)) in states.rows_mut().into_iter().zip(&places.at) {
            row.assign(&output.slice(s![t, b, d * hidden..(d + 1) * hidden]));
        }
        states
    }

    /// Sampled loss, summed, and how much was predicted; adds the gradient, divided by `divisor`.
    /// `batch` is what is read, `ids` what is predicted: the same words, none of them dropped.
    pub fn loss_and_gradient(
        &self,
        batch: &Padded,
        ids: ArrayView2<usize>,
        how: &Sampled,
        divisor: usize,
        rng: &mut impl Rng,
        tape: &mut RecurrentTape<A>,
        grads: &mut BodyGradient<A>,
    ) -> (f64, usize) {
        let &Sampled { unigram, samples, dropout } = how;
        let (vocabulary, size) = self.embedding.weight.dim();
        let hidden = self.rnn.config.hidden;
        self.read(batch, tape);
        let places = places(ids, &batch.lengths, self.rnn.config.directions());
        if places.words.is_empty() {
            return (0.0, 0);
        }
        let mut states = self.states(tape, &places); // (N, H)
        let mask = dropout.mask(states.dim(), rng);
        mask.apply(&mut states);
        let drawn: Vec<usize> = (0..samples).map(|_| unigram.draw(rng)).collect();
        let others = Linear { weight: self.embedding.weight.select(Axis(0), &drawn), bias: None };
        let observed = self.embedding.weight.select(Axis(0), &places.words); // (N, E)
        let mut logits = Array2::zeros((states.nrows(), 1 + samples)); // (N, 1 + K)
        logits.slice_mut(s![.., 1..]).assign(&others.forward(&states));
        let offset = (samples as f64).ln();
        for (n, &word) in places.words.iter().enumerate() {
            let prior = A::of(unigram.log[word] + offset);
            logits[[n, 0]] = states.row(n).dot(&observed.row(n)) + prior;
            let hits = drawn.iter().enumerate().filter(|(_, other)| **other == word);
            hits.for_each(|(k, _)| logits[[n, 1 + k]] = A::of(-1e4));
        }
        let loss = cross_entropy(logits, &vec![0; places.words.len()], divisor);
        let d_observed = loss.gradient.column(0);
        let d_others = loss.gradient.slice(s![.., 1..]).to_owned(); // (N, K)
        let mut d_weights = others.zeros_like();
        let mut d_states = others.backward(&states, &d_others, &mut d_weights); // (N, H)
        let mut d_vectors = states; // (N, E): the gradient of the vectors of the observed words
        for (n, &d) in d_observed.iter().enumerate() {
            d_states.row_mut(n).scaled_add(d, &observed.row(n));
            d_vectors.row_mut(n).mapv_inplace(|h| h * d);
        }
        mask.apply(&mut d_states);
        let (steps, columns) = batch.ids.dim();
        let mut d_output = Array3::zeros((steps, columns, self.rnn.config.output())); // (T, B, D·H)
        for (row, &(t, b, d)) in d_states.rows().into_iter().zip(&places.at) {
            let mut into = d_output.slice_mut(s![t, b, d * hidden..(d + 1) * hidden]);
            into += &row;
        }
        let input = Input::Tokens { ids: batch.ids.view(), table: self.embedding.weight.view() };
        let d_table = InputGradient::Table(&mut grads.embedding);
        self.rnn.backward(input, tape, d_output.view(), None, &mut grads.rnn, d_table);
        assert_eq!(d_vectors.ncols(), size, "tied vectors: E = H");
        grads.embedding.add_tokens(&places.words, d_vectors.view(), vocabulary);
        grads.embedding.add_tokens(&drawn, d_weights.weight.view(), vocabulary);
        (loss.sum, loss.count)
    }

    /// The loss with the whole softmax, summed, how much was predicted, and the same loss of the
    /// unigram.
    pub fn exact_loss(&self, batch: &Padded, unigram: &Unigram) -> (f64, usize, f64) {
        let mut tape = RecurrentTape::default();
        self.read(batch, &mut tape);
        let places = places(batch.ids.view(), &batch.lengths, self.rnn.config.directions());
        let states = self.states(&tape, &places);
        let prior: Array1<A> = unigram.log.iter().map(|&u| A::of(u)).collect(); // (V)
        let softmax = Linear { weight: self.embedding.weight.clone(), bias: Some(prior) };
        let (mut sum, mut of_unigram) = (0.0, 0.0);
        for (rows, words) in states.axis_chunks_iter(Axis(0), 256).zip(places.words.chunks(256)) {
            sum += cross_entropy(softmax.forward(&rows), words, 1).sum;
        }
        places.words.iter().for_each(|&word| of_unigram -= unigram.log[word]);
        (sum, places.words.len(), of_unigram)
    }
}

impl<A: Float> BodyGradient<A> {
    /// Back to zero, keeping the memory.
    pub fn set_zero(&mut self) {
        self.embedding.set_zero();
        self.rnn.scale(A::zero());
    }

    /// Adds the gradient of another shard.
    pub fn add(&mut self, other: &Self) {
        self.embedding.add(&other.embedding);
        optim::add(&mut self.rnn, &other.rnn);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use seqcore::cells::Cell;
    use seqcore::data::buckets::pad;
    use seqcore::gradcheck::check;
    use seqcore::nn::RecurrentConfig;

    use super::*;

    fn body(bidirectional: bool) -> Body<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let config = RecurrentConfig { bidirectional, ..RecurrentConfig::new(Cell::Lstm, 4, 4) };
        Body { embedding: Embedding::new(7, 4, rng), rnn: Recurrent::new(config, rng) }
    }

    fn reviews() -> [Vec<usize>; 3] {
        [vec![1, 5, 5, 2, 3], vec![6], vec![3, 1, 6]]
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        for bidirectional in [false, true] {
            let mut body = body(bidirectional);
            let unigram = Unigram::fit(reviews().iter().map(Vec::as_slice), 7);
            let batch = pad(reviews().iter().map(Vec::as_slice));
            let run = |body: &Body<f64>, grads: &mut BodyGradient<f64>| {
                let rng = &mut ChaCha8Rng::seed_from_u64(9);
                let tape = &mut RecurrentTape::default();
                let dropout = Dropout::new(0.3).unwrap();
                let how = Sampled { unigram: &unigram, samples: 5, dropout };
                body.loss_and_gradient(&batch, batch.ids.view(), &how, 1, rng, tape, grads).0
            };
            let mut grads = body.zero_gradient();
            run(&body, &mut grads);
            check(&mut body, &grads, |b| run(b, &mut b.zero_gradient())).assert_below(1e-6);
        }
    }

    #[test]
    fn many_samples_come_near_the_whole_softmax() {
        let body = body(true);
        let unigram = Unigram::fit(reviews().iter().map(Vec::as_slice), 7);
        let batch = pad(reviews().iter().map(Vec::as_slice));
        let (exact, count, of_unigram) = body.exact_loss(&batch, &unigram);
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let (tape, grads) = (&mut RecurrentTape::default(), &mut body.zero_gradient());
        let dropout = Dropout::new(0.0).unwrap();
        let how = Sampled { unigram: &unigram, samples: 20_000, dropout };
        let (sampled, places) =
            body.loss_and_gradient(&batch, batch.ids.view(), &how, 1, rng, tape, grads);
        assert_eq!((places, count), (12, 12)); // (4 + 0 + 2) in each direction
        assert!((sampled / exact - 1.0).abs() < 0.02, "{sampled} and {exact}");
        assert!(of_unigram > 0.0);
    }
}
